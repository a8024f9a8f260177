package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// insideTerminal is what runs in a terminal that open opened: it enrolls as it is told over the address, tells how that
// ended, and keeps the terminal open until the person has read it.
func insideTerminal(ctx context.Context, args []string, io stdio) int {
	if len(args) != 1 {
		return fail(io, usageProblem("cli.usage.in-terminal"))
	}
	conn, here, err := opener(ctx, args[0], io)
	if err != nil {
		return fail(io, usageProblem("cli.usage.in-terminal"))
	}
	io = here
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
// nothing still waits for a line when it has ended. Consent is asked for as the window does, by the desktop's dialog, or
// in this terminal where the desktop has none: for any administrator's password, which sudo does not.
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
	if err = cmd.Start(); err == nil {
		stop := askHere(cmd.Process.Pid)
		err = cmd.Wait()
		stop()
	}
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

// askHere has polkit ask for a password in this terminal for what a process does, until stop is called; only where the
// desktop has no dialog for it. The agent within pkexec is none to rely on: polkit refuses what it answers.
// https://www.freedesktop.org/software/polkit/docs/latest/pkttyagent.1.html
func askHere(pid int) (stop func()) {
	agent := exec.Command("pkttyagent", "--fallback", "--process", strconv.Itoa(pid)) //nolint:noctx // ended by stop
	if agent.Start() != nil {
		return func() {} // a system without polkit
	}
	return func() {
		_ = agent.Process.Kill() // it may have ended
		_ = agent.Wait()
	}
}
