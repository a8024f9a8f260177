package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

const (
	// shownEnv names the descriptor on which the window program says that it can be seen.
	shownEnv  = "ENROLLMENT_ASSISTANT_SHOWN_FD"
	shownWord = "shown"
	// shownWithin is how long a window may take to appear. A window program without libGL ends in the loader at
	// once; one without GLX runs on unseen for ever.
	shownWithin = 10 * time.Second
	// crashTail is how much of the window program's standard error a crash file keeps, in bytes.
	crashTail = 64 << 10
)

// keyLike matches what a connect key looks like, in either form.
var keyLike = regexp.MustCompile(`jcc_[0-9A-Za-z+/=]*|\b[0-9A-Za-z]{40}\b`)

// errUnseen: the window program runs, but no window appeared.
var errUnseen = errors.New("no window appeared in time")

// announceShown tells the parent, when there is one that waits, that the window can be seen.
func announceShown() {
	fd, err := strconv.Atoi(os.Getenv(shownEnv))
	if err != nil || fd < 3 {
		return
	}
	pipe := os.NewFile(uintptr(fd), "shown")
	_, _ = io.WriteString(pipe, shownWord+"\n") // a parent that is gone does not wait
	_ = pipe.Close()
}

// open starts the window program. Where no window appears, the enrollment goes on in the terminal, when there is one.
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
	shown, err := openWindow(ctx, program, args, io.err)
	if err == nil {
		return 0
	}
	say(io.err, openText(shown, err))
	if shown {
		return steps.ExitCode(asProblem(err))
	}
	if !term.IsTerminal(int(io.in.Fd())) {
		return fail(io, newProblem(steps.CodeInternal, err, "cli.open.no-terminal"))
	}
	say(io.err, assets.Text("cli.open.going-on"))
	return enroll(ctx, args, io)
}

// openText says why there is no window, or what became of it.
func openText(shown bool, err error) string {
	switch {
	case shown:
		return assets.Text("cli.open.crashed", "Path", crashPath())
	case errors.Is(err, errUnseen):
		return assets.Text("cli.open.unseen", "Seconds", int(shownWithin.Seconds()))
	case errors.Is(err, os.ErrNotExist):
		return assets.Text("cli.open.missing")
	}
	return assets.Text("cli.open.failed", "Path", crashPath())
}

// openWindow runs the window program to its end and tells whether it was seen. What it wrote to standard error before
// it failed goes into the crash file.
func openWindow(ctx context.Context, program string, args []string, stderr io.Writer) (shown bool, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return false, err
	}
	defer func() { _ = read.Close() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // the program beside this one, with this one's flags
	tail := &tailWriter{to: stderr, keep: crashTail}
	cmd.Stdout, cmd.Stderr = stderr, tail
	cmd.ExtraFiles = []*os.File{write}
	cmd.Env = append(os.Environ(), shownEnv+"=3")
	err = cmd.Start()
	_ = write.Close() // so that the pipe ends with the program
	if err != nil {
		return false, err
	}
	seen := make(chan bool, 1)
	go func() {
		line, _ := bufio.NewReader(read).ReadString('\n')
		seen <- strings.TrimSpace(line) == shownWord
	}()
	select {
	case shown = <-seen:
	case <-time.After(shownWithin):
		cancel()
		_ = cmd.Wait() // killed: its error says nothing new
		return false, errUnseen
	}
	if err = cmd.Wait(); err != nil {
		writeCrash(tail.bytes())
	}
	return shown, err
}

// crashPath is the file that the last crash of the window program left, or empty.
func crashPath() string {
	dir, err := stateDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "crash.txt")
}

// writeCrash keeps what a window program said before it died. There is one file, the newest crash wins; nothing is
// done where it cannot be written, because that would hide the crash itself.
func writeCrash(stderr []byte) {
	path := crashPath()
	if path == "" {
		return
	}
	head := time.Now().Format(time.RFC3339) + " " + buildVersion() + "\n"
	_ = os.WriteFile(path, append([]byte(head), keyLike.ReplaceAll(stderr, []byte("[secret]"))...), 0o600)
}

// tailWriter hands on what is written and keeps the end of it. Package exec writes to it from one goroutine and is
// done when Wait returns.
type tailWriter struct {
	to   io.Writer
	keep int
	end  []byte
}

// Write implements io.Writer. It fails never: the program must not die of a closed terminal.
func (t *tailWriter) Write(p []byte) (int, error) {
	_, _ = t.to.Write(p)
	t.end = append(t.end, p...)
	if n := len(t.end) - t.keep; n > 0 {
		t.end = append(t.end[:0], t.end[n:]...)
	}
	return len(p), nil
}

// bytes is the end of what was written.
func (t *tailWriter) bytes() []byte { return t.end }
