package platform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// commandNote is the file in the private folder that says which command runs: its process, and when that started.
const commandNote = "command"

// noteCommand notes a command until the result is called.
func (s *session) noteCommand(pid int) (ended func()) {
	path := filepath.Join(s.state, commandNote)
	started, err := startTime(pid)
	if err == nil {
		err = os.WriteFile(path, fmt.Appendf(nil, "%d %d\n", pid, started), 0o600)
	}
	if err != nil {
		s.log.Warn("noting the command", "err", err)
	}
	return func() { _ = os.Remove(path) }
}

// awaitCommand waits for the command that a run which died has noted, and removes the note.
func (s *session) awaitCommand(ctx context.Context) error {
	note := filepath.Join(s.state, commandNote)
	var pid int
	var started uint64
	if _, err := fmt.Sscan(readText(note), &pid, &started); err == nil {
		s.log.Info("waiting for the command of an earlier run", "pid", pid)
		if err := s.awaitEnd(ctx, pid, started); err != nil {
			return err
		}
	}
	if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing what an earlier run left: %w", err)
	}
	return nil
}

// awaitEnd waits for a process that is not ours, as long as a script may run.
func (s *session) awaitEnd(ctx context.Context, pid int, started uint64) error {
	tick := time.NewTicker(s.limits.tick / 10)
	defer tick.Stop()
	late := time.NewTimer(s.limits.script)
	defer late.Stop()
	for {
		if now, err := startTime(pid); err != nil || now != started || !alive(pid) {
			return nil //nolint:nilerr // it is gone
		}
		select {
		case <-tick.C:
		case <-late.C:
			return &JobError{JobBusy, PhaseConsent, "the installer of an earlier run still runs"}
		case <-ctx.Done():
			return errStopped
		}
	}
}

// pipeRoom is what a pipe holds: pipe(7).
const pipeRoom = 64 << 10

// roomFor makes a pipe hold n bytes at once, however slowly they are read.
func roomFor(pipe *os.File, n int) error {
	if n <= pipeRoom {
		return nil
	}
	_, err := unix.FcntlInt(pipe.Fd(), unix.F_SETPIPE_SZ, n)
	return err
}

// lastingPipe gives a pipe whose writer never finds its reader gone, because it reads too: when this process is killed,
// the vendor's command is finished, and not ended by the next line that it prints. See "FIFOs opened for reading and
// writing" in fifo(7).
func lastingPipe() (r, w *os.File, err error) {
	r, once, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = once.Close() }()
	w, err = os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", once.Fd()), os.O_RDWR, 0)
	if err != nil {
		return nil, nil, errors.Join(err, r.Close())
	}
	return r, w, nil
}
