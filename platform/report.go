package platform

import (
	"encoding/json"
	"time"
)

// report sends a report. That the other end is gone is found by listen.
func (s *session) report(r Report) {
	r.Time = time.Now()
	if s.asking && (r.Phase == PhaseInstallPackage || r.Phase == PhaseStartService) {
		r.Phase = PhaseFullDiskAccess
	}
	if r.State == nil && r.Output == "" && r.Done == 0 {
		s.log.Info("phase", "phase", r.Phase, "unchanged", r.Unchanged)
	}
	_ = s.channel.write(message{Report: &r})
}

// line takes one line that a program printed and gives what is kept of it.
func (s *session) line(p Phase, text string) string {
	if s.heard != nil {
		return s.heard(p, text)
	}
	return s.output(p, text)
}

// output reports one line that a program printed.
func (s *session) output(p Phase, line string) string {
	// Twice: cutting a long line short must not leave half a secret, nor removing what is between hide one.
	line = redact(printable(redact(line, s.secrets)), s.secrets)
	if line != "" {
		s.log.Info("output", "phase", p, "line", line)
		s.report(Report{Phase: p, Output: line})
	}
	return line
}

// reportState sends the agent's state when it differs from the last one sent.
func (s *session) reportState(p Phase, now AgentState) {
	// Since is reckoned from two clocks and may waver by a second.
	if d := now.Service.Since.Sub(s.last.Service.Since); d > -2*time.Second && d < 2*time.Second {
		now.Service.Since = s.last.Service.Since
	}
	if sameState(now, s.last) {
		return
	}
	s.last = now
	s.log.Info("state", "phase", p, "version", now.Version, "service", now.Service.State, "restarts", now.Service.Restarts,
		"certificate", now.Certificate, "systemKey", now.SystemKey, "lastContact", now.LastContact, "users", len(now.ManagedUsers))
	s.report(Report{Phase: p, State: &now})
}

// sameState tells whether two states would be told in the same words.
func sameState(a, b AgentState) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
