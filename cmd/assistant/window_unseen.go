//go:build !nogui

package main

import (
	"context"
	"os"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// watched tells whether another program waits to hear whether the window can be seen, and goes on without it.
func watched() bool { return os.Getenv(shownEnv) != "" }

// unseenWindow is what a window program does whose window cannot be seen: it leaves the rest to the program that waits
// for it, or goes on in a terminal itself.
func unseenWindow(ctx context.Context, o options, io stdio) int {
	if watched() {
		announce(unseenWord)
		return steps.ExitCode(&steps.Problem{Code: steps.CodeInternal})
	}
	cli, err := elevatedProgram()
	if err != nil {
		return fail(io, internalProblem("cli.problem.program", err))
	}
	return goOn(ctx, thisEnvironment(), cli, o.flags(), assets.Text("gui.unseen"), io)
}

// flags gives the flags of a window again, for the terminal that it goes on in.
func (o options) flags() []string {
	var args []string
	if o.profile != "" {
		args = append(args, "--profile", o.profile)
	}
	if o.root != "" {
		args = append(args, "--root", o.root)
	}
	return args
}
