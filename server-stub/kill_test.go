//go:build linux

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads what the server left
)

// acknowledged is what a server said yes to, as a question that is 1 in its database for ever after.
type acknowledged struct {
	mu  sync.Mutex
	all []question
}

type question struct {
	what, sql string
	args      []any
}

func (a *acknowledged) add(what, sql string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, question{what, sql, args})
}

// load writes from many sides until it is told to stop or the server is gone. What was acknowledged is kept, whatever
// became of the rest.
func (v *visitor) load(ctx context.Context, round int, kept *acknowledged) error {
	writers := []func(n string) error{
		func(n string) error { // a device, with one mail for each of three admins and its event
			key, err := v.connectKey(ctx)
			if err != nil {
				return err
			}
			kept.add("key", `SELECT count(*) FROM connect_keys WHERE value = ? AND owner_type = 'user'`, key)
			id, err := v.enroll(ctx, key, "pc-"+n)
			if err != nil {
				return err
			}
			kept.add("device", `SELECT count(*) FROM systems WHERE id = ? AND hostname = ? AND last_contact <> ''`, id, "pc-"+n)
			kept.add("mails", `SELECT count(*) = 3 FROM mails WHERE system_id = ?`, id)
			kept.add("event", `SELECT count(*) FROM events WHERE type = 'system_create' AND system_id = ?`, id)
			return nil
		},
		func(n string) error { // a user, then the user and a device bound
			var u struct{ ID string }
			if err := v.api(ctx, http.MethodPost, "/api/systemusers", map[string]string{"username": "u" + n, "email": "u" + n + "@acme.example"}, &u); err != nil {
				return err
			}
			kept.add("user", `SELECT count(*) FROM users WHERE id = ? AND username = ?`, u.ID, "u"+n)
			var page struct{ Results []struct{ ID string } }
			if err := v.api(ctx, http.MethodGet, "/api/systems?limit=1&sort=-created", nil, &page); err != nil || len(page.Results) == 0 {
				return err
			}
			device := page.Results[0].ID
			if err := v.api(ctx, http.MethodPost, "/api/v2/users/"+u.ID+"/associations", map[string]string{"op": "add", "type": "system", "id": device}, nil); err != nil {
				return err
			}
			kept.add("binding", `SELECT count(*) FROM associations WHERE system_id = ? AND user_id = ?`, device, u.ID)
			return nil
		},
		func(string) error { // keys alone, the quickest
			key, err := v.connectKey(ctx)
			if err == nil {
				kept.add("key", `SELECT count(*) FROM connect_keys WHERE value = ?`, key)
			}
			return err
		},
	}
	var all sync.WaitGroup
	defects := make([]error, 6)
	for i := range defects {
		all.Go(func() {
			for n := 0; defects[i] == nil && ctx.Err() == nil; n++ {
				defects[i] = writers[i%len(writers)](fmt.Sprintf("%d-%d-%d", round, i, n))
			}
			var gone *url.Error // the end of a killed server, as its clients see it
			if errors.As(defects[i], &gone) || errors.Is(defects[i], context.Canceled) || errors.Is(defects[i], syscall.ECONNRESET) || isCut(defects[i]) {
				defects[i] = nil
			}
		})
	}
	all.Wait()
	return errors.Join(defects...)
}

// kills is how often the server is killed: a tenth of what `make kill` does, unless STUB_KILLS says otherwise.
func kills(t *testing.T) int {
	t.Helper()
	n := 5
	if v := os.Getenv("STUB_KILLS"); v != "" {
		var err error
		n, err = strconv.Atoi(v)
		must(t, err)
	}
	return n
}

// The server is killed at a random moment under load, again and again in one data folder. What it acknowledged is there
// after the next start, and its file is whole. STUB_SEED repeats the moments of a run.
func TestKill(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if v := os.Getenv("STUB_SEED"); v != "" {
		var err error
		seed, err = strconv.ParseUint(v, 10, 64)
		must(t, err)
	}
	t.Logf("STUB_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	data, kept := t.TempDir(), &acknowledged{}
	lost, corrupt := 0, 0
	var seen int // of what was acknowledged before this round
	for round := range kills(t) {
		cmd, said, _ := startServe(t, "--demo", "--data", data, "--agent-program", "/bin/true")
		v, err := newVisitor(said)
		must(t, err)
		must(t, errors.Join(v.asAdmin(t.Context()), v.asBen(t.Context())))
		ctx, stop := context.WithCancel(t.Context())
		loaded := make(chan error, 1)
		go func() { loaded <- v.load(ctx, round, kept) }()
		moment := time.NewTimer(time.Duration(50+random.IntN(500)) * time.Millisecond)
		select {
		case <-moment.C:
		case err := <-loaded:
			t.Fatalf("the load ended by itself: %v", err)
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
		stop()
		must(t, <-loaded)
		v.client.CloseIdleConnections()
		l, c := examine(t, data, kept)
		if lost, corrupt = lost+l, corrupt+c; l+c > 0 {
			t.Errorf("round %d of STUB_SEED=%d: %d lost, %d corrupt", round, seed, l, c)
		}
		if len(kept.all) == seen {
			t.Logf("round %d: nothing was acknowledged before the end", round)
		}
		seen = len(kept.all)
	}
	// And it goes on: the same folder is served, and takes what comes.
	_, said, _ := startServe(t, "--data", data, "--agent-program", "/bin/true")
	v, err := newVisitor(said)
	must(t, err)
	must(t, errors.Join(v.asAdmin(t.Context()), v.asBen(t.Context())))
	key, err := v.connectKey(t.Context())
	must(t, err)
	_, err = v.enroll(t.Context(), key, "after")
	must(t, err)
	if seen < kills(t) {
		t.Errorf("only %d writes were acknowledged", seen)
	}
	t.Logf("kills=%d lost=%d corrupt=%d acknowledged=%d", kills(t), lost, corrupt, seen)
}

// examine opens the database as the killed server left it: what is lost of what it acknowledged, and whether it is whole.
func examine(t *testing.T, data string, kept *acknowledged) (lost, corrupt int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "stub.db"))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	var whole string
	if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&whole); err != nil || whole != "ok" {
		t.Logf("integrity_check: %v %s", err, whole)
		corrupt = 1
	}
	var strays int
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&strays))
	if strays > 0 {
		t.Logf("foreign_key_check: %d", strays)
		corrupt = 1
	}
	for _, q := range kept.all {
		var n int
		must(t, db.QueryRowContext(t.Context(), q.sql, q.args...).Scan(&n))
		if n != 1 {
			lost++
			t.Logf("lost: %s %v", q.what, q.args)
		}
	}
	return lost, corrupt
}

// isCut tells whether an answer broke off.
func isCut(err error) bool {
	return err != nil && (errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrDeadlineExceeded) || err.Error() == "unexpected EOF")
}
