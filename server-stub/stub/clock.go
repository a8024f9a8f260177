package stub

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// movableClock is what a tester did to the server's time.
type movableClock struct {
	mu     sync.Mutex
	ahead  time.Duration // of Now
	frozen time.Time     // where it stands still; zero while it runs
}

// MoveClock sets how far the server's clock is ahead of Now; negative is behind. A frozen clock runs again. Key expiry,
// sessions, second factors, lockouts, active and inactive, mails and events go by this clock; certificates and the
// waiting of a long poll do not.
func (s *Server) MoveClock(offset time.Duration) {
	s.changeClock(func(c *movableClock) { c.ahead, c.frozen = offset, time.Time{} })
}

// AdvanceClock moves the clock on by d, or back. A frozen clock stands still at the new time.
func (s *Server) AdvanceClock(d time.Duration) {
	s.changeClock(func(c *movableClock) {
		c.ahead += d
		if !c.frozen.IsZero() {
			c.frozen = c.frozen.Add(d)
		}
	})
}

// FreezeClock makes the clock stand still, at t or, when that is zero, where it is.
func (s *Server) FreezeClock(t time.Time) {
	if t.IsZero() {
		t = s.now()
	}
	s.changeClock(func(c *movableClock) { c.ahead, c.frozen = t.Sub(s.true()), t })
}

// ThawClock lets a frozen clock go on from where it stands.
func (s *Server) ThawClock() {
	s.changeClock(func(c *movableClock) {
		if !c.frozen.IsZero() {
			c.ahead, c.frozen = c.frozen.Sub(s.true()), time.Time{}
		}
	})
}

func (s *Server) changeClock(change func(*movableClock)) {
	s.clock.mu.Lock()
	change(&s.clock)
	s.clock.mu.Unlock()
	s.note(Entry{Kind: EntryClock, Text: "the clock was moved"})
	s.changed.fire()
}

// true is the clock that nobody moved.
func (s *Server) true() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// now is the server's clock.
func (s *Server) now() time.Time {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	if !s.clock.frozen.IsZero() {
		return s.clock.frozen
	}
	return s.true().Add(s.clock.ahead)
}

// clockJSON is what /_qa/clock answers.
type clockJSON struct {
	Now           string  `json:"now"`
	Frozen        bool    `json:"frozen"`
	OffsetSeconds float64 `json:"offsetSeconds"` // ahead of the computer's clock
}

func (s *Server) qaClock(*http.Request) (any, error) {
	now := s.now()
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return clockJSON{when(now), !s.clock.frozen.IsZero(), now.Sub(s.true()).Round(time.Millisecond).Seconds()}, nil
}

// maxClockOffset is a hundred years.
const maxClockOffset = 100 * 365 * 24 * time.Hour

// qaMoveClock does what is named, in this order: sets an offset or a time, advances, freezes or thaws.
func (s *Server) qaMoveClock(r *http.Request) (any, error) {
	var in struct {
		OffsetSeconds  *int64     `json:"offsetSeconds"`
		Set            *time.Time `json:"set"`
		AdvanceSeconds int64      `json:"advanceSeconds"`
		Freeze         *bool      `json:"freeze"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	var ahead time.Duration
	far := func(seconds int64) bool {
		return seconds > int64(maxClockOffset/time.Second) || -seconds > int64(maxClockOffset/time.Second)
	}
	switch {
	case in.OffsetSeconds != nil && in.Set != nil:
		return nil, fmt.Errorf("%w: offsetSeconds or set, not both", errBadRequest)
	case in.OffsetSeconds != nil && far(*in.OffsetSeconds), far(in.AdvanceSeconds), in.Set != nil && in.Set.Sub(s.true()).Abs() > maxClockOffset:
		return nil, fmt.Errorf("%w: more than a hundred years", errBadRequest)
	case in.OffsetSeconds != nil:
		ahead = time.Duration(*in.OffsetSeconds) * time.Second
		s.MoveClock(ahead)
	case in.Set != nil:
		s.MoveClock(in.Set.Sub(s.true()))
	}
	if in.AdvanceSeconds != 0 {
		s.AdvanceClock(time.Duration(in.AdvanceSeconds) * time.Second)
	}
	if in.Freeze != nil && *in.Freeze {
		s.FreezeClock(time.Time{})
	}
	if in.Freeze != nil && !*in.Freeze {
		s.ThawClock()
	}
	return s.qaClock(r)
}
