package stub

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// An answer of the public API is kept as long as nothing can have changed it, so that a test that asks again and again,
// and a load test, wait for the network and not for the database. Nothing is ever answered from before a write that was
// acknowledged: every commit, every change of settings and every turn of the clock begins an epoch, and so does the
// moment at which a device becomes inactive or an account is no longer locked. Somebody else's write to the file, as
// by a tester's SQLite shell, is seen by the file of its log.

// maxKept bounds the answers of an epoch, in bytes; when they are more, all are forgotten.
const maxKept = 64 << 20

// maxAsked is the longest body of a request whose answer is kept, in bytes.
const maxAsked = 4 << 10

// epoch is a time in which the same question has the same answer. A zero epoch keeps nothing.
type epoch struct {
	version     uint64 // of Server.changed
	log         logMark
	from, until time.Time // by the server's clock; until is zero for ever
	admins      sync.Map  // API key to Admin
	answers     sync.Map  // question to *answer
	counts      sync.Map  // statement and arguments to int64
	bytes       atomic.Int64
}

// answer is what was sent.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// logMark tells states of the database's file apart: https://www.sqlite.org/wal.html
type logMark struct {
	size int64
	time time.Time
}

// mark looks at the log of the database. Without one there was no write since the server opened it.
func (s *Server) mark() logMark {
	info, err := os.Stat(filepath.Join(s.dir, "stub.db"+"-wal"))
	if err != nil {
		return logMark{}
	}
	return logMark{info.Size(), info.ModTime()}
}

// epochNow gives the epoch of this moment. Ask for it before anything is read.
func (s *Server) epochNow(ctx context.Context) *epoch {
	version, log, at := s.changed.count(), s.mark(), s.now()
	if e := s.epoch.Load(); e != nil && e.version == version && e.log == log && !at.Before(e.from) && (e.until.IsZero() || at.Before(e.until)) {
		return e
	}
	e := &epoch{version: version, log: log, from: at}
	var err error
	if e.until, err = s.nextFlip(ctx, at); err != nil {
		return &epoch{} // whoever asks is told of the failure by what they ask for
	}
	s.epoch.Store(e)
	return e
}

// nextFlip gives when something changes by time alone: a device becomes inactive, a lock ends; zero for never.
func (s *Server) nextFlip(ctx context.Context, at time.Time) (time.Time, error) {
	inactive := s.Settings().InactiveAfter
	var contact, lock time.Time
	err := s.db.QueryRowContext(ctx, `SELECT coalesce((SELECT min(last_contact) FROM systems WHERE deleted = '' AND last_contact >= ?), ''),
		coalesce((SELECT min(locked_until) FROM users WHERE locked_until > ?), '')`, when(at.Add(-inactive)), when(at)).Scan(stamp{&contact}, stamp{&lock})
	if err != nil {
		return time.Time{}, fmt.Errorf("reading when something ends: %w", err)
	}
	if !contact.IsZero() {
		contact = contact.Add(inactive)
	}
	if lock.IsZero() || !contact.IsZero() && contact.Before(lock) {
		return contact, nil
	}
	return lock, nil
}

// question tells a request from others: who asks for what. A request that changes something, or asks for what is so
// only now, has none; neither has a long one. The request can be read as before.
func question(r *http.Request, by Admin) (string, bool) {
	search := r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/api/search/")
	if r.Method != http.MethodGet && !search {
		return "", false
	}
	var body []byte
	if search {
		if r.ContentLength < 0 || r.ContentLength > maxAsked {
			return "", false
		}
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return "", false
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return r.Method + " " + r.URL.RequestURI() + "\n" + by.ID + "\n" + r.Header.Get("X-Org-Id") + "\n" + string(body), true
}

// get gives what was answered to a question.
func (e *epoch) get(question string) (*answer, bool) {
	v, ok := e.answers.Load(question)
	if !ok {
		return nil, false
	}
	a, ok := v.(*answer)
	return a, ok
}

// keep keeps what was answered to a question, if it is good.
func (e *epoch) keep(question string, a *answer) {
	if !e.keeps() || a.status != http.StatusOK {
		return
	}
	if e.bytes.Add(int64(len(a.body)+len(question))) > maxKept {
		e.answers.Clear()
		e.bytes.Store(0)
	}
	e.answers.Store(question, a)
}

// send writes an answer.
func (a *answer) send(w http.ResponseWriter) {
	h := w.Header()
	maps.Copy(h, a.header)
	if a.body != nil {
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client is gone: nobody is left to tell
}

// count gives how many rows a statement counts. It is asked once in an epoch, since it reads every row.
func (e *epoch) count(ctx context.Context, q querier, statement string, args ...any) (total int64, err error) {
	question := fmt.Sprintf("%s %q", statement, args)
	if v, ok := e.counts.Load(question); ok {
		total, ok = v.(int64)
		if ok {
			return total, nil
		}
	}
	if err := q.QueryRowContext(ctx, statement, args...).Scan(&total); err != nil {
		return 0, fmt.Errorf("counting rows: %w", err)
	}
	if e.keeps() && e.bytes.Add(int64(len(question))) <= maxKept {
		e.counts.Store(question, total)
	}
	return total, nil
}

// keeps tells an epoch from a zero one.
func (e *epoch) keeps() bool { return !e.from.IsZero() }
