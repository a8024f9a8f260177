package platform

import (
	"context"
	"fmt"
	"time"
)

// mend puts right what the job says, before anything else is done. Everything that it touches is named here or in the
// protected profile, never in the job.
func (s *session) mend(ctx context.Context) error {
	if len(s.job.Fixes) == 0 {
		return nil
	}
	s.report(Report{Phase: PhaseMend})
	for _, fix := range s.job.Fixes {
		s.log.Info("fix", "name", fix)
		var err error
		switch fix {
		case FixClock:
			err = s.mendClock(ctx)
		case FixPackages:
			err = s.mendPackages()
		case FixAgent:
			err = s.mendAgent(ctx)
		case FixLeftovers:
			err = s.mendLeftovers(ctx)
		case FixProxy:
			err = s.mendProxy()
		default:
			err = &JobError{JobMalformed, PhaseMend, "the fix is not for this system"}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mendClock switches automatic time on and waits a moment for it. A clock that stays wrong ends no job here: the
// service judges it, and says so.
func (s *session) mendClock(ctx context.Context) error {
	if s.root != "" {
		return nil
	}
	if lines, err := s.runCommand(PhaseMend, s.limits.fetch, nil, "timedatectl", "set-ntp", "true"); err != nil {
		s.log.Warn("switching automatic time on", "err", err, "lines", lastLines(lines))
		return nil
	}
	tick := time.NewTicker(s.limits.tick)
	defer tick.Stop()
	late := time.NewTimer(s.limits.fetch / 2)
	defer late.Stop()
	for timeSync(ctx).Synced != Yes {
		select {
		case <-tick.C:
		case <-late.C:
			s.log.Warn("no time server answered")
			return nil
		case <-ctx.Done():
			return errStopped
		}
	}
	return nil
}

// mendPackages finishes what dpkg was interrupted in; settings that a person changed stay as they are.
func (s *session) mendPackages() error {
	if s.root != "" {
		return nil
	}
	lines, err := s.runCommand(PhaseMend, s.limits.install, nil, "dpkg", "--force-confdef", "--force-confold", "--configure", "-a")
	if err != nil {
		return &JobError{JobPackageFailed, PhaseMend, fmt.Sprintf("%v: %s", err, lastLines(lines))}
	}
	return nil
}

// mendAgent repairs an agent that is there and does not run, as far as that is not the installer's, which comes after it:
// its service is switched on, its crashes are forgotten, and an install that was cut short is finished. None of it is
// needed for certain, so none of it fails the job: what counts is whether the agent runs in the end.
func (s *session) mendAgent(ctx context.Context) error {
	if s.root != "" {
		return nil
	}
	state, err := shallowState(ctx, s.root)
	if err != nil {
		return fmt.Errorf("reading the agent's state: %w", err)
	}
	var commands [][]string
	if !state.Installed && command("dpkg") != "" {
		commands = append(commands, []string{"dpkg", "--force-confdef", "--force-confold", "--configure", agentService})
	}
	for _, verb := range []string{"unmask", "enable", "reset-failed"} {
		commands = append(commands, []string{"systemctl", verb, agentService + ".service"})
	}
	for _, argv := range commands {
		if lines, err := s.runCommand(PhaseMend, s.limits.install, nil, argv[0], argv[1:]...); err != nil {
			s.log.Warn("repairing the agent", "command", argv, "err", err, "lines", lastLines(lines))
		}
	}
	return nil
}
