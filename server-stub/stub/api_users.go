package stub

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// userList is what can be asked of the users.
func userList() collection {
	return collection{
		from: "users WHERE 1",
		columns: map[string]column{"_id": {sql: "id"}, "id": {sql: "id"}, "username": {sql: "username"}, "email": {sql: "email"},
			"firstname": {sql: "first_name"}, "lastname": {sql: "last_name"}},
		searched: []string{"username", "email", "firstname", "lastname"},
		order:    "id",
	}
}

// wireUser is a user as the API gives it: https://docs.jumpcloud.com/api/1.0/index.html#tag/Systemusers, the fields
// for which there is something to say.
type wireUser struct {
	UnderscoreID    string   `json:"_id"`
	ID              string   `json:"id"`
	Organization    string   `json:"organization"`
	Username        string   `json:"username"`
	SystemUsername  string   `json:"systemUsername"` // of the account on devices where it is another; not in the published documents
	Email           string   `json:"email"`
	FirstName       string   `json:"firstname"`
	LastName        string   `json:"lastname"`
	Created         string   `json:"created"`
	State           string   `json:"state"`
	Activated       bool     `json:"activated"`
	Suspended       bool     `json:"suspended"`
	Locked          bool     `json:"account_locked"`
	LockedDate      *string  `json:"account_locked_date"`
	BadTries        int      `json:"badLoginAttempts"`
	TOTP            bool     `json:"totp_enabled"`
	MFA             object   `json:"mfa"`
	PortalFactor    bool     `json:"enable_user_portal_multifactor"`
	PasswordExpired bool     `json:"password_expired"`
	External        bool     `json:"externally_managed"`
	Relationships   []object `json:"relationships"`
	SSHKeys         []object `json:"ssh_keys"`
	Tags            []string `json:"tags"`
	userNotes
}

// wireUsers reads users; rest goes on after the WHERE.
func (s *Server) wireUsers(ctx context.Context, q querier, rest string, args ...any) ([]wireUser, error) {
	org, err := organization(ctx, q)
	if err != nil {
		return nil, err
	}
	now := s.now()
	return query(ctx, q, func(r *sql.Rows) (wireUser, error) {
		var u User
		var until time.Time
		var notes string
		w := wireUser{Organization: org.ID, Relationships: []object{}, SSHKeys: []object{}, Tags: []string{},
			userNotes: userNotes{Addresses: []userAddress{}, Attributes: []systemAttribute{}, PhoneNumbers: []userPhone{}}}
		err := r.Scan(&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.TOTP, &w.BadTries, stamp{&until}, &w.State, &w.SystemUsername, &notes)
		if err != nil {
			return w, err
		}
		w.UnderscoreID, w.ID, w.Username, w.Email, w.FirstName, w.LastName = u.ID, u.ID, u.Username, u.Email, u.FirstName, u.LastName
		w.Created, w.TOTP, w.PortalFactor = born(u.ID), u.TOTP, u.TOTP
		w.MFA = object{"configured": u.TOTP, "exclusion": false}
		w.Activated, w.Suspended = w.State == stateActivated, w.State == stateSuspended
		if w.Locked = now.Before(until); w.Locked {
			since := when(until.Add(-s.Settings().LockoutFor))
			w.LockedDate = &since
		}
		if err := json.Unmarshal([]byte(notes), &w.userNotes); err != nil {
			return w, fmt.Errorf("reading the notes on a user: %w", err)
		}
		if w.DisplayName == "" {
			w.DisplayName = u.displayName()
		}
		return w, nil
	}, `SELECT id, username, email, first_name, last_name, totp_secret <> '', bad_tries, locked_until,
		coalesce((SELECT state FROM user_options WHERE user_id = id), 'ACTIVATED'),
		coalesce((SELECT system_username FROM user_options WHERE user_id = id), ''),
		coalesce((SELECT body FROM user_options WHERE user_id = id), '{}') FROM users WHERE 1 `+rest, args...)
}

// born is when an id was made, which its first half tells; empty for an id of another form.
func born(id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 12 {
		return ""
	}
	return when(time.Unix(int64(binary.BigEndian.Uint32(raw)), 0))
}

func (s *Server) apiGetUser(c apiCall) (int, any, error) {
	q, err := c.urlQuery()
	if err != nil {
		return 0, nil, err
	}
	u, err := first(s.wireUsers(c.Context(), s.db, `AND id = ?`, c.PathValue("id")))
	if err != nil {
		return 0, nil, err
	}
	v, err := only(u, q.fields)
	return http.StatusOK, v, err
}
