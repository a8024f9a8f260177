package stub

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"
)

// userList is what can be asked of the users.
var userList = collection{
	columns: map[string]column{"_id": {sql: "id"}, "id": {sql: "id"}, "username": {sql: "username"}, "email": {sql: "email"},
		"firstname": {sql: "first_name"}, "lastname": {sql: "last_name"}},
	searched: []string{"username", "email", "firstname", "lastname"},
	order:    "id",
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
	DisplayName     string   `json:"displayname"`
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
	NeverExpires    bool     `json:"password_never_expires"`
	Sudo            bool     `json:"sudo"`
	SudoWithout     bool     `json:"passwordless_sudo"`
	PublicKey       bool     `json:"allow_public_key"`
	ManagedUID      bool     `json:"enable_managed_uid"`
	LDAP            bool     `json:"ldap_binding_user"`
	Samba           bool     `json:"samba_service_user"`
	External        bool     `json:"externally_managed"`
	Addresses       []object `json:"addresses"`
	Attributes      []object `json:"attributes"`
	PhoneNumbers    []object `json:"phoneNumbers"`
	Relationships   []object `json:"relationships"`
	SSHKeys         []object `json:"ssh_keys"`
	Tags            []string `json:"tags"`
}

// wireUsers reads users; rest goes on after WHERE.
func (s *Server) wireUsers(ctx context.Context, q querier, rest string, args ...any) ([]wireUser, error) {
	org, err := organization(ctx, q)
	if err != nil {
		return nil, err
	}
	now := s.now()
	return query(ctx, q, func(r *sql.Rows) (wireUser, error) {
		var u User
		var until time.Time
		w := wireUser{Organization: org.ID, State: "ACTIVATED", Activated: true,
			Addresses: []object{}, Attributes: []object{}, PhoneNumbers: []object{}, Relationships: []object{}, SSHKeys: []object{}, Tags: []string{}}
		err := r.Scan(&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.TOTP, &w.BadTries, stamp{&until})
		w.UnderscoreID, w.ID, w.Username, w.Email, w.FirstName, w.LastName = u.ID, u.ID, u.Username, u.Email, u.FirstName, u.LastName
		w.DisplayName, w.Created, w.TOTP, w.PortalFactor = u.displayName(), born(u.ID), u.TOTP, u.TOTP
		w.MFA = object{"configured": u.TOTP, "exclusion": false}
		w.Locked = now.Before(until)
		return w, err
	}, `SELECT id, username, email, first_name, last_name, totp_secret <> '', bad_tries, locked_until FROM users WHERE `+rest, args...)
}

// born is when an id was made, which its first half tells; empty for an id of another form.
func born(id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 12 {
		return ""
	}
	return when(time.Unix(int64(binary.BigEndian.Uint32(raw)), 0))
}

func (s *Server) apiListUsers(c apiCall) (int, any, error) {
	q, err := urlQuery(c.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	return s.answerUsers(c.Context(), q)
}

func (s *Server) apiSearchUsers(c apiCall) (int, any, error) {
	q, err := c.searchQuery()
	if err != nil {
		return 0, nil, err
	}
	return s.answerUsers(c.Context(), q)
}

func (s *Server) answerUsers(ctx context.Context, q listQuery) (int, any, error) {
	where, err := userList.where(q)
	if err != nil {
		return 0, nil, err
	}
	order, err := userList.orderBy(q)
	if err != nil {
		return 0, nil, err
	}
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // count and page of one moment
	if err != nil {
		return 0, nil, fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	var total int64
	//nolint:gosec // the clause is made of the names of columns; values are arguments
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users WHERE `+where.sql, where.args...).Scan(&total); err != nil {
		return 0, nil, fmt.Errorf("counting users: %w", err)
	}
	rows, err := s.wireUsers(ctx, tx, where.sql+` ORDER BY `+order+` LIMIT ? OFFSET ?`, append(where.args, q.limit, q.skip)...)
	if err != nil {
		return 0, nil, err
	}
	return pageOf(total, rows, q.fields, func(u wireUser) wireUser { return u })
}

func (s *Server) apiGetUser(c apiCall) (int, any, error) {
	q, err := urlQuery(c.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	u, err := first(s.wireUsers(c.Context(), s.db, `id = ?`, c.PathValue("id")))
	if err != nil {
		return 0, nil, err
	}
	v, err := only(u, q.fields)
	return http.StatusOK, v, err
}
