//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestDemo_Unattended(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	if err := s.cmd.Run(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/userconsole\n", "/admin\n", "/_qa/phone ", "nora@acme.example", "There is no display and no terminal.",
		" Nora Haddad installed it; nobody is bound to it.", "3 admins got a mail about it."} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("it did not say %q", want)
		}
	}
	s.nothingLeft()
}

// TestDemo_Killed kills one part of the demo while the agent runs, each time another.
func TestDemo_Killed(t *testing.T) {
	t.Parallel()
	launcher := func(s *stage) int { return s.cmd.Process.Pid }
	for name, kill := range map[string]func(*stage) error{
		"interrupted":    func(s *stage) error { return syscall.Kill(launcher(s), syscall.SIGINT) },
		"launcher":       func(s *stage) error { return syscall.Kill(launcher(s), syscall.SIGKILL) },
		"process group":  func(s *stage) error { return syscall.Kill(-launcher(s), syscall.SIGKILL) },
		"supervisor":     func(s *stage) error { return syscall.Kill(s.find(" --supervise "), syscall.SIGKILL) },
		"its own group":  func(s *stage) error { return syscall.Kill(-s.find(" --supervise "), syscall.SIGKILL) },
		"terminal ended": func(s *stage) error { return syscall.Kill(launcher(s), syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			must(t, s.cmd.Start())
			eventually(t, "the agent runs", func() bool { return s.find("jumpcloud-agent run ") != 0 })
			must(t, kill(s))
			_ = s.cmd.Wait() // however it ended
			s.nothingLeft()
		})
	}
}

// TestDemo_MakeKilled kills what started the demo, which tells its children nothing.
func TestDemo_MakeKilled(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	makefile := filepath.Join(t.TempDir(), "Makefile")
	must(t, os.WriteFile(makefile, []byte("demo:\n\t@exec "+strings.Join(s.cmd.Args, " ")+"\n"), 0o600))
	by, err := exec.LookPath("make")
	must(t, err)
	s.cmd.Path, s.cmd.Args = by, []string{"make", "-f", makefile}
	must(t, s.cmd.Start())
	eventually(t, "the agent runs", func() bool { return s.find("jumpcloud-agent run ") != 0 })
	must(t, s.cmd.Process.Kill())
	_ = s.cmd.Wait() // killed
	s.nothingLeft()
}

// TestDemo_Window stands programs in for the wizard: one that is closed by its user, and one that finds no display.
func TestDemo_Window(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ program, says string }{
		"closed": {"true", "Opening the wizard."},
		"unseen": {"false", "The window could not be opened.\nThere is no display and no terminal."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			window, err := exec.LookPath(c.program)
			must(t, err)
			s.cmd.Args = append(s.cmd.Args, "--assistant", window)
			s.cmd.Env = append(s.cmd.Env, "DISPLAY=:nowhere")
			must(t, s.cmd.Start())
			eventually(t, "it says what happens", func() bool { return strings.Contains(s.out.String(), c.says) })
			if name == "unseen" {
				must(t, s.cmd.Process.Signal(syscall.SIGTERM))
			}
			if err := s.cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			s.nothingLeft()
		})
	}
}

// TestDemo_WindowUnseen is a window program that runs on without a window, and one that can be seen.
func TestDemo_WindowUnseen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		within time.Duration
		seen   bool
	}{
		"unseen":     {"exec sleep 1000", 50 * time.Millisecond, false},
		"seen":       {"echo shown >&$ENROLLMENT_ASSISTANT_SHOWN_FD", patience, true},
		"seen, then": {"echo shown >&$ENROLLMENT_ASSISTANT_SHOWN_FD; exit 1", patience, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := &demo{dir: t.TempDir()}
			d.assistant = filepath.Join(t.TempDir(), "window")
			must(t, os.WriteFile(d.assistant, []byte("#!/bin/sh\n"+c.script+"\n"), 0o700))
			if seen := d.window(t.Context(), c.within); seen != c.seen {
				t.Errorf("seen: %v, want %v", seen, c.seen)
			}
		})
	}
}

// TestDemo_Terminal runs the demo in a terminal and presses Ctrl-C while a question is open.
func TestDemo_Terminal(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ours, theirs := openTerminal(t)
	before, err := unix.IoctlGetTermios(int(theirs.Fd()), unix.TCGETS)
	must(t, err)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = theirs, theirs, theirs
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	read := make(chan struct{})
	go func() {
		defer close(read)
		b := make([]byte, 4096)
		for {
			n, err := ours.Read(b)
			_, _ = s.out.Write(b[:n]) // a buffer takes everything
			if err != nil && !errors.Is(err, syscall.EAGAIN) {
				return
			}
		}
	}()
	must(t, s.cmd.Start())
	eventually(t, "the enrollment asks", func() bool {
		_, after, found := strings.Cut(s.out.String(), "The enrollment goes on here.")
		return found && strings.Contains(strings.TrimSpace(after), "\n")
	})
	_, err = ours.WriteString("\x03")
	must(t, err)
	_ = s.cmd.Wait() // however it ended
	s.nothingLeft()
	after, err := unix.IoctlGetTermios(int(theirs.Fd()), unix.TCGETS)
	must(t, err)
	if *after != *before {
		t.Errorf("the terminal is left as %+v, it was %+v", after, before)
	}
	must(t, theirs.Close())
	must(t, ours.SetReadDeadline(time.Now()))
	must(t, ours.Close())
	<-read
}
