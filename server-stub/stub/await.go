package stub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
// only those of that name, to only the mails to that address. 408, with the snapshot, when it does not come true in
// time.
func (s *Server) serveAwait(w http.ResponseWriter, r *http.Request) {
	what, timeout, err := awaited(r)
	if err != nil {
		s.answerQA(w, r, nil, err)
		return
	}
	extend(w, timeout)
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	shot, err := s.await(ctx, what)
	switch {
	case errors.Is(err, errClosed):
		message(w, http.StatusServiceUnavailable, "The server is closing")
	case errors.Is(err, context.DeadlineExceeded):
		// Time may have run out in the middle of a snapshot, so the one to show is a new one.
		if shot, err = s.Snapshot(r.Context()); err != nil {
			s.answerQA(w, r, nil, err)
			return
		}
		asJSON(w, http.StatusRequestTimeout, shot)
	default:
		s.answerQA(w, r, shot, err)
	}
}

// awaited reads what to wait for, and for how long.
func awaited(r *http.Request) (what func(Snapshot) bool, timeout time.Duration, err error) {
	want, of := map[string]int{}, map[string]string{}
	timeout = defaultAwait
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		switch name {
		case "timeout":
			if timeout, err = time.ParseDuration(value); err != nil || timeout <= 0 || timeout > maxAwait {
				return nil, 0, fmt.Errorf("%w: timeout is a duration such as 30s, at most %s", errBadRequest, maxAwait)
			}
		case "devices", "online", "bound", "mails":
			if want[name], err = strconv.Atoi(value); err != nil || want[name] < 0 {
				return nil, 0, fmt.Errorf("%w: %s is a number", errBadRequest, name)
			}
		case "user", "hostname", "to":
			of[name] = value
		default:
			return nil, 0, fmt.Errorf("%w: what is %q?", errBadRequest, name)
		}
	}
	return reached(want, of), timeout, nil
}

// reached says whether a snapshot has at least what is wanted, of whom; 0 wants none.
func reached(want map[string]int, of map[string]string) func(Snapshot) bool {
	return func(shot Snapshot) bool {
		have := map[string]int{}
		for _, m := range shot.Outbox {
			if of["to"] == "" || strings.EqualFold(m.To, of["to"]) {
				have["mails"]++
			}
		}
		for _, y := range shot.Systems {
			if of["hostname"] != "" && y.Hostname != of["hostname"] || of["user"] != "" && !concerns(y, shot.Users, of["user"]) {
				continue
			}
			have["devices"]++
			have["bound"] += len(y.BoundUserIDs)
			if y.Active {
				have["online"]++
			}
		}
		for name, n := range want {
			if have[name] < n || n == 0 && have[name] > 0 {
				return false
			}
		}
		return true
	}
}

// concerns tells whether a user installed a device or is bound to it.
func concerns(y System, all []User, who string) bool {
	return slices.ContainsFunc(all, func(u User) bool {
		return (u.ID == who || u.Username == who || strings.EqualFold(u.Email, who)) &&
			(y.ProvisionerID == u.ID || slices.Contains(y.BoundUserIDs, u.ID))
	})
}
