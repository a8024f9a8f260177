package stub

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Settings are what the vendor's documents leave open, and what a tester wants to move. They live as long as the
// Server. In JSON their names begin with a small letter, and durations are whole seconds: keyLifeSeconds.
type Settings struct {
	KeyRefusedStatus int           // HTTP status of a refused connect key; the vendor's is not public
	ClockSkew        time.Duration // a clock further off is refused; the vendor's limit is not public
	KeyLife          time.Duration // of a user's key; the vendor says one hour
	InactiveAfter    time.Duration // since the last contact; the vendor's limit is not public
	KeysOnce         bool          // a user's key signs one certificate only
	KeysWorkWhenOff  bool          // keys issued before the feature was switched off still work
	TenantKeys       bool          // new keys have the jcc_ form
	AgentVersion     string        // of the packages on the shelf, three numbers
	LockoutAfter     int           // wrong passwords or codes
	LockoutFor       time.Duration
	SessionIdle      time.Duration // after which a portal's session ends
	PushFactor       bool          // who has a second factor may answer a question on the phone instead of typing a code
	PushLife         time.Duration // how long that question waits
	PollWait         time.Duration // how long a long poll is held when there is nothing to say
	Supported        []Support     // what Detect accepts
	Reports          bool          // take reports of failed enrollments, which the vendor does not
	ReportsPerHour   int           // that one device may send
	KeyRefusedBody   string        // of that answer; empty is a sentence of ours, the vendor's is not public
	SignsAnew        bool          // the kickstart script asks for a new certificate on a computer that has one: a second device. What the vendor's does is not public
}

// DefaultSettings are the settings of a Server that was given none.
func DefaultSettings() Settings {
	return Settings{
		KeyRefusedStatus: http.StatusForbidden, ClockSkew: 10 * time.Minute, KeyLife: time.Hour, InactiveAfter: 3 * time.Minute,
		KeysWorkWhenOff: true, AgentVersion: "2.166.2", LockoutAfter: 5, LockoutFor: 15 * time.Minute,
		SessionIdle: 30 * time.Minute, PushLife: time.Minute, PollWait: 25 * time.Second, Supported: DefaultSupport(),
		ReportsPerHour: 20,
	}
}

// check says what of the settings cannot work.
func (c Settings) check() error {
	if c.KeyRefusedStatus < 400 || c.KeyRefusedStatus > 499 {
		return errors.New("keyRefusedStatus is from 400 to 499")
	}
	if len(c.KeyRefusedBody) > maxRefusal {
		return errors.New("keyRefusedBody is at most 4096 bytes")
	}
	if !versionForm.MatchString(c.AgentVersion) {
		return errors.New("agentVersion is three numbers with dots")
	}
	if c.LockoutAfter < 1 {
		return errors.New("lockoutAfter is at least 1")
	}
	if c.ReportsPerHour < 1 || c.ReportsPerHour > maxReports {
		return fmt.Errorf("reportsPerHour is from 1 to %d", maxReports)
	}
	for _, d := range []time.Duration{c.ClockSkew, c.KeyLife, c.InactiveAfter, c.LockoutFor, c.SessionIdle, c.PushLife, c.PollWait} {
		if d < 0 || d > maxSetting {
			return errors.New("a duration is from nothing to a year")
		}
	}
	return nil
}

const maxRefusal = 4 << 10

const maxSetting = 366 * 24 * time.Hour

// settingsJSON is the wire form of Settings.
type settingsJSON struct {
	KeyRefusedStatus     int       `json:"keyRefusedStatus"`
	ClockSkewSeconds     int64     `json:"clockSkewSeconds"`
	KeyLifeSeconds       int64     `json:"keyLifeSeconds"`
	InactiveAfterSeconds int64     `json:"inactiveAfterSeconds"`
	KeysOnce             bool      `json:"keysOnce"`
	KeysWorkWhenOff      bool      `json:"keysWorkWhenOff"`
	TenantKeys           bool      `json:"tenantKeys"`
	AgentVersion         string    `json:"agentVersion"`
	LockoutAfter         int       `json:"lockoutAfter"`
	LockoutForSeconds    int64     `json:"lockoutForSeconds"`
	SessionIdleSeconds   int64     `json:"sessionIdleSeconds"`
	PushFactor           bool      `json:"pushFactor"`
	PushLifeSeconds      int64     `json:"pushLifeSeconds"`
	PollWaitSeconds      int64     `json:"pollWaitSeconds"`
	Supported            []Support `json:"supported"`
	Reports              bool      `json:"reports"`
	ReportsPerHour       int       `json:"reportsPerHour"`
	KeyRefusedBody       string    `json:"keyRefusedBody"`
	SignsAnew            bool      `json:"kickstartSignsAnew"`
}

func (c Settings) wire() settingsJSON {
	sec := func(d time.Duration) int64 { return int64(d / time.Second) }
	return settingsJSON{c.KeyRefusedStatus, sec(c.ClockSkew), sec(c.KeyLife), sec(c.InactiveAfter), c.KeysOnce, c.KeysWorkWhenOff, c.TenantKeys,
		c.AgentVersion, c.LockoutAfter, sec(c.LockoutFor), sec(c.SessionIdle), c.PushFactor, sec(c.PushLife), sec(c.PollWait), c.Supported, c.Reports, c.ReportsPerHour,
		c.KeyRefusedBody, c.SignsAnew}
}

func (j settingsJSON) settings() Settings {
	dur := func(n int64) time.Duration { // out of range stays out of range: a product must not wrap around
		return time.Duration(min(max(n, -1), int64(maxSetting/time.Second)+1)) * time.Second
	}
	return Settings{j.KeyRefusedStatus, dur(j.ClockSkewSeconds), dur(j.KeyLifeSeconds), dur(j.InactiveAfterSeconds), j.KeysOnce, j.KeysWorkWhenOff, j.TenantKeys,
		j.AgentVersion, j.LockoutAfter, dur(j.LockoutForSeconds), dur(j.SessionIdleSeconds), j.PushFactor, dur(j.PushLifeSeconds), dur(j.PollWaitSeconds), j.Supported, j.Reports, j.ReportsPerHour,
		j.KeyRefusedBody, j.SignsAnew}
}

// MarshalJSON implements json.Marshaler.
func (c Settings) MarshalJSON() ([]byte, error) { return json.Marshal(c.wire()) }

// Settings gives the present settings.
func (s *Server) Settings() Settings {
	if s.open() != nil {
		return DefaultSettings()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

// ChangeSettings changes the settings, or gives an error and changes nothing. change is called once, and must not call
// the Server.
func (s *Server) ChangeSettings(change func(*Settings)) error {
	if err := s.open(); err != nil {
		return err
	}
	s.mu.Lock()
	next := s.settings
	change(&next)
	err := next.check()
	if err == nil {
		s.settings = next
	}
	s.mu.Unlock()
	if err == nil {
		s.note(Entry{Kind: EntrySettings, Text: "the settings were changed"})
	}
	s.changed.fire()
	return err
}
