package steps

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// accessWithin is how long macOS's Full Disk Access is waited for where the elevated side names no end: the vendor's
// own limit, https://jumpcloud.com/support/agent-compatibility-system-requirements-and-impacts
const accessWithin = 5 * time.Minute

// awaitAccess leads the person to Full Disk Access while the job waits for it, and goes on by itself when it was given.
// No answer, a no and the end of the five minutes do not end the enrollment: the agent is there, and the access can be
// given at any time later. What is left to do then is told at the end.
func (e *enrollment) awaitAccess(ctx context.Context, w *watch) error {
	e.mu.Lock()
	until := w.until
	e.mu.Unlock()
	if until.IsZero() {
		until = e.c.Now().Add(accessWithin)
	}
	// Now may be a test's; what is left of the time is the same on every clock.
	limit, cancel := context.WithTimeout(ctx, max(0, until.Sub(e.c.Now())))
	defer cancel()
	left := make(chan error, 1)
	go func() {
		left <- e.await(limit, 0, func() bool { return w.ended || w.phase != platform.PhaseFullDiskAccess })
		cancel()
	}()
	err := e.askAccess(limit, until)
	late := errors.Is(limit.Err(), context.DeadlineExceeded)
	cancel()
	over := <-left == nil // the phase ended before the answer came
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case over:
	case errors.Is(err, ErrQuit):
		return ErrQuit
	case err != nil && !late && !errors.Is(err, context.Canceled):
		return err
	}
	e.leaveAccess(w, over, late)
	return nil
}

// askAccess asks until there is an answer; there is nothing to go back to.
func (e *enrollment) askAccess(ctx context.Context, until time.Time) error {
	for {
		_, err := e.confirm(ctx, func() Confirmation {
			return Confirmation{Step: Install, Access: &AccessQuestion{Settings: platform.FullDiskAccessSettings, Until: until}}
		})
		if !errors.Is(err, ErrBack) || ctx.Err() != nil {
			return err
		}
	}
}

// leaveAccess tells how the wait ended. Whether the access is there is what the agent's state says, never the answer.
func (e *enrollment) leaveAccess(w *watch, over, late bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w.accessAsked = true
	key, state := "note.access.skipped", PhaseSkipped
	switch {
	case e.access() == platform.Yes:
		key, state = "note.access.given", PhaseDone
	case over && w.err != nil:
		return // the job failed, which is told as a problem
	case over && e.access() == platform.Unknown:
		key, state = "note.access.unseen", PhaseDone // only the agent knows
	case over, late:
		key, state = "note.access.late", PhaseFailed
	}
	if w.states[platform.PhaseFullDiskAccess] == PhaseRunning {
		e.tellPhase(w, platform.PhaseFullDiskAccess, state, 0, 0)
	}
	e.lacking = state != PhaseDone
	e.tellLocked(Event{Kind: KindNote, Text: assets.Text(key)})
}

// noteAccess tells of an access that came after all, by the person or by an MDM profile; the lock is held.
func (e *enrollment) noteAccess() {
	if e.lacking && e.access() == platform.Yes {
		e.lacking = false
		e.tellLocked(Event{Kind: KindNote, Text: assets.Text("note.access.given")})
	}
}

// The things that may be left to do after an enrollment.
const (
	LeftFullDiskAccess = "full-disk-access"
	LeftServiceAccount = "service-account"
)

// whatIsLeft says what the enrollment could not do on this Mac and who can; the lock is held.
func (e *enrollment) whatIsLeft() []Left {
	var left []Left
	if id := LeftFullDiskAccess; e.access() == platform.No || e.access() == platform.Unknown && e.lacking {
		left = append(left, Left{ID: id, Title: assets.Text("note.left." + id), Text: assets.Text("note.left." + id + ".text")})
	}
	skipped := e.token.asked && e.token.name == ""
	switch v := e.device.Account; {
	case v.Yes, !v.Known && (!skipped || e.device.Upgrade || e.device.Unchanged):
		return left
	}
	l := Left{ID: LeftServiceAccount, Title: assets.Text("note.left.service-account"), Request: e.accountRequest()}
	l.Text = assets.Text("note.left.service-account.failed")
	if skipped {
		l.Text = assets.Text("note.left.service-account.text")
	}
	return append(left, l)
}

// accountRequest asks IT to set the service account up; the lock is held.
func (e *enrollment) accountRequest() *Request {
	names, _ := holders(e.found)
	who, state := strings.Join(names, ", "), e.device.Account.Proof
	if who == "" {
		who = assets.Text("note.request.nobody")
	}
	if state == "" {
		state = assets.Text("note.left.service-account")
	}
	return &Request{
		To: e.c.Profile.Help.Email, Subject: assets.Text("note.request.account.subject", "Hostname", e.found.Hostname),
		Text: assets.Text("note.request.account.text", "Hostname", e.found.Hostname, "System", systemName(e.found), "User", e.found.User,
			"Device", e.device.SystemKey, "State", state, "Holders", who, "Link", macArticle),
	}
}
