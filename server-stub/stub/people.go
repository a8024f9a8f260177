package stub

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// can says whether a role may do something. What is not listed nobody may.
func can(role Role, act string) bool {
	switch act {
	case actSettings, actDelete:
		return role == RoleAdministrator
	case actBind, actAnnounce, actDiskKey:
		return role == RoleAdministrator || role == RoleHelpDesk
	}
	return false
}

const (
	actSettings = "settings"
	actDelete   = "delete"
	actBind     = "bind"
	actAnnounce = "announce"
	actDiskKey  = "disk key"
)

// Organization gives the organization.
func (s *Server) Organization(ctx context.Context) (Organization, error) {
	if err := s.open(); err != nil {
		return Organization{}, err
	}
	return organization(ctx, s.db)
}

func organization(ctx context.Context, q querier) (Organization, error) {
	return first(query(ctx, q, func(r *sql.Rows) (Organization, error) {
		var o Organization
		err := r.Scan(&o.ID, &o.Name, &o.EnrollmentAllowed, stamp{&o.Announced})
		return o, err
	}, `SELECT id, name, enrollment_allowed, announced FROM organization`))
}

// SetEnrollment switches enrollment through the User Portal on or off. Only administrators may (ErrForbidden).
func (s *Server) SetEnrollment(ctx context.Context, by Admin, allowed bool) error {
	if !can(by.Role, actSettings) {
		return ErrForbidden
	}
	return s.setEnrollment(ctx, by.ID, allowed)
}

func (s *Server) setEnrollment(ctx context.Context, actorID string, allowed bool) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE organization SET enrollment_allowed = ?`, allowed); err != nil {
			return fmt.Errorf("switching enrollment: %w", err)
		}
		return s.addEvent(ctx, tx, Event{Type: eventOrganization, ActorID: actorID, Success: true,
			Detail: fmt.Sprintf("%s=%t", detailEnrollSetting, allowed)})
	})
}

// AddAdmin stores an admin and gives it back with its ID, connect key and API key; those given are kept. An email that is taken
// is ErrAlready.
func (s *Server) AddAdmin(ctx context.Context, a Admin, password string) (Admin, error) {
	if a.Email == "" || password == "" || !slices.Contains([]Role{RoleAdministrator, RoleHelpDesk, RoleReadOnly}, a.Role) {
		return a, errors.New("an admin needs an email, a password and a role")
	}
	now := s.now()
	if a.ID == "" {
		a.ID = newID(now)
	}
	if a.ConnectKey == "" {
		a.ConnectKey = randomHex(20)
	}
	if a.APIKey == "" {
		a.APIKey = randomHex(20)
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `INSERT INTO admins (id, email, name, role, connect_key, password) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			a.ID, a.Email, a.Name, a.Role, a.ConnectKey, hashPassword(password))
		if err := changedOne(r, err, ErrAlready); err != nil {
			return fmt.Errorf("adding admin %s: %w", a.Email, err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO api_keys (admin_id, value) VALUES (?, ?)`, a.ID, a.APIKey); err != nil {
			return fmt.Errorf("storing an API key: %w", err)
		}
		return storeKey(ctx, tx, Key{Value: a.ConnectKey, OwnerType: OwnerAdministrator, OwnerID: a.ID, Created: now})
	})
	return a, err
}

// AddUser stores a user and gives it back with its ID; an ID given is kept. totpSecret is base32, or empty for no
// second factor. An email or username that is taken is ErrAlready.
func (s *Server) AddUser(ctx context.Context, u User, password, totpSecret string) (User, error) {
	if u.Email == "" || u.Username == "" || password == "" {
		return u, errors.New("a user needs a username, an email and a password")
	}
	if u.ID == "" {
		u.ID = newID(s.now())
	}
	u.TOTP = totpSecret != ""
	err := s.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `INSERT INTO users (id, username, email, first_name, last_name, password, totp_secret) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			u.ID, u.Username, u.Email, u.FirstName, u.LastName, hashPassword(password), totpSecret)
		if err := changedOne(r, err, ErrAlready); err != nil {
			return fmt.Errorf("adding user %s: %w", u.Username, err)
		}
		return nil
	})
	return u, err
}

// accountName is SQL for the name of a user's account on devices; systemUsername goes before username.
const accountName = `coalesce(nullif((SELECT system_username FROM user_options WHERE user_options.user_id = users.id), ''), username)`

// changedOne turns "no row was changed" into an error.
func changedOne(r sql.Result, err, none error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return none
	}
	return nil
}

// Admins gives the admins, by email.
func (s *Server) Admins(ctx context.Context) ([]Admin, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	return admins(ctx, s.db, "")
}

func admins(ctx context.Context, q querier, where string, args ...any) ([]Admin, error) {
	return query(ctx, q, func(r *sql.Rows) (Admin, error) {
		var a Admin
		err := r.Scan(&a.ID, &a.Email, &a.Name, &a.Role, &a.ConnectKey, &a.APIKey)
		return a, err
	}, `SELECT id, email, name, role, connect_key, coalesce((SELECT value FROM api_keys WHERE admin_id = admins.id), '') FROM admins `+where+` ORDER BY email`, args...)
}

// Users gives the users, by username.
func (s *Server) Users(ctx context.Context) ([]User, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	return users(ctx, s.db, "")
}

// User gives one user, or ErrNotFound.
func (s *Server) User(ctx context.Context, id string) (User, error) {
	if err := s.open(); err != nil {
		return User{}, err
	}
	return first(users(ctx, s.db, `WHERE id = ?`, id))
}

func users(ctx context.Context, q querier, where string, args ...any) ([]User, error) {
	return query(ctx, q, func(r *sql.Rows) (User, error) {
		var u User
		err := r.Scan(&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.TOTP)
		return u, err
	}, `SELECT id, username, email, first_name, last_name, totp_secret <> '' FROM users `+where+` ORDER BY username`, args...)
}

// displayName is how a user is called in lists and mails.
func (u User) displayName() string {
	if name := strings.TrimSpace(u.FirstName + " " + u.LastName); name != "" {
		return name
	}
	return u.Username
}

// displayName is how an admin is called in lists and mails.
func (a Admin) displayName() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Email
}

// The cost of argon2id is far below what RFC 9106 advises (https://www.rfc-editor.org/rfc/rfc9106#section-4): the
// passwords are those of test accounts, and tests sign in often.
const (
	argonTime   = 1
	argonKiB    = 1024
	argonKeyLen = 32
)

// hashPassword gives "salt$hash", both hexadecimal.
func hashPassword(password string) string {
	salt := randomHex(16)
	return salt + "$" + argonHash(password, salt)
}

func argonHash(password, salt string) string {
	return hex.EncodeToString(argon2.IDKey([]byte(password), []byte(salt), argonTime, argonKiB, 1, argonKeyLen))
}

func passwordIs(stored, password string) bool {
	salt, hash, _ := strings.Cut(stored, "$")
	return subtle.ConstantTimeCompare([]byte(hash), []byte(argonHash(password, salt))) == 1
}

// noPassword is compared with where there is no such account, so that the answer takes as long.
var noPassword = hashPassword("no account has this password")

// login is what the sign-ins of users and admins know of an account.
type login struct {
	id, password string
	locked       time.Time
}
