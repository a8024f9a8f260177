package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// machine is uname -m.
func machine() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Machine[:])
}

// claim makes this process the only agent of its place and names it in the pid file. In a sandbox, where no service
// manager does it, an agent that runs is ended first: that is how an upgrade replaces it. The file stays locked until
// release, and its time is when this agent started.
func claim(at place) (release func(), err error) {
	name := at.path(pidFile)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // the usual mode of /var/run
		return nil, fmt.Errorf("making the pid file's folder: %w", err)
	}
	for {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644) //nolint:gosec // everybody may know the process
		if err != nil {
			return nil, fmt.Errorf("opening the pid file: %w", err)
		}
		if err := lockPID(f, at.sandbox()); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if there, err := os.Stat(name); err == nil {
			if mine, err := f.Stat(); err == nil && os.SameFile(mine, there) {
				err := errors.Join(f.Truncate(0), writeAtStart(f, strconv.Itoa(os.Getpid())+"\n"))
				return func() { _ = os.Remove(name); _ = f.Close() }, err
			}
		}
		_ = f.Close() // the one before removed it while this one waited: once more
	}
}

func writeAtStart(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// handover is how long an agent waits for the one before it to end.
const handover = 10 * time.Second

// lockPID takes the lock. With end it asks the holder to end first.
func lockPID(f *os.File, end bool) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(handover)
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return nil
		}
		if end {
			err = errors.Join(err, endHolder(f))
		}
		if !end || !errors.Is(err, unix.EWOULDBLOCK) {
			return fmt.Errorf("another agent is running: %w", err)
		}
		select {
		case <-tick.C:
		case <-late:
			return fmt.Errorf("the agent before this one does not end: %w", err)
		}
	}
}

// endHolder asks the agent that the pid file names to end. A process of that number that is no agent is left alone.
func endHolder(f *os.File) error {
	raw := make([]byte, 32)
	n, err := f.ReadAt(raw, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the pid file: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw[:n])))
	if err != nil || pid <= 1 || pid == os.Getpid() {
		return nil //nolint:nilerr // the holder is about to write its number
	}
	command, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil || !strings.Contains(string(command), "run\x00--root\x00") {
		return nil //nolint:nilerr // it ended just now, or never was one
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("ending the agent before this one: %w", err)
	}
	return nil
}
