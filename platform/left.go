package platform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// endingNote is the file in the private folder by which a run says that it only finishes what it is at.
const endingNote = "ending"

// noteEnding says so, unless the run is over.
func (s *session) noteEnding() {
	if s.job.Verb != VerbInstall {
		return
	}
	s.ending.Lock()
	defer s.ending.Unlock()
	if s.over {
		return
	}
	if err := os.WriteFile(filepath.Join(s.state, endingNote), nil, 0o600); err != nil {
		s.log.Warn("noting the end", "err", err)
	}
}

// removeEnding takes that back; with over it is not said any more.
func (s *session) removeEnding(over bool) error {
	s.ending.Lock()
	defer s.ending.Unlock()
	s.over = over
	if err := os.Remove(filepath.Join(s.state, endingNote)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("locking: %w", err)
	}
	return nil
}

// lock makes sure that one install runs at a time. One whose person is gone, or has said stop, is waited for; it may have
// to notice that first.
func (s *session) lock(ctx context.Context) (unlock func(), err error) {
	tick := time.NewTicker(s.limits.tick / 10)
	defer tick.Stop()
	late := time.NewTimer(s.limits.script)
	defer late.Stop()
	soon := time.NewTimer(3 * s.limits.tick)
	defer soon.Stop()
	for {
		unlock, err := lockFile(filepath.Join(s.state, "lock"))
		if err == nil {
			return func() { _ = s.removeEnding(true); unlock() }, s.removeEnding(false)
		}
		if !errors.Is(err, ErrBusy) {
			return nil, fmt.Errorf("locking: %w", err)
		}
		busy := &JobError{JobBusy, PhaseConsent, "another run holds the lock"}
		select {
		case <-tick.C:
		case <-soon.C:
			if !exists(filepath.Join(s.state, endingNote)) {
				return nil, busy
			}
		case <-late.C:
			return nil, busy
		case <-ctx.Done():
			return nil, errStopped
		}
	}
}

// clearLeft makes an end of what a run that died has left: a command of the vendor's that still runs is waited for,
// since two installers must never run beside each other, and the package that it was given is removed.
func (s *session) clearLeft(ctx context.Context) error {
	if err := s.awaitCommand(ctx); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(s.state, "received-*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing what an earlier run left: %w", err)
		}
	}
	return nil
}
