package platform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// mendLeftovers removes what identifies the device of an agent that is gone. An agent that is there keeps its own.
func (s *session) mendLeftovers(ctx context.Context) error {
	state, err := shallowState(ctx, s.root)
	if err != nil {
		return fmt.Errorf("reading the agent's state: %w", err)
	}
	if state.Installed || state.Service.Running {
		s.log.Warn("an agent is there, so nothing of it is removed")
		return nil
	}
	for _, path := range AgentIdentity("linux") {
		if err := os.Remove(filepath.Join("/", s.root, path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing what an earlier agent left: %w", err)
		}
	}
	return nil
}

// mendProxy writes the agent's proxy file, whole or not at all. It may hold a password, so only root can read it.
func (s *session) mendProxy() error {
	text := []byte(s.trusted.AgentProxy.Reveal())
	if len(text) == 0 {
		return &JobError{JobUntrusted, PhaseMend, "no protected profile says what the agent's proxy file is to hold"}
	}
	path := filepath.Join("/", s.root, AgentProxyFile)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // /etc is for all to read; it is missing in a sandbox alone
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".jcagent-proxy-") // 0600
	if err != nil {
		return fmt.Errorf("writing the agent's proxy file: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the agent's proxy file: %w", err), os.Remove(f.Name()))
	}
	return nil
}
