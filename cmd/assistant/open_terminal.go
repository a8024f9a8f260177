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
	"path/filepath"
	"time"

	"example.com/enrollment-assistant/steps"
)

// terminalWithin is how long a terminal may take until our program runs in it; one that takes longer is ended and the
// next one tried.
const terminalWithin = 15 * time.Second

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
func openTerminal(ctx context.Context, here environment, cli string, o order, log *slog.Logger) (code int, opened bool) {
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
	if here.system == "darwin" {
		command = []string{address + ".command"}
		script := "#!/bin/sh\nexec " + quoted(cli) + " in-terminal " + quoted(address) + "\n"
		if err := os.WriteFile(command[0], []byte(script), 0o700); err != nil { //nolint:gosec // it has to run
			log.Error("opening a terminal", "error", err)
		}
	}
	var conn net.Conn
	for _, line := range here.terminals(command) {
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
