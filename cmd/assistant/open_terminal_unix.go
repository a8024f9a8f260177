//go:build !windows

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// terminalWithin is how long a terminal may take until our program runs in it; one that takes longer is ended and the
// next one tried.
const terminalWithin = 15 * time.Second

// reachTerminal opens a terminal in which our program runs, and gives the connection to it: over a socket in a folder of
// our own, since nothing else reaches a window of a server that runs already.
func reachTerminal(ctx context.Context, here environment, cli string, log *slog.Logger) (io.ReadWriteCloser, error) {
	folder, err := os.MkdirTemp("", "enrollment-") // 0700
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	address := filepath.Join(folder, "go-on")
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = listener.Close() }() // whoever comes later finds nobody
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
			return nil, err
		}
	}
	for _, line := range here.terminals(command) {
		conn, err := tryTerminal(ctx, line, arrived)
		if err == nil {
			log.Info("a terminal is open", "program", line[0])
			return conn, nil
		}
		log.Warn("opening a terminal", "program", line[0], "error", err)
	}
	return nil, errors.New("this computer has none that opens")
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

// opener connects to the program that opened this terminal.
func opener(ctx context.Context, address string, io stdio) (io.ReadWriteCloser, stdio, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", address)
	return conn, io, err
}
