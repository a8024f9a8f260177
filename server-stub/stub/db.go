package stub

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver: pure Go, so the stub builds without a C compiler
)

// What the store functions answer besides failures of the database.
var (
	ErrNotFound       = errors.New("not found")
	ErrForbidden      = errors.New("this role may not do that")
	ErrAlready        = errors.New("already so")
	ErrEnrollmentOff  = errors.New("enrollment through the User Portal is switched off")
	ErrBadCredentials = errors.New("wrong email, password or code")
	ErrLocked         = errors.New("locked after too many tries")
	ErrTOTPNeeded     = errors.New("a second factor is needed")
)

// defaultOrganization is the name of an organization that nobody named.
const defaultOrganization = "Example Organization"

//go:embed schema.sql
var schema string

// openDB opens the database in dir and creates what is missing. The file is for its owner only: it holds TOTP secrets
// and connect keys. WAL lets a tester query it while the server runs.
func openDB(ctx context.Context, dir string) (*sql.DB, error) {
	path := filepath.Join(dir, "stub.db")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("creating the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("creating the database: %w", err)
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db.SetMaxOpenConns(4)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("creating the tables: %w", err), db.Close())
	}
	_, err = db.ExecContext(ctx, `INSERT INTO organization (id, name) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM organization)`,
		newID(time.Now()), defaultOrganization)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("creating the organization: %w", err), db.Close())
	}
	return db, nil
}

// querier is what *sql.DB and *sql.Tx have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// write runs f in a transaction; there is one writer at a time. Whoever waits for changes is woken after the commit.
func (s *Server) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	if err := s.open(); err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.did = nil
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	s.note(append(s.did, s.judge(context.WithoutCancel(ctx), s.did)...)...)
	s.changed.fire()
	return nil
}

// query runs a SELECT and collects what scan makes of each row; the result is never nil.
func query[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), text string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("querying: %w", err)
	}
	defer func() { _ = rows.Close() }() // the error that counts is rows.Err
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("reading a row: %w", err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading rows: %w", err)
	}
	return all, nil
}

// first gives the only row of a query, or ErrNotFound.
func first[T any](all []T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(all) == 0 {
		return none, ErrNotFound
	}
	return all[0], nil
}

// newID makes an id like the vendor's: 24 hexadecimal digits, the first 8 are the time in seconds.
func newID(t time.Time) string {
	var b [12]byte
	_, _ = rand.Read(b[4:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	binary.BigEndian.PutUint32(b[:4], uint32(t.Unix()))
	return hex.EncodeToString(b[:])
}

// randomHex makes n random bytes, as text.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

const timeForm = "2006-01-02T15:04:05.000Z"

// when is a time as the database and the API write it; the zero time is empty.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeForm)
}

// stamp reads a time of the database into a variable.
type stamp struct{ to *time.Time }

// Scan implements sql.Scanner.
func (c stamp) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("a time is a text, not %T", v)
	}
	if text == "" {
		*c.to = time.Time{}
		return nil
	}
	t, err := time.Parse(timeForm, text)
	if err != nil {
		return fmt.Errorf("reading a time: %w", err)
	}
	*c.to = t
	return nil
}
