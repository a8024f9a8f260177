//go:build crash && linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"example.com/enrollment-assistant/steps"
)

// crashRun is one start of the assistant.
type crashRun struct {
	cmd    *exec.Cmd
	events chan steps.Event // closed when it has ended
	stderr bytes.Buffer
	last   *steps.Event // of KindFinished
	online bool         // it has told so
	exit   int
	hung   bool
}

// How long a run may go on after one of the four was killed, before the person stops it; and how long one may take.
const (
	crashPatience = 40 * time.Second
	crashLimit    = 4 * time.Minute
)

// run starts the assistant. With a file, strace watches what touches it and kills who does so the nth time.
func (s *crashScene) run(file string, nth int) (*crashRun, error) {
	argv := []string{filepath.Join(s.bin, "assistant-cli"), "enroll", "--json", "--profile", filepath.Join(s.dir, "profile.json"),
		"--root", filepath.Join(s.dir, "root"), "--answers", filepath.Join(s.dir, "answers.json")}
	var alone []string
	if strings.HasPrefix(file, "state/") { // the assistant's own: strace would wait for the agent if it followed what is started
		alone = []string{"-b", "execve"}
	}
	if file != "" {
		argv = append(alone, argv...)
		argv = append([]string{"strace", "-f", "-qqq", "-o", filepath.Join(s.data, "trace"), "-P", filepath.Join(s.dir, file),
			"-e", fmt.Sprintf("inject=all:signal=KILL:when=%d", nth)}, argv...)
	}
	r := &crashRun{cmd: exec.Command(argv[0], argv[1:]...), events: make(chan steps.Event)}
	r.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "XDG_STATE_HOME=" + filepath.Join(s.dir, "state"),
		"XDG_RUNTIME_DIR=" + filepath.Join(s.dir, "run"), "TMPDIR=" + filepath.Join(s.dir, "tmp"), "LANG=C.UTF-8"}
	r.cmd.Stderr = &r.stderr
	r.cmd.WaitDelay = 10 * time.Second
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	events, write, err := narrowPipe()
	if err != nil {
		return nil, err
	}
	r.cmd.Stdout = write
	err = r.cmd.Start()
	_ = write.Close()
	if err != nil {
		return nil, errors.Join(err, events.Close())
	}
	go func() {
		defer close(r.events)
		defer func() { _ = events.Close() }()
		in := json.NewDecoder(events)
		for {
			var e steps.Event
			if in.Decode(&e) != nil {
				break
			}
			r.events <- e
		}
		_ = r.cmd.Wait() // its exit code says more
		r.exit = r.cmd.ProcessState.ExitCode()
	}()
	return r, nil
}

// follow takes the run's events to its end; each is handed to see, which may be nil.
func (r *crashRun) follow(s *crashScene, see func(steps.Event)) { r.drain(s, nil, see, nil) }

// followUntil calls strike once when the channel is closed.
func (r *crashRun) followUntil(s *crashScene, when <-chan struct{}, strike func()) {
	r.drain(s, when, nil, strike)
}

// drain reads until the run has ended. Once somebody was killed, a run that goes nowhere is stopped as a person does it.
func (r *crashRun) drain(s *crashScene, when <-chan struct{}, see func(steps.Event), strike func()) {
	limit := time.NewTimer(crashLimit)
	defer limit.Stop()
	var stop <-chan time.Time
	for {
		select {
		case e, more := <-r.events:
			if !more {
				return
			}
			if e.Kind == steps.KindFinished {
				r.last = &e
			}
			r.online = r.online || e.Kind == steps.KindVerdict && e.Verdict.Name == steps.IsOnline && e.Verdict.Yes
			if see != nil {
				see(e)
			}
		case <-when:
			when = nil
			strike()
		case <-stop:
			stop = nil
			_ = r.cmd.Process.Signal(syscall.SIGTERM)
		case <-limit.C:
			r.hung = true
			_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
		}
		if s.struckNow && stop == nil && !s.stopped {
			s.stopped = true
			timer := time.NewTimer(crashPatience)
			defer timer.Stop()
			stop = timer.C
		}
	}
}

// killed tells whether the assistant was.
func (r *crashRun) killed() bool {
	status, ok := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && (status.Signaled() && status.Signal() == syscall.SIGKILL || r.exit == 128+int(syscall.SIGKILL))
}

// tail is the end of what a run said, for a failure's text.
func (r *crashRun) tail() string {
	if r == nil {
		return ""
	}
	text := strings.TrimSpace(r.stderr.String())
	return fmt.Sprintf(" (exit code %d, it said %q)", r.exit, text[max(0, len(text)-300):])
}
