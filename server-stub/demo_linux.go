package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
)

// The demo is two processes that watch each other. The launcher is what the person started: it has the terminal and its
// signals. The supervisor, in a session of its own, runs the server and starts all else. Both are subreapers, so that
// every process of the demo ends up as a child of whoever of the two is left (prctl(2), PR_SET_CHILD_SUBREAPER), and both
// know the name of the one folder before it exists. So one kill -9, of either, of the launcher's process group or of the
// program that started it, leaves no process and no file.

// demoOptions are the demo's command line.
type demoOptions struct {
	assistant string // window program of the test build; may be empty
	cli       string // terminal program of the test build
	supervise string // folder to make and to remove: this process is the supervisor
}

// controlFD is the supervisor's end of a pipe whose other end only the launcher has.
const controlFD = 3

// farewell is how long the supervisor may take to remove everything before the launcher does it.
const farewell = 15 * time.Second

func demoMain(args []string) error {
	var o demoOptions
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.Usage = usage("stub.cli.demo.usage", flags)
	flags.StringVar(&o.assistant, "assistant", "", assets.Text("stub.cli.demo.assistant"))
	flags.StringVar(&o.cli, "assistant-cli", "", assets.Text("stub.cli.demo.cli"))
	flags.StringVar(&o.supervise, "supervise", "", assets.Text("stub.cli.demo.supervise"))
	if err := parse(flags, args); err != nil {
		return err
	}
	if o.cli == "" {
		flags.Usage()
		return errUsage
	}
	for _, program := range []*string{&o.assistant, &o.cli} {
		if *program == "" {
			continue
		}
		whole, err := filepath.Abs(*program)
		if err != nil {
			return fmt.Errorf("finding %s: %w", *program, err)
		}
		*program = whole
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("becoming the parent of orphans: %w", err)
	}
	defer keepTerminal()()
	if o.supervise != "" {
		return supervise(o)
	}
	return launch(o)
}

// launch starts the supervisor, ends it when this process is to end, and cleans up after it when it could not.
func launch(o demoOptions) error {
	orphaned, err := parentGone()
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails, by its documentation
	dir := filepath.Join(os.TempDir(), "enrollment-demo-"+hex.EncodeToString(random[:]))
	theirs, ours, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe: %w", err)
	}
	cmd := exec.CommandContext(context.Background(), own, "demo", "--supervise", dir, "--assistant", o.assistant, "--assistant-cli", o.cli)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the supervisor: %w", err)
	}
	_ = theirs.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	err = waitForEnd(cmd, ended, signals, orphaned, ours)
	killDescendants()
	return errors.Join(err, os.RemoveAll(dir))
}

// waitForEnd waits for the supervisor, and tells it to end when this process is told to.
func waitForEnd(cmd *exec.Cmd, ended <-chan error, signals <-chan os.Signal, orphaned <-chan struct{}, control *os.File) error {
	select {
	case err := <-ended:
		return supervisorError(err)
	case <-signals:
	case <-orphaned:
	}
	_ = control.Close() // the supervisor reads the end of the pipe
	select {
	case err := <-ended:
		return supervisorError(err)
	case <-time.After(farewell):
		return errors.Join(errors.New("the supervisor did not end"), cmd.Process.Kill(), <-ended)
	}
}

// supervisorError reads how the supervisor ended; with an exit code it said why itself.
func supervisorError(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return errSaid
	}
	if err != nil {
		return fmt.Errorf("the supervisor was ended from outside (%w); everything it made is removed", err)
	}
	return nil
}

// parentGone is closed when the process that started this one ends: kill -9 of make sends no signal to its children.
func parentGone() (<-chan struct{}, error) {
	gone := make(chan struct{})
	fd, err := unix.PidfdOpen(os.Getppid(), 0)
	if errors.Is(err, unix.ESRCH) { // gone already
		close(gone)
		return gone, nil
	}
	if err != nil {
		return nil, fmt.Errorf("watching the process that started this one: %w", err)
	}
	go func() {
		defer close(gone)
		for {
			_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if !errors.Is(err, unix.EINTR) {
				return
			}
		}
	}()
	return gone, nil
}

// keepTerminal remembers how the terminal is set and gives what sets it so again: a program that is killed while it
// asks for a password leaves it without echo.
func keepTerminal() func() {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return func() {} // no terminal
	}
	return func() {
		if now, err := term.GetState(fd); err == nil && *now != *before {
			_ = term.Restore(fd, before) // the terminal may be gone
		}
	}
}
