package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// kept is what a snapshot holds besides the database.
type kept struct {
	Settings settingsJSON  `json:"settings"`
	Ahead    time.Duration `json:"aheadNanoseconds"`
	Frozen   time.Time     `json:"frozen,omitzero"`
	Faults   []faultJSON   `json:"faults"`
}

var keepName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,40}$`)

func (s *Server) keepFiles(name string) (db, rest string, err error) {
	if !keepName.MatchString(name) {
		return "", "", fmt.Errorf("%w: a name has small letters, digits and hyphens, at most 41", errBadRequest)
	}
	dir := filepath.Join(s.dir, "snapshots")
	return filepath.Join(dir, name+".db"), filepath.Join(dir, name+".json"), nil
}

// Save keeps organization, people, keys, devices, mails and events, the settings, the clock and the faults under a
// name, for Restore. One of that name is replaced. Names have small letters, digits and hyphens.
func (s *Server) Save(ctx context.Context, name string) error {
	if err := s.open(); err != nil {
		return err
	}
	file, rest, err := s.keepFiles(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("making the folder of the snapshots: %w", err)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.clock.mu.Lock()
	k := kept{Settings: s.Settings().wire(), Ahead: s.clock.ahead, Frozen: s.clock.frozen}
	s.clock.mu.Unlock()
	for _, f := range s.Faults() {
		k.Faults = append(k.Faults, faultJSON{Fault: f, DelayMS: f.Delay.Milliseconds()})
	}
	raw, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("saving a snapshot: %w", err)
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replacing a snapshot: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, `VACUUM INTO ?`, file); err != nil {
		return fmt.Errorf("saving a snapshot: %w", err)
	}
	if err := errors.Join(os.Chmod(file, 0o600), os.WriteFile(rest, raw, 0o600)); err != nil {
		return fmt.Errorf("saving a snapshot: %w", err)
	}
	s.note(Entry{Kind: EntrySettings, Text: "everything was saved as " + name})
	s.changed.fire()
	return nil
}

// Restore puts back what Save kept under that name; ErrNotFound when there is none. Everybody is signed out. The
// journal goes on. An agent whose device is gone is refused at its next poll, as one of another server is.
func (s *Server) Restore(ctx context.Context, name string) error {
	if err := s.open(); err != nil {
		return err
	}
	file, rest, err := s.keepFiles(name)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(rest)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("finding snapshot %q: %w", name, ErrNotFound)
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(raw, &k)
	}
	if err != nil {
		return fmt.Errorf("reading a snapshot: %w", err)
	}
	if err := s.replaceData(ctx, func(ctx context.Context, c *sql.Conn, table string) error {
		_, err := c.ExecContext(ctx, `INSERT INTO main.`+table+` SELECT * FROM kept.`+table) //nolint:gosec // a name of our own schema
		return err
	}, file); err != nil {
		return err
	}
	s.note(Entry{Kind: EntrySettings, Text: "everything is again as saved under " + name})
	return s.resume(k)
}

// Reset empties the server: an organization without people, the first settings, the true clock, no faults. What Save
// kept stays, and the journal goes on.
func (s *Server) Reset(ctx context.Context) error {
	if err := s.open(); err != nil {
		return err
	}
	if err := s.replaceData(ctx, nil, ""); err != nil {
		return err
	}
	s.note(Entry{Kind: EntrySettings, Text: "the server was emptied"})
	first := DefaultSettings()
	if s.Initial != nil {
		first = *s.Initial
	}
	return s.resume(kept{Settings: first.wire()})
}

// resume sets what lies beside the database, and signs everybody out.
func (s *Server) resume(k kept) error {
	s.portals.clear()
	if err := s.ClearFaults(""); err != nil {
		return err
	}
	if err := s.ChangeSettings(func(c *Settings) { *c = k.Settings.settings() }); err != nil {
		return err
	}
	s.changeClock(func(c *movableClock) { c.ahead, c.frozen = k.Ahead, k.Frozen })
	for _, f := range k.Faults {
		f.Delay = time.Duration(f.DelayMS) * time.Millisecond
		if _, err := s.AddFault(f.Fault); err != nil {
			return err
		}
	}
	s.orders.fire()
	return nil
}

// replaceData empties every table in one transaction and fills it by fill, which may be nil. file is attached as kept.
func (s *Server) replaceData(ctx context.Context, fill func(context.Context, *sql.Conn, string) error, file string) (err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	c, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("replacing the data: %w", err)
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	run := func(statement string, args ...any) {
		if err == nil {
			if _, err = c.ExecContext(ctx, statement, args...); err != nil {
				err = fmt.Errorf("replacing the data: %w", err)
			}
		}
	}
	if file != "" {
		run(`ATTACH ? AS kept`, file)
		defer func() { // also after an error, and when the caller is gone
			_, gone := c.ExecContext(context.WithoutCancel(ctx), `DETACH kept`)
			err = errors.Join(err, gone)
		}()
	}
	run(`BEGIN IMMEDIATE`)
	run(`PRAGMA defer_foreign_keys = ON`)
	if err != nil {
		return err
	}
	// The text of systems follows them by its triggers.
	tables, err := query(ctx, c, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) },
		`SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'systems_text%' ORDER BY rowid`)
	for _, table := range tables {
		run(`DELETE FROM main.` + table)
	}
	// Filled when all are empty, in the order in which they were made: SQLite does not count that a row came for whoever
	// refers to it already, when it copies a whole table.
	for _, table := range tables {
		if err == nil && fill != nil {
			err = fill(ctx, c, table)
		}
	}
	if fill == nil {
		run(`INSERT INTO organization (id, name) VALUES (?, ?)`, newID(s.now()), defaultOrganization)
	}
	if run(`COMMIT`); err != nil {
		_, back := c.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		return errors.Join(err, back)
	}
	s.changed.fire()
	return nil
}

// Saved lists the names of what Save kept.
func (s *Server) Saved() ([]string, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "snapshots", "*.json"))
	if err != nil {
		return nil, fmt.Errorf("listing the snapshots: %w", err)
	}
	names := []string{}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	slices.Sort(names)
	return names, nil
}

// qaKeep saves or restores by name, and gives all names.
func (s *Server) qaKeep(act func(context.Context, string) error) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		var in struct {
			Name string `json:"name"`
		}
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		if err := act(r.Context(), in.Name); err != nil {
			return nil, err
		}
		return s.Saved()
	}
}

// qaReset is startOver for programs.
func (s *Server) qaReset(r *http.Request) (any, error) {
	var in struct {
		Demo bool `json:"demo"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := s.startOver(r.Context(), in.Demo); err != nil {
		return nil, err
	}
	return s.Organization(r.Context())
}

// startOver empties the server, and fills in the demo organization where it is asked for.
func (s *Server) startOver(ctx context.Context, demo bool) error {
	if err := s.Reset(ctx); err != nil || !demo {
		return err
	}
	return s.Demo(ctx)
}
