//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stage is a folder for temporary files that only one demo uses, so that whatever it leaves is seen: files in it, and
// processes with its name among their arguments or in their environment.
type stage struct {
	t   *testing.T
	dir string
	out syncBuffer
	cmd *exec.Cmd
}

// syncBuffer may be read while a process writes to it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newStage prepares a demo that has neither display nor terminal. Nothing is started yet.
func newStage(t *testing.T) *stage {
	t.Helper()
	cli, err := built.cli()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "d") //nolint:usetesting // short, since there are sockets below it, and 108 bytes is their limit
	must(t, err)
	s := &stage{t: t, dir: dir}
	s.cmd = exec.Command(stubProgram(t), "demo", "--assistant-cli", cli)
	s.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "DISPLAY=") || strings.HasPrefix(v, "WAYLAND_DISPLAY=")
	}), "TMPDIR="+dir)
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.WaitDelay = patience
	t.Cleanup(func() {
		for _, p := range s.processes() {
			_ = syscall.Kill(p.pid, syscall.SIGKILL) // only what a failed test left
		}
		must(t, os.RemoveAll(dir))
		if t.Failed() {
			t.Logf("the demo said:\n%s", s.out.String())
		}
	})
	return s
}

type stageProcess struct {
	pid     int
	command string
}

// processes lists every process of this demo.
func (s *stage) processes() []stageProcess {
	entries, err := os.ReadDir("/proc")
	must(s.t, err)
	var list []stageProcess
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		command, _ := os.ReadFile("/proc/" + e.Name() + "/cmdline") // it may have ended
		environ, _ := os.ReadFile("/proc/" + e.Name() + "/environ")
		if bytes.Contains(append(command, environ...), []byte(s.dir)) {
			list = append(list, stageProcess{pid, strings.ReplaceAll(string(command), "\x00", " ")})
		}
	}
	return list
}

// find gives the process whose command line has a text, 0 when there is none.
func (s *stage) find(text string) int {
	for _, p := range s.processes() {
		if strings.Contains(p.command, text) {
			return p.pid
		}
	}
	return 0
}

// nothingLeft waits until no process and no file is left.
func (s *stage) nothingLeft() {
	s.t.Helper()
	var left string
	defer func() {
		if s.t.Failed() {
			s.t.Log(left)
		}
	}()
	eventually(s.t, "nothing is left", func() bool {
		files, err := os.ReadDir(s.dir)
		must(s.t, err)
		processes := s.processes()
		left = fmt.Sprint("left: ", files, processes)
		return len(files)+len(processes) == 0
	})
}

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

// openTerminal makes a pseudo terminal: pty(7).
func openTerminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	must(t, err)
	must(t, unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	must(t, err)
	theirs, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	return ours, theirs
}
