package stub

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
)

// where says which calls a fault changes, for people.
func (f Fault) where() string {
	where := strings.TrimSpace(f.Method + " " + f.Path)
	switch {
	case f.Point != "":
		where = string(f.Point)
	case f.Certificate != "":
		where = assets.Text("web.console.where.tls")
	}
	if f.Port != "" {
		where = assets.Text("web.console.where.port", "What", where, "Port", f.Port)
	}
	return where
}

// does says what a fault does to an answer, for people.
func (f Fault) does() string {
	var parts []string
	add := func(set bool, key string, args ...any) {
		if set {
			parts = append(parts, assets.Text("web.console.does."+key, args...))
		}
	}
	add(f.Delay > 0, "delay", "Time", f.Delay.String())
	add(f.Reset, "reset")
	add(f.Redirect != "", "redirect", "To", f.Redirect)
	add(f.Stale, "stale")
	add(f.Poison != "", "poison", "Kind", string(f.Poison))
	add(f.Status != 0, "status", "Status", f.Status)
	add(f.Body != "" || len(f.Header) > 0, "content")
	add(f.CutAfter > 0, "cut", "Bytes", f.CutAfter)
	add(f.LengthOff != 0, "length", "Bytes", f.LengthOff)
	add(f.BytesPerSecond > 0, "slow", "Bytes", f.BytesPerSecond)
	add(f.Certificate != "", "certificate", "Kind", string(f.Certificate))
	return strings.Join(parts, ", ")
}

// usedText says how much of a fault is used up.
func (f Fault) usedText() string {
	switch {
	case f.Calls < f.Skip:
		return assets.Text("web.console.used.waits", "Count", f.Skip-f.Calls)
	case f.Times == Always:
		return assets.Text("web.console.used.always", "Count", f.Used)
	}
	return assets.Text("web.console.used.some", "Used", f.Used, "Count", f.Times)
}

// consoleClock moves the clock: advance is in seconds, set a time in UTC as a browser's field gives it.
func (s *Server) consoleClock(w http.ResponseWriter, r *http.Request) error {
	do := r.PostFormValue("do")
	seconds, notNumber := strconv.ParseInt(do, 10, 64)
	switch {
	case do == "freeze":
		s.FreezeClock(time.Time{})
		return done(w, r, consolePath+"#clock", "clock_frozen")
	case do == "run":
		s.ThawClock()
	case do == "back":
		s.MoveClock(0)
	case do == "set":
		at, ok := fieldTime(r.PostFormValue("time"))
		if !ok || at.Sub(s.true()).Abs() > maxClockOffset {
			return done(w, r, consolePath+"#clock", "not_a_time")
		}
		s.consoleSet(at)
	case notNumber != nil || time.Duration(seconds).Abs() > maxClockOffset/time.Second || s.now().Sub(s.true()).Abs() > maxClockOffset:
		return done(w, r, consolePath+"#clock", "not_a_time")
	default:
		s.AdvanceClock(time.Duration(seconds) * time.Second)
	}
	return done(w, r, consolePath+"#clock", "clock_moved", "Now", s.now().UTC().Format(consoleTime))
}

// consoleSet sets the clock and leaves it frozen where it was.
func (s *Server) consoleSet(at time.Time) {
	s.clock.mu.Lock()
	frozen := !s.clock.frozen.IsZero()
	s.clock.mu.Unlock()
	if frozen {
		s.FreezeClock(at)
		return
	}
	s.MoveClock(at.Sub(s.true()))
}

// consoleTime is how the console writes a time; all of them are UTC, as in the journal.
const consoleTime = "2006-01-02 15:04:05"

// fieldTime reads what a browser's field for a date and time gives, which leaves out what is zero.
func fieldTime(text string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05.999", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (s *Server) consoleFault(w http.ResponseWriter, r *http.Request) error {
	name := r.PostFormValue("preset")
	_, err := s.ApplyPreset(name)
	if errors.Is(err, ErrNotFound) {
		return done(w, r, consolePath+"#faults", "not_a_preset")
	}
	if err != nil {
		return err
	}
	return done(w, r, consolePath+"#faults", "armed", "Name", name)
}

// consoleFaultRemove removes the fault that id names; without one, all.
func (s *Server) consoleFaultRemove(w http.ResponseWriter, r *http.Request) error {
	err := s.ClearFaults(r.PostFormValue("id"))
	if err != nil && !errors.Is(err, ErrNotFound) { // not found: it was used up meanwhile
		return err
	}
	return done(w, r, consolePath+"#faults", "disarmed")
}

func (s *Server) consoleNamespace(w http.ResponseWriter, r *http.Request) error {
	n, err := s.NewNamespace(r.Context(), strings.TrimSpace(r.PostFormValue("name")))
	switch {
	case errors.Is(err, ErrAlready):
		return done(w, r, consolePath+"#namespaces", "not_free")
	case errors.Is(err, errBadRequest):
		return done(w, r, consolePath+"#namespaces", "not_a_name")
	case err != nil:
		return err
	}
	if r.PostFormValue("demo") == "yes" {
		if err := n.Server.Demo(r.Context()); err != nil {
			return errors.Join(err, s.EndNamespace(n.Name))
		}
	}
	return done(w, r, consolePath+"#namespaces", "space_made", "Name", n.Name)
}

func (s *Server) consoleNamespaceEnd(w http.ResponseWriter, r *http.Request) error {
	name := r.PostFormValue("name")
	if err := s.EndNamespace(name); err != nil && !errors.Is(err, ErrNotFound) { // not found: somebody else was faster
		return err
	}
	return done(w, r, consolePath+"#namespaces", "space_ended", "Name", oneLine(name, 50))
}
