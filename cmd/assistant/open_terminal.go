package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// terminalWithin is how long a terminal may take until our program runs in it; one that takes longer is ended and the
// next one tried.
const terminalWithin = 15 * time.Second

// desktop is the place where windows are to be seen.
type desktop struct {
	system string // GOOS
	env    func(name string) string
	find   func(program string) (string, error) // as exec.LookPath
}

// screen tells whether a window has anywhere to appear.
func (d desktop) screen() bool {
	return d.system != "linux" || d.env("DISPLAY") != "" || d.env("WAYLAND_DISPLAY") != ""
}

// emulator is a program that shows a terminal, what it wants before the command that runs there, and the desktop whose
// own it is, as that is named in XDG_CURRENT_DESKTOP.
type emulator struct {
	name    string
	before  []string
	desktop string
}

// emulators are those that this computer may have. All of them take the command as words, to the end of the line; that
// is what Debian's policy asks of a x-terminal-emulator:
// https://www.debian.org/doc/debian-policy/ch-customized-programs.html#packages-providing-a-terminal-emulator
// The last ones draw with OpenGL, which may be what is missing.
var emulators = []emulator{
	{"xdg-terminal-exec", nil, anyDesktop}, // the person's choice: https://github.com/Vladimir-csp/xdg-terminal-exec
	{"ptyxis", []string{"--"}, "GNOME"},
	{"kgx", []string{"--"}, "GNOME"},
	{"gnome-terminal", []string{"--"}, "GNOME"}, // its -e takes one word
	{"konsole", []string{"-e"}, "KDE"},
	{"xfce4-terminal", []string{"-x"}, "XFCE"}, // its -e takes one word, and so does the next one's
	{"mate-terminal", []string{"-x"}, "MATE"},
	{"qterminal", []string{"-e"}, "LXQt"},
	{"lxterminal", []string{"-e"}, "LXDE"},
	{"x-terminal-emulator", []string{"-e"}, "Debian"},
	{"tilix", []string{"-e"}, ""},
	{"foot", nil, ""},
	{"urxvt", []string{"-e"}, ""},
	{"st", []string{"-e"}, ""},
	{"xterm", []string{"-e"}, ""},
	{"kitty", nil, ""},
	{"alacritty", []string{"-e"}, ""},
	{"wezterm", []string{"start", "--"}, ""},
}

// anyDesktop marks what is asked first, whatever the desktop.
const anyDesktop = "*"

// terminals gives the command lines that would run command in a terminal, the best one first: what the person chose,
// what belongs to the desktop, what the system's administrator chose, then anything.
func (d desktop) terminals(command []string) [][]string {
	switch d.system {
	case "darwin": // command is a script here: asking Terminal by AppleScript would need a consent of its own
		return [][]string{append([]string{"open", "-a", "Terminal"}, command...)}
	case "windows": // the first word after start in quotation marks is a title
		return [][]string{append([]string{"cmd", "/c", "start", assets.Text("app.name")}, command...)}
	}
	current := strings.Split(d.env("XDG_CURRENT_DESKTOP"), ":")
	rank := func(e emulator) int {
		switch {
		case e.desktop == anyDesktop:
			return 0
		case e.desktop != "" && slices.Contains(current, e.desktop):
			return 1
		case e.name == "x-terminal-emulator":
			return 2
		}
		return 3
	}
	sorted := slices.Clone(emulators)
	slices.SortStableFunc(sorted, func(a, b emulator) int { return rank(a) - rank(b) })
	if own := d.env("TERMINAL"); own != "" {
		form := []string{"-e"}
		if i := slices.IndexFunc(emulators, func(e emulator) bool { return e.name == filepath.Base(own) }); i >= 0 {
			form = emulators[i].before
		}
		sorted = append([]emulator{{own, form, anyDesktop}}, sorted...)
	}
	var lines [][]string
	for _, e := range sorted {
		if path, err := d.find(e.name); err == nil {
			lines = append(lines, slices.Concat([]string{path}, e.before, command))
		}
	}
	return lines
}

// order is what to do in a terminal that was opened. It goes over a socket in a folder of our own, because several
// emulators are one server for all windows, which has an environment and a working directory of its own.
type order struct {
	Args []string // of enroll
	Env  []string
	Dir  string
	Why  string // there is no window, as a sentence
}

// newOrder gives the order to enroll as this program would.
func newOrder(args []string, why string) order {
	dir, _ := os.Getwd() // a folder that is gone matters to relative paths alone
	return order{Args: args, Env: os.Environ(), Dir: dir, Why: why}
}

// ended is how the enrollment in a terminal ended.
type ended struct{ Code int }

// openTerminal runs an order in a terminal and gives the exit code of the enrollment there, when the terminal is closed
// again. opened is false when no terminal could be opened.
func openTerminal(ctx context.Context, d desktop, cli string, o order, log *slog.Logger) (code int, opened bool) {
	folder, err := os.MkdirTemp("", "enrollment-") // 0700
	if err != nil {
		log.Error("opening a terminal", "error", err)
		return 0, false
	}
	defer func() { _ = os.RemoveAll(folder) }()
	address := filepath.Join(folder, "go-on")
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", address)
	if err != nil {
		log.Error("opening a terminal", "error", err)
		return 0, false
	}
	arrived := make(chan net.Conn, 1)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			arrived <- conn
		}
	}()
	command := []string{cli, "in-terminal", address}
	if d.system == "darwin" {
		command = []string{address + ".command"}
		script := "#!/bin/sh\nexec " + quoted(cli) + " in-terminal " + quoted(address) + "\n"
		if err := os.WriteFile(command[0], []byte(script), 0o700); err != nil { //nolint:gosec // it has to run
			log.Error("opening a terminal", "error", err)
		}
	}
	var conn net.Conn
	for _, line := range d.terminals(command) {
		conn, err = tryTerminal(ctx, line, arrived)
		if conn != nil {
			log.Info("a terminal is open", "program", line[0])
			break
		}
		log.Warn("opening a terminal", "program", line[0], "error", err)
	}
	_ = listener.Close() // whoever comes later finds nobody
	if conn == nil {
		return 0, false
	}
	defer func() { _ = conn.Close() }()
	return instruct(conn, o), true
}

// errNoTerminal: the program started, and nothing ran in its terminal in time.
var errNoTerminal = errors.New("nothing ran in it in time")

// tryTerminal starts an emulator and waits until our program has arrived from within.
func tryTerminal(ctx context.Context, line []string, arrived <-chan net.Conn) (net.Conn, error) {
	cmd := exec.Command(line[0], line[1:]...) //nolint:noctx // it outlives this function
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	late := time.NewTimer(terminalWithin)
	defer late.Stop()
	for {
		select {
		case conn := <-arrived:
			return conn, nil
		case err := <-gone:
			if err != nil {
				return nil, fmt.Errorf("ended: %w", err)
			}
			gone = nil // it handed over to a server that runs already
		case <-late.C:
			killTree(cmd.Process)
			return nil, errNoTerminal
		case <-ctx.Done():
			killTree(cmd.Process)
			return nil, ctx.Err()
		}
	}
}

// instruct gives the order to the program in the terminal, waits until it has ended, and gives the exit code it told. A
// terminal that is closed by its window's button tells none: the person ended it.
func instruct(conn net.Conn, o order) int {
	code := steps.ExitCode(&steps.Problem{Code: steps.CodeCanceled})
	if err := json.NewEncoder(conn).Encode(o); err != nil {
		return code
	}
	words := json.NewDecoder(conn)
	for {
		var e ended
		if err := words.Decode(&e); err != nil {
			return code
		}
		code = e.Code
	}
}

// inTerminal is what runs in a terminal that open opened: it enrolls as it is told over the address, tells how that
// ended, and keeps the terminal open until the person has read it.
func inTerminal(ctx context.Context, args []string, io stdio) int {
	if len(args) != 1 {
		return fail(io, usageProblem("cli.usage.in-terminal"))
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", args[0])
	if err != nil {
		return fail(io, usageProblem("cli.usage.in-terminal"))
	}
	defer func() { _ = conn.Close() }()
	var o order
	if err := json.NewDecoder(conn).Decode(&o); err != nil {
		return fail(io, internalProblem("cli.problem.internal", err))
	}
	o.adopt()
	say(io.out, o.Why+"\n"+assets.Text("cli.open.going-on"))
	state, _ := term.GetState(int(io.in.Fd())) // nil where it is no terminal
	code := enrollHere(o.Args, io)
	_ = json.NewEncoder(conn).Encode(ended{code}) // whoever opened the terminal may be gone
	if state != nil {
		_ = term.Restore(int(io.in.Fd()), state) // a secret was asked for when it ended
	}
	say(io.out, "\n"+assets.Text("cli.open.close"))
	_, _ = (&console{in: io.in}).read(int(io.in.Fd()), false)
	return 0 // an emulator would keep the window and tell a code that nobody needs
}

// adopt takes over environment and folder, but for what says which terminal this is.
func (o order) adopt() {
	for _, v := range o.Env {
		name, value, _ := strings.Cut(v, "=")
		switch name {
		case "", "TERM", "COLORTERM", "TERMINFO", "TERMCAP", "WINDOWID", "LINES", "COLUMNS", "VTE_VERSION":
		default:
			_ = os.Setenv(name, value) // it was a variable there
		}
	}
	_ = os.Chdir(o.Dir)
	setLanguage()
}

// enrollHere runs the enrollment as a process of its own, so that this one outlives whatever ends it, and so that
// nothing still waits for a line when it has ended. A desktop has a dialog to ask for consent; where it has none,
// pkexec asks in the terminal, for any administrator's password, which sudo does not.
func enrollHere(args []string, io stdio) int {
	self, err := os.Executable()
	if err != nil {
		return fail(io, internalProblem("cli.problem.program", err))
	}
	interrupts := make(chan os.Signal, 1) // Ctrl-C is for the enrollment; ignoring it would be inherited
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	cmd := exec.Command(self, slices.Concat([]string{"enroll", "--consent", "dialog"}, args)...) //nolint:noctx // the person ends it
	cmd.Stdin, cmd.Stdout, cmd.Stderr = io.in, io.out, io.err
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	case errors.As(err, &exit): // by a signal
		return steps.ExitCode(&steps.Problem{Code: steps.CodeCanceled})
	}
	return fail(io, internalProblem("cli.problem.program", err))
}
