//go:build !windows

package platform

import (
	"context"
	"errors"
	"time"
)

// access tells whether the agent has Full Disk Access, anew every now and then until it has.
func (m *macSide) access(ctx context.Context) Answer {
	if now := m.tools.now(); m.given != Yes && (m.looked.IsZero() || now.Sub(m.looked) >= m.limits.look) {
		if m.looked.IsZero() {
			m.mdm = parseEnrollment(m.tools.said(ctx, toolProfiles, "status", "-type", "enrollment"))
		}
		m.given, m.looked = m.tools.access(ctx, m.mdm), now
	}
	return m.given
}

// needless tells that no person has to give the access: it is there; or an agent that was registered before had it or
// had not, which cannot be told, and an upgrade takes nothing from it.
func (m *macSide) needless(ctx context.Context) bool {
	given := m.access(ctx)
	return given == Yes || given == Unknown && m.before.SystemKey != ""
}

// askAccess begins the vendor's five minutes, once. The settings are opened by the person's side.
func (m *macSide) askAccess() {
	if !m.until.IsZero() || m.needless(context.Background()) {
		return
	}
	now := m.tools.now()
	m.until, m.asking = now.Add(m.limits.access), true
	m.report(Report{Phase: PhaseFullDiskAccess, Until: m.until})
}

// awaitAccess waits until the agent has Full Disk Access, or the vendor's time is over. Where nothing on this Mac tells
// whether it has, the wait ends when the agent has registered: a person who did as asked is not kept for minutes.
func (m *macSide) awaitAccess(ctx context.Context) error {
	m.looked = time.Time{} // the agent is there only now
	if m.askAccess(); m.until.IsZero() {
		return nil
	}
	defer func() { m.asking = false }()
	err := m.follow(ctx, PhaseFullDiskAccess, m.until.Sub(m.tools.now()), func(a AgentState) (bool, error) {
		err := m.unsupported()
		if a.SystemKey != "" {
			err = errors.Join(err, m.removeBootstrap()) // the key did its work
		}
		return a.FullDiskAccess == Yes || a.FullDiskAccess == Unknown && a.SystemKey != "" && a.Certificate, err
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}
