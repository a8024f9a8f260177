package stub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// errEmptyLetter is a mail without a subject or a text.
var errEmptyLetter = errors.New("a mail needs a subject and a text")

// Announce mails users, all or those of the IDs, and notes that the organization's users were told. Read-only admins
// may not (ErrForbidden); an ID that nobody has is ErrNotFound, and then nobody is mailed. It gives how many were.
func (s *Server) Announce(ctx context.Context, by Admin, subject, text string, userIDs ...string) (int, error) {
	return s.writeTo(ctx, by, subject, text, userIDs, func(tx *sql.Tx, _ []User) error {
		if _, err := tx.ExecContext(ctx, `UPDATE organization SET announced = ?`, when(s.now())); err != nil {
			return fmt.Errorf("noting the announcement: %w", err)
		}
		return nil
	})
}

// AskToInstall mails the users of the IDs that they shall install the agent, and notes it. os is what they have, such
// as "macos"; it is shown with the user. Errors are as for Announce; nobody chosen is an error too.
func (s *Server) AskToInstall(ctx context.Context, by Admin, os, subject, text string, userIDs ...string) (int, error) {
	if len(userIDs) == 0 {
		return 0, errors.New("nobody was chosen")
	}
	return s.writeTo(ctx, by, subject, text, userIDs, func(tx *sql.Tx, to []User) error {
		for _, u := range to {
			_, err := tx.ExecContext(ctx, `INSERT INTO asks (user_id, os, asked) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, u.ID, oneLine(os, 20), when(s.now()))
			if err != nil {
				return fmt.Errorf("noting who was asked: %w", err)
			}
		}
		return nil
	})
}

// writeTo mails one letter and does what else belongs to it, in one transaction. {name} in the text becomes the first
// name of who gets it.
func (s *Server) writeTo(ctx context.Context, by Admin, subject, text string, userIDs []string, also func(*sql.Tx, []User) error) (n int, err error) {
	if !can(by.Role, actAnnounce) {
		return 0, ErrForbidden
	}
	subject, text = oneLine(subject, 200), strings.TrimSpace(text)
	if subject == "" || text == "" {
		return 0, errEmptyLetter
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		to, err := users(ctx, tx, "")
		if err != nil {
			return err
		}
		if len(userIDs) > 0 {
			to = slices.DeleteFunc(to, func(u User) bool { return !slices.Contains(userIDs, u.ID) })
			if len(to) < len(userIDs) {
				return fmt.Errorf("finding those who shall get a mail: %w", ErrNotFound)
			}
		}
		for _, u := range to {
			if err := s.send(ctx, tx, Mail{To: u.Email, Subject: subject, Text: personal(text, u), UserID: u.ID}); err != nil {
				return err
			}
		}
		n = len(to)
		return also(tx, to)
	})
	return n, err
}

// personal fills in the name of who gets a letter.
func personal(text string, u User) string {
	name := u.FirstName
	if name == "" {
		name = u.displayName()
	}
	return strings.ReplaceAll(text, "{name}", oneLine(name, 100))
}

// lastAsked gives when each user was last asked to install the agent, by ID.
func (s *Server) lastAsked(ctx context.Context) (map[string]time.Time, error) {
	type ask struct {
		user string
		at   time.Time
	}
	list, err := query(ctx, s.db, func(r *sql.Rows) (a ask, err error) { return a, r.Scan(&a.user, stamp{&a.at}) },
		`SELECT user_id, max(asked) FROM asks GROUP BY user_id`)
	all := map[string]time.Time{}
	for _, a := range list {
		all[a.user] = a.at
	}
	return all, err
}
