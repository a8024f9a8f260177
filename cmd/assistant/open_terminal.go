package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"

	"example.com/enrollment-assistant/steps"
)

// order is what to do in a terminal that was opened. Environment and folder are in it, since several emulators are one
// server for all windows, which has its own.
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
func openTerminal(ctx context.Context, here environment, cli string, o order, log *slog.Logger) (code int, opened bool) {
	there, err := reachTerminal(ctx, here, cli, log)
	if err != nil {
		log.Error("opening a terminal", "error", err)
		return 0, false
	}
	defer func() { _ = there.Close() }()
	return instruct(there, o), true
}

// instruct gives the order to the program in the terminal, waits until it has ended, and gives the exit code it told. A
// terminal that is closed by its window's button tells none: the person ended it.
func instruct(there io.ReadWriter, o order) int {
	code := steps.ExitCode(&steps.Problem{Code: steps.CodeCanceled})
	if err := json.NewEncoder(there).Encode(o); err != nil {
		return code
	}
	words := json.NewDecoder(there)
	for {
		var e ended
		if err := words.Decode(&e); err != nil {
			return code
		}
		code = e.Code
	}
}
