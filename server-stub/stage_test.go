//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

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
