package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Snapshot gives everything at one moment.
func (s *Server) Snapshot(ctx context.Context) (Snapshot, error) {
	if err := s.open(); err != nil {
		return Snapshot{}, err
	}
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // a WAL reader sees one moment
	if err != nil {
		return Snapshot{}, fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	var shot Snapshot
	if shot.Organization, err = organization(ctx, tx); err != nil {
		return Snapshot{}, err
	}
	if shot.Admins, err = admins(ctx, tx, ""); err != nil {
		return Snapshot{}, err
	}
	if shot.Users, err = users(ctx, tx, ""); err != nil {
		return Snapshot{}, err
	}
	if shot.Systems, err = s.systems(ctx, tx, ""); err != nil {
		return Snapshot{}, err
	}
	if shot.Outbox, err = outbox(ctx, tx); err != nil {
		return Snapshot{}, err
	}
	if shot.Events, err = events(ctx, tx); err != nil {
		return Snapshot{}, err
	}
	return shot, nil
}

// Await returns when what is true of a snapshot, at once if it is already, or when ctx ends (with its error). It looks
// after every change, and every second for what changes with time alone, such as System.Active.
func (s *Server) Await(ctx context.Context, what func(Snapshot) bool) error {
	_, err := s.await(ctx, what)
	return err
}

func (s *Server) await(ctx context.Context, what func(Snapshot) bool) (Snapshot, error) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		changed := s.changed.wait()
		shot, err := s.Snapshot(ctx)
		if err != nil {
			return shot, err
		}
		if what(shot) {
			return shot, nil
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-s.closing():
			return shot, errClosed
		case <-ctx.Done():
			return shot, fmt.Errorf("waiting for a state of the server: %w", ctx.Err())
		}
	}
}

// The wait of /_qa/await: what is asked for, and the most.
const (
	defaultAwait = 30 * time.Second
	maxAwait     = 10 * time.Minute
)

// serveAwait answers with a snapshot once there are at least so many devices, devices online, associations and mails;
// 0 means none. user counts only the devices that a user (by id, username or email) installed or is bound to, hostname
// only those of that name, to only the mails to that address, subject only those whose subject holds it. 408, with the snapshot, when it does not come true in
// time.
func (s *Server) serveAwait(w http.ResponseWriter, r *http.Request) {
	a, err := askedToAwait(r)
	if err != nil {
		s.answerQA(w, r, nil, err)
		return
	}
	extend(w, a.timeout)
	shot, reached, err := s.awaitAsked(r.Context(), a, func(map[string]int) {})
	switch {
	case errors.Is(err, errClosed):
		message(w, http.StatusServiceUnavailable, "The server is closing")
	case err == nil && !reached:
		asJSON(w, http.StatusRequestTimeout, shot)
	default:
		s.answerQA(w, r, shot, err)
	}
}

// awaitAsked waits until there is enough, or until time has run out, and tells each look's counts.
func (s *Server) awaitAsked(ctx context.Context, a awaiting, tell func(map[string]int)) (shot Snapshot, reached bool, err error) {
	look := func(shot Snapshot) bool {
		have := a.count(shot)
		tell(have)
		return a.enough(have)
	}
	until, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	shot, err = s.await(until, look)
	if !errors.Is(err, context.DeadlineExceeded) {
		return shot, err == nil, err
	}
	shot, err = s.Snapshot(ctx) // time may have run out in the middle of one
	return shot, err == nil && look(shot), err
}

// The server-sent events of a wait.
const (
	awaitSoFar   = "so-far"  // what counts there are, at first and whenever they change
	awaitReached = "reached" // the end, with a snapshot
	awaitLate    = "late"    // the end, with a snapshot, when it did not come true in time
)

// serveAwaitStream is the same as server-sent events, so that whoever waits sees what is still missing. A server that
// closes ends the stream without a word.
func (s *Server) serveAwaitStream(w http.ResponseWriter, r *http.Request) {
	a, err := askedToAwait(r)
	if err != nil {
		s.answerQA(w, r, nil, err)
		return
	}
	extend(w, a.timeout)
	ctx, gone := context.WithCancel(r.Context())
	defer gone()
	w.Header().Set("Content-Type", "text/event-stream")
	tell := func(event string, v any) {
		data, err := json.Marshal(v)
		if err == nil {
			_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data)
		}
		if err != nil || http.NewResponseController(w).Flush() != nil {
			gone()
		}
	}
	var said map[string]int
	shot, reached, err := s.awaitAsked(ctx, a, func(have map[string]int) {
		if !maps.Equal(said, have) {
			tell(awaitSoFar, have)
			said = have
		}
	})
	switch {
	case err != nil: // the client is gone, or the server is closing
	case reached:
		tell(awaitReached, shot)
	default:
		tell(awaitLate, shot)
	}
}

// awaiting is what somebody waits for.
type awaiting struct {
	least   map[string]int    // of what at least how many; 0 is none
	of      map[string]string // whose count
	timeout time.Duration
}

// askedToAwait reads what to wait for, and for how long.
func askedToAwait(r *http.Request) (a awaiting, err error) {
	a = awaiting{map[string]int{}, map[string]string{}, defaultAwait}
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		switch name {
		case "timeout":
			if a.timeout, err = time.ParseDuration(value); err != nil || a.timeout <= 0 || a.timeout > maxAwait {
				return a, fmt.Errorf("%w: timeout is a duration such as 30s, at most %s", errBadRequest, maxAwait)
			}
		case "devices", "online", "bound", "mails":
			if a.least[name], err = strconv.Atoi(value); err != nil || a.least[name] < 0 {
				return a, fmt.Errorf("%w: %s is a number", errBadRequest, name)
			}
		case "user", "hostname", "to", "subject":
			a.of[name] = value
		default:
			return a, fmt.Errorf("%w: what is %q?", errBadRequest, name)
		}
	}
	return a, nil
}

// count counts what there is, of whom it was asked for.
func (a awaiting) count(shot Snapshot) map[string]int {
	have := map[string]int{"devices": 0, "online": 0, "bound": 0, "mails": 0}
	for _, m := range shot.Outbox {
		if (a.of["to"] == "" || strings.EqualFold(m.To, a.of["to"])) && strings.Contains(strings.ToLower(m.Subject), strings.ToLower(a.of["subject"])) {
			have["mails"]++
		}
	}
	for _, y := range shot.Systems {
		if a.of["hostname"] != "" && y.Hostname != a.of["hostname"] || a.of["user"] != "" && !concerns(y, shot.Users, a.of["user"]) {
			continue
		}
		have["devices"]++
		have["bound"] += len(y.BoundUserIDs)
		if y.Active {
			have["online"]++
		}
	}
	return have
}

// enough tells whether there is what is waited for.
func (a awaiting) enough(have map[string]int) bool {
	for name, n := range a.least {
		if have[name] < n || n == 0 && have[name] > 0 {
			return false
		}
	}
	return true
}

// concerns tells whether a user installed a device or is bound to it.
func concerns(y System, all []User, who string) bool {
	return slices.ContainsFunc(all, func(u User) bool {
		return (u.ID == who || u.Username == who || strings.EqualFold(u.Email, who)) &&
			(y.ProvisionerID == u.ID || slices.Contains(y.BoundUserIDs, u.ID))
	})
}
