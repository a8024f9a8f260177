package stub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// AdminLogin checks an admin's password. It answers ErrBadCredentials, or ErrLocked after Settings.LockoutAfter wrong
// ones, for Settings.LockoutFor.
func (s *Server) AdminLogin(ctx context.Context, email, password string) (Admin, error) {
	id, err := s.checkPassword(ctx, accountAdmin, email, password, true)
	if err != nil {
		return Admin{}, err
	}
	return s.admin(ctx, id)
}

func (s *Server) admin(ctx context.Context, id string) (Admin, error) {
	if err := s.open(); err != nil {
		return Admin{}, err
	}
	return first(admins(ctx, s.db, `WHERE id = ?`, id))
}

// UserLogin checks a user's password. A user with User.TOTP has not signed in until CheckTOTP is nil too: the caller
// asks for the code. Errors are as for AdminLogin.
func (s *Server) UserLogin(ctx context.Context, email, password string) (User, error) {
	id, err := s.checkPassword(ctx, accountUser, email, password, false)
	if err != nil {
		return User{}, err
	}
	u, err := s.User(ctx, id)
	if err != nil || u.TOTP {
		return u, err
	}
	return u, s.signedIn(ctx, accountUser, id)
}

// account says which table an account lies in.
type account struct{ table, event string }

var (
	accountAdmin = account{"admins", eventAdminLogin}
	accountUser  = account{"users", eventUserLogin}
)

// checkPassword gives the id of the account. complete says that no second factor follows.
func (s *Server) checkPassword(ctx context.Context, a account, email, password string, complete bool) (string, error) {
	if err := s.open(); err != nil {
		return "", err
	}
	s.rules.learn(password)
	found, err := first(query(ctx, s.db, func(r *sql.Rows) (login, error) {
		var l login
		err := r.Scan(&l.id, &l.password, stamp{&l.locked})
		return l, err
	}, `SELECT id, password, locked_until FROM `+a.table+` WHERE email = ?
		AND NOT EXISTS (SELECT 1 FROM user_options WHERE user_id = id AND state <> 'ACTIVATED')`, email)) //nolint:gosec // the table is one of two constants
	if errors.Is(err, ErrNotFound) {
		passwordIs(noPassword, password)
		return "", ErrBadCredentials
	}
	if err != nil {
		return "", err
	}
	if s.now().Before(found.locked) {
		return "", ErrLocked
	}
	if !passwordIs(found.password, password) {
		return "", s.failedTry(ctx, a, found.id)
	}
	if complete {
		err = s.signedIn(ctx, a, found.id)
	}
	return found.id, err
}

// failedTry counts a wrong password or code and gives the error to answer.
func (s *Server) failedTry(ctx context.Context, a account, id string) error {
	set := s.Settings()
	now := s.now()
	err := s.write(ctx, func(tx *sql.Tx) error {
		//nolint:gosec // the table is one of two constants
		_, err := tx.ExecContext(ctx, `UPDATE `+a.table+` SET
			locked_until = CASE WHEN bad_tries + 1 >= ? THEN ? ELSE locked_until END,
			bad_tries = CASE WHEN bad_tries + 1 >= ? THEN 0 ELSE bad_tries + 1 END WHERE id = ?`,
			set.LockoutAfter, when(now.Add(set.LockoutFor)), set.LockoutAfter, id)
		if err != nil {
			return fmt.Errorf("counting a failed sign-in: %w", err)
		}
		return s.addEvent(ctx, tx, Event{Type: a.event, ActorID: id, UserID: a.userID(id)})
	})
	if err != nil {
		return err
	}
	return ErrBadCredentials
}

// signedIn forgets the failed tries; a right password alone does not, or a second factor could be guessed for ever.
func (s *Server) signedIn(ctx context.Context, a account, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error { return s.signedInTx(ctx, tx, a, id) })
}

func (s *Server) signedInTx(ctx context.Context, tx *sql.Tx, a account, id string) error {
	//nolint:gosec // the table is one of two constants
	if _, err := tx.ExecContext(ctx, `UPDATE `+a.table+` SET bad_tries = 0, locked_until = '' WHERE id = ?`, id); err != nil {
		return fmt.Errorf("storing a sign-in: %w", err)
	}
	return s.addEvent(ctx, tx, Event{Type: a.event, ActorID: id, UserID: a.userID(id), Success: true})
}

func (a account) userID(id string) string {
	if a == accountUser {
		return id
	}
	return ""
}

const totpPeriod = 30 // seconds: RFC 6238, section 4.1

// CheckTOTP checks a code and uses it up: a code, and any older one, is good once (RFC 6238, section 5.2). The codes
// of the steps before and after this one are accepted too. Errors are as for AdminLogin; somebody without a second
// factor is ErrNotFound.
func (s *Server) CheckTOTP(ctx context.Context, userID, code string) error {
	secret, _, locked, err := s.totpState(ctx, userID)
	if err != nil {
		return err
	}
	now := s.now()
	if now.Before(locked) {
		return ErrLocked
	}
	for _, skew := range []int64{-1, 0, 1} {
		step := now.Unix()/totpPeriod + skew
		good, err := totp.ValidateCustom(code, secret, time.Unix(step*totpPeriod, 0), totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix})
		if err != nil || !good {
			continue // a code of another length is an error
		}
		err = s.write(ctx, func(tx *sql.Tx) error {
			r, err := tx.ExecContext(ctx, `UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?`, step, userID, step)
			if err := changedOne(r, err, ErrBadCredentials); err != nil {
				return err
			}
			return s.signedInTx(ctx, tx, accountUser, userID)
		})
		if !errors.Is(err, ErrBadCredentials) {
			return err
		}
	}
	return s.failedTry(ctx, accountUser, userID)
}

// TOTPNow gives a code that CheckTOTP accepts and how long it does, for the page that plays the phone. It is the
// present code, or the next one when the present was used. A user without a second factor is ErrNotFound.
func (s *Server) TOTPNow(ctx context.Context, userID string) (code string, left time.Duration, err error) {
	secret, used, _, err := s.totpState(ctx, userID)
	if err != nil {
		return "", 0, err
	}
	now := s.now()
	step := now.Unix() / totpPeriod
	if step == used {
		step++
	}
	code, err = totp.GenerateCode(secret, time.Unix(step*totpPeriod, 0))
	if err != nil {
		return "", 0, fmt.Errorf("making a code: %w", err)
	}
	return code, time.Unix((step+2)*totpPeriod, 0).Sub(now), nil // one step of grace
}

func (s *Server) totpState(ctx context.Context, userID string) (secret string, used int64, locked time.Time, err error) {
	if err = s.open(); err != nil {
		return
	}
	row := s.db.QueryRowContext(ctx, `SELECT totp_secret, totp_step, locked_until FROM users WHERE id = ? AND totp_secret <> ''`, userID)
	if err = row.Scan(&secret, &used, stamp{&locked}); errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return
}
