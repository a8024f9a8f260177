package platform

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// settle waits until there is an agent that runs and has registered. A script's word that the system is not supported
// is no failure by itself, since other programs print such words too; it explains why no agent came up.
func (s *session) settle(ctx context.Context) error {
	if ctx.Err() != nil {
		return errStopped
	}
	if s.doubt != nil {
		if state, err := s.system.agentState(ctx); err == nil && !state.Installed {
			return s.doubt
		}
	}
	err := s.startAndRegister(ctx)
	var failed *JobError
	if s.doubt != nil && errors.As(err, &failed) && (failed.Code == JobServiceFailed || failed.Code == JobNotRegistered) {
		return s.doubt
	}
	return err
}

// startAndRegister starts the agent's service, waits until it stays up, and then until the agent has registered.
func (s *session) startAndRegister(ctx context.Context) error {
	s.report(Report{Phase: PhaseStartService})
	if err := s.system.startAgent(ctx); err != nil {
		// Systemd is asked for the truth below; what it says of a service that cannot start is more than this.
		s.log.Warn("starting the service", "err", redact(err.Error(), s.secrets))
	}
	judge := &serviceJudge{now: time.Now}
	err := s.follow(ctx, PhaseStartService, s.limits.service, judge.settled)
	if errors.Is(err, errNoAgent) {
		return &JobError{JobNoAgent, PhaseStartService, fmt.Sprintf("no agent after %d looks", maxMissing)}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &JobError{JobServiceFailed, PhaseStartService, fmt.Sprintf("the service is %s after %s", s.last.Service.State, s.limits.service)}
	}
	if err != nil {
		return err
	}
	if err := s.system.awaitAccess(ctx); err != nil {
		return err
	}
	s.report(Report{Phase: PhaseRegister})
	err = s.follow(ctx, PhaseRegister, s.limits.enrol, func(a AgentState) (bool, error) {
		if a.SystemKey != "" {
			return true, nil
		}
		return false, s.unsupported() // a longer wait changes nothing
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return s.notRegistered()
	}
	if err != nil {
		return err
	}
	// The key did its work; it does not stay on the disk longer than it must.
	return s.removeBootstrap()
}

// errNoAgent: the vendor's installer ended well and has installed nothing.
var errNoAgent = errors.New("there is no agent")

// ownLog reads the agent's log.
func (s *session) ownLog() (string, error) {
	log, err := readEnd(below(s.root, agentLog))
	if err != nil {
		return "", fmt.Errorf("reading the agent's log: %w", err)
	}
	return string(log), nil
}

// unsupported gives an error when the agent logs that the service does not support this system.
func (s *session) unsupported() error {
	log, err := s.ownLog()
	if err != nil {
		return err
	}
	if lines := parseErrors(log, s.begun, time.Local); scriptCode(lines) == JobUnsupported {
		return errors.Join(&JobError{JobUnsupported, PhaseRegister, redact(printable(lastLines(lines)), s.secrets)}, s.removeBootstrap())
	}
	return nil
}

// notRegistered says why there is no systemKey: the agent's log tells when its key was refused, the clock called wrong,
// or the server not trusted. Otherwise the agent goes on trying, and may come to be registered later, so its bootstrap file stays.
func (s *session) notRegistered() error {
	log, err := s.ownLog()
	if err != nil {
		return err
	}
	lines := parseErrors(log, s.begun, time.Local)
	lines = lines[max(0, len(lines)-5):] // what stopped it first may be over
	if code := scriptCode(lines); code == JobClock || code == JobInsecure {
		return &JobError{code, PhaseRegister, redact(printable(lastLines(lines)), s.secrets)}
	}
	if line := parseRefusal(log, s.begun, time.Local); line != "" {
		refused := &JobError{JobKeyRefused, PhaseRegister, redact(printable(line), s.secrets)}
		if err := s.removeBootstrap(); err != nil {
			return errors.Join(refused, err)
		}
		return refused
	}
	return &JobError{JobNotRegistered, PhaseRegister, fmt.Sprintf("no systemKey after %s", s.limits.enrol)}
}

// serviceJudge decides when a service runs steadily and when it never will.
type serviceJudge struct {
	now      func() time.Time
	seen     bool
	restarts int // at the first look
	failed   int // looks in a row at which it had failed
	missing  int // looks in a row at which neither agent nor service was there
}

// What counts as clear evidence that a service will not come up.
const (
	maxRestarts = 3 // the service manager started it again as often
	maxFailed   = 5 // looks in a row, a tick apart, at which it had given up
	maxMissing  = 15
)

// settled implements the question of follow.
func (j *serviceJudge) settled(a AgentState) (bool, error) {
	v := a.Service
	if !j.seen {
		j.seen, j.restarts = true, v.Restarts
	}
	if v.Steady(j.now()) {
		return true, nil
	}
	j.missing++
	if a.Installed || v.Exists {
		j.missing = 0
	}
	if j.missing >= maxMissing {
		return false, errNoAgent
	}
	j.failed++
	if len(v.State) < 6 || v.State[:6] != "failed" {
		j.failed = 0
	}
	if n := v.Restarts - j.restarts; n >= maxRestarts {
		return false, &JobError{JobServiceFailed, PhaseStartService, fmt.Sprintf("the service was restarted %d times", n)}
	}
	if j.failed >= maxFailed {
		return false, &JobError{JobServiceFailed, PhaseStartService, "the service is " + v.State}
	}
	return false, nil
}

// watch reports changes of the agent until the other end is gone or has seen enough.
func (s *session) watch(ctx context.Context) error {
	s.report(Report{Phase: PhaseWatch})
	err := s.follow(ctx, PhaseWatch, s.limits.watch, func(AgentState) (bool, error) { return false, nil })
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errStopped) {
		return nil
	}
	return err
}

// follow reads the agent's state each tick and reports its changes until done says so, fails, or limit is over
// (context.DeadlineExceeded). It ends with errStopped when ctx ends.
func (s *session) follow(ctx context.Context, phase Phase, limit time.Duration, done func(AgentState) (bool, error)) error {
	tick := time.NewTicker(s.limits.tick)
	defer tick.Stop()
	over := time.NewTimer(limit)
	defer over.Stop()
	for {
		state, err := s.system.agentState(ctx)
		if ctx.Err() != nil {
			return errStopped
		}
		if err == nil {
			err = addDeep(&state, s.root)
		}
		if err != nil {
			return fmt.Errorf("reading the agent's state: %w", err)
		}
		s.reportState(phase, state)
		if ok, err := done(state); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-over.C:
			return context.DeadlineExceeded
		case <-ctx.Done():
			return errStopped
		}
	}
}
