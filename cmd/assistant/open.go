package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

const (
	// shownEnv names the descriptor on which the window program says whether it can be seen: one of the words below.
	shownEnv              = "ENROLLMENT_ASSISTANT_SHOWN_FD"
	shownWord, unseenWord = "shown", "unseen"
	// shownWithin is how long a window may take to appear. A window program without libGL ends in the loader at
	// once; one that hangs before its first frame never says a word.
	shownWithin = 10 * time.Second
	// settled is how long a window must have lived for its end to be bad luck. One that was opened again and ends
	// sooner would end a third time.
	settled = time.Minute
	// mostWindows is how many windows one start opens: a third one that died would not be the last.
	mostWindows = 3
)

var (
	// errLate: the window program runs, but no window appeared in time.
	errLate = errors.New("no window appeared in time")
	// errUnseen: the window program found that its window cannot be seen, as without GLX.
	errUnseen = errors.New("no window can be seen")
)

// announce tells the parent, when there is one that waits, a word about the window.
func announce(word string) {
	fd, err := strconv.Atoi(os.Getenv(shownEnv))
	if err != nil || fd < 3 {
		return
	}
	pipe := os.NewFile(uintptr(fd), "shown")
	_, _ = io.WriteString(pipe, word+"\n") // a parent that is gone does not wait
	_ = pipe.Close()
}

// announceShown says that the window can be seen.
func announceShown() { announce(shownWord) }

// open starts the window program. Where no window appears, the enrollment goes on in a terminal. A window that dies is
// opened again, a few times: the person was in the middle of something.
func open(ctx context.Context, args []string, io stdio) int {
	var o options
	rest, err := parseFlags(args, &o, "profile")
	if errors.Is(err, errHelp) {
		return help(ctx, nil, io)
	}
	if p, bad := usageError(rest, err); bad {
		return fail(io, p)
	}
	cli, err := elevatedProgram()
	if err != nil {
		return fail(io, internalProblem("cli.problem.program", err))
	}
	program := filepath.Join(filepath.Dir(cli), strings.Replace(filepath.Base(cli), "-cli", "", 1))
	for opened := 1; ; opened++ {
		began := time.Now()
		shown, err := openWindow(ctx, program, args, io.err)
		switch {
		case err == nil:
			return 0
		case shown && endedByHand(err):
			return fail(io, newProblem(steps.CodeCanceled, err, "cli.problem.quit"))
		case !shown:
			return goOn(ctx, thisEnvironment(), cli, args, openText(err), io)
		case !opensAgain(opened, time.Since(began)):
			crashNote() // this is the telling
			return goOn(ctx, thisEnvironment(), cli, args, assets.Text("cli.open.crashed", "Path", crashPath()), io)
		}
		say(io.err, assets.Text("cli.open.again", "Path", crashPath()))
	}
}

// opensAgain tells whether a window that died is opened again: the n-th one, after the time that it lived.
func opensAgain(n int, lived time.Duration) bool {
	return n == 1 || n < mostWindows && lived >= settled
}

// endedByHand tells whether somebody, or the end of the session, ended a window program, and no defect.
func endedByHand(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return false
	}
	s := status.Signal()
	return s == syscall.SIGTERM || s == syscall.SIGINT || s == syscall.SIGHUP
}

// openText says why there is no window.
func openText(err error) string {
	switch {
	case errors.Is(err, errLate):
		return assets.Text("cli.open.late", "Seconds", int(shownWithin.Seconds()))
	case errors.Is(err, errUnseen):
		return assets.Text("gui.unseen")
	case errors.Is(err, os.ErrNotExist):
		return assets.Text("cli.open.missing")
	}
	return assets.Text("cli.open.failed", "Path", crashPath())
}

// goOn goes on without a window, and says why first: in the terminal that this program has, else in one that it opens,
// else by saying how, in a message of the desktop too. The exit code is that of the enrollment.
func goOn(ctx context.Context, here environment, cli string, args []string, why string, io stdio) int {
	say(io.err, why)
	if io.in != nil && term.IsTerminal(int(io.in.Fd())) {
		say(io.err, assets.Text("cli.open.going-on"))
		return enroll(ctx, args, io)
	}
	log, done := openLog()
	defer done()
	log.Warn("no window", "why", why)
	if here.screen() {
		if code, opened := openTerminal(ctx, here, cli, newOrder(args, why), log); opened {
			log.Info("the terminal has ended", "code", code)
			return code
		}
	}
	typed := here.typed(cli, args)
	log.Error("no terminal", "command", typed)
	p := hintedProblem(steps.CodeInternal, errUnseen, "cli.open.no-terminal", "Command", typed)
	code := fail(io, p)
	if here.screen() {
		showMessage(ctx, here, assets.Text("app.name"), assets.Text("cli.open.message", "Why", why, "Command", typed), log)
	}
	return code
}

// openWindow runs the window program to its end and tells whether it was seen. What it wrote to standard error before
// it failed goes into the crash file.
func openWindow(ctx context.Context, program string, args []string, stderr io.Writer) (shown bool, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return false, err
	}
	defer func() { _ = read.Close() }()
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // the program beside this one, with this one's flags
	tail := &tailWriter{to: stderr, keep: crashTail}
	cmd.Stdout, cmd.Stderr = stderr, tail
	cmd.Env = append(os.Environ(), shownEnv+"="+inherit(cmd, write))
	cmd.WaitDelay = time.Second // what it started may hold its standard error open, such as a browser
	err = cmd.Start()
	_ = write.Close() // so that the pipe ends with the program
	if err != nil {
		return false, err
	}
	said := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(read).ReadString('\n')
		said <- strings.TrimSpace(line)
	}()
	late := time.NewTimer(shownWithin)
	defer late.Stop()
	var word string
	select {
	case word = <-said:
	case <-late.C:
		killTree(cmd.Process)
		_ = cmd.Wait() // killed: its error says nothing new
		return false, errLate
	}
	shown = word == shownWord
	err = cmd.Wait()
	switch {
	case errors.Is(err, exec.ErrWaitDelay): // it ended well, and something that it started lives on
		err = nil
	case word == unseenWord:
		err = errUnseen
	case err != nil && (!shown || !endedByHand(err)):
		writeCrash(tail.bytes(), shown, time.Now())
	}
	return shown, err
}
