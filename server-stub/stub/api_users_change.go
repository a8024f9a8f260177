package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// apiAddUser makes a user; one without a password is staged and cannot sign in yet.
func (s *Server) apiAddUser(c apiCall) (int, any, error) {
	if !can(c.by.Role, actSettings) {
		return 0, nil, ErrForbidden
	}
	w := wireUser{ID: newID(s.now()), State: stateActivated}
	in, err := c.userBody(&w.userNotes)
	if err != nil {
		return 0, nil, err
	}
	password := randomHex(16) // nobody knows it
	if in.Password == nil {
		w.State = stateStaged
	} else {
		password = *in.Password
	}
	if err := in.apply(&w); err != nil {
		return 0, nil, err
	}
	s.rules.learn(password)
	return s.changedUser(c, w, eventUserCreate, func(ctx context.Context, tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `INSERT INTO users (id, username, email, first_name, last_name, password) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			w.ID, w.Username, w.Email, w.FirstName, w.LastName, hashPassword(password))
		return changedOne(r, err, ErrAlready)
	})
}

func (s *Server) apiPutUser(c apiCall) (int, any, error) {
	if !can(c.by.Role, actSettings) {
		return 0, nil, ErrForbidden
	}
	w, err := s.userToChange(c)
	if err != nil {
		return 0, nil, err
	}
	in, err := c.userBody(&w.userNotes)
	if err != nil {
		return 0, nil, err
	}
	return s.putUser(c, w, in)
}

// apiUserAct changes a user without a body that counts, and answers with nothing, as the vendor does.
func (s *Server) apiUserAct(in userChange) apiFunc {
	return func(c apiCall) (int, any, error) {
		if !can(c.by.Role, actSettings) {
			return 0, nil, ErrForbidden
		}
		w, err := s.userToChange(c)
		if err != nil {
			return 0, nil, err
		}
		status, _, err := s.putUser(c, w, in)
		return status, "OK", err // a text in the newest of the vendor's documents, which do not say which
	}
}

// userToChange reads the user of the path. A display name that follows from the others goes on doing so.
func (s *Server) userToChange(c apiCall) (wireUser, error) {
	w, err := first(s.wireUsers(c.Context(), s.db, `AND id = ?`, c.PathValue("id")))
	if w.DisplayName == (User{Username: w.Username, FirstName: w.FirstName, LastName: w.LastName}).displayName() {
		w.DisplayName = ""
	}
	return w, err
}

func (s *Server) putUser(c apiCall, w wireUser, in userChange) (int, any, error) {
	if err := in.apply(&w); err != nil {
		return 0, nil, err
	}
	return s.changedUser(c, w, eventUserUpdate, func(ctx context.Context, tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE OR IGNORE users SET username = ?, email = ?, first_name = ?, last_name = ? WHERE id = ?`,
			w.Username, w.Email, w.FirstName, w.LastName, w.ID)
		if err := changedOne(r, err, ErrAlready); err != nil {
			return err
		}
		return s.changeSignIn(ctx, tx, w.ID, in)
	})
}

// changeSignIn changes what decides who signs in: the password, the lock, the second factor.
func (s *Server) changeSignIn(ctx context.Context, tx *sql.Tx, id string, in userChange) error {
	var errs []error
	run := func(statement string, args ...any) {
		_, err := tx.ExecContext(ctx, statement, args...)
		errs = append(errs, err)
	}
	if in.Password != nil {
		s.rules.learn(*in.Password)
		run(`UPDATE users SET password = ? WHERE id = ?`, hashPassword(*in.Password), id)
	}
	if in.Locked != nil {
		until := time.Time{}
		if *in.Locked {
			until = s.now().Add(s.Settings().LockoutFor)
		}
		run(`UPDATE users SET bad_tries = 0, locked_until = ? WHERE id = ?`, when(until), id)
	}
	if in.resetFactor {
		run(`UPDATE users SET totp_secret = '', totp_step = 0 WHERE id = ?`, id)
	}
	return errors.Join(errs...)
}

// changedUser stores a change, in one transaction with its event, and answers with the user as they are now. Who is
// suspended is signed out, and their connect keys are gone.
func (s *Server) changedUser(c apiCall, w wireUser, event string, change func(context.Context, *sql.Tx) error) (int, any, error) {
	notes, err := json.Marshal(w.userNotes)
	if err != nil {
		return 0, nil, fmt.Errorf("writing the notes on a user: %w", err)
	}
	ctx := c.Context()
	err = s.write(ctx, func(tx *sql.Tx) error {
		if err := change(ctx, tx); err != nil {
			return fmt.Errorf("changing a user: %w", err)
		}
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO user_options (user_id, state, system_username, body) VALUES (?, ?, ?, ?)`,
			w.ID, w.State, w.SystemUsername, string(notes))
		if err == nil && w.State != stateActivated {
			_, err = tx.ExecContext(ctx, `DELETE FROM connect_keys WHERE owner_type = ? AND owner_id = ?`, OwnerUser, w.ID)
		}
		if err != nil {
			return fmt.Errorf("changing a user: %w", err)
		}
		if w, err = first(s.wireUsers(ctx, tx, `AND id = ?`, w.ID)); err != nil {
			return err
		}
		return s.addEvent(ctx, tx, Event{Type: event, ActorID: c.by.ID, UserID: w.ID, Detail: w.Username, Success: true})
	})
	if err != nil {
		return 0, nil, err
	}
	if w.State != stateActivated {
		s.portals.dropAccount(portalUser, w.ID)
	}
	s.orders.fire() // the name of an account may be another
	return http.StatusOK, w, nil
}

// apiDeleteUser removes a user, who is bound to nothing any more; the devices they installed stay.
func (s *Server) apiDeleteUser(c apiCall) (int, any, error) {
	if !can(c.by.Role, actSettings) {
		return 0, nil, ErrForbidden
	}
	var w wireUser
	ctx := c.Context()
	err := s.write(ctx, func(tx *sql.Tx) error {
		var err error
		if w, err = first(s.wireUsers(ctx, tx, `AND id = ?`, c.PathValue("id"))); err != nil {
			return err
		}
		for _, statement := range []string{`DELETE FROM associations WHERE user_id = ?`, `DELETE FROM asks WHERE user_id = ?`, `DELETE FROM user_options WHERE user_id = ?`,
			`DELETE FROM connect_keys WHERE owner_type = 'user' AND owner_id = ?`, `DELETE FROM users WHERE id = ?`} {
			if _, err := tx.ExecContext(ctx, statement, w.ID); err != nil {
				return fmt.Errorf("deleting a user: %w", err)
			}
		}
		return s.addEvent(ctx, tx, Event{Type: eventUserDelete, ActorID: c.by.ID, UserID: w.ID, Detail: w.Username, Success: true})
	})
	if err != nil {
		return 0, nil, err
	}
	s.portals.dropAccount(portalUser, w.ID)
	s.orders.fire()
	return http.StatusOK, w, nil
}

// dropAccount ends every session of an account.
func (c *sessions) dropAccount(p portal, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, v := range c.all {
		if v.portal == p && (v.account == id || v.pending == id) {
			delete(c.all, key)
		}
	}
}
