package platform

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// stateFolder is the elevated side's own folder below the root, 0700: its lock, its log and the package it received.
const stateFolder = "/Library/Application Support/enrollment-assistant"

// ownSide gives what the elevated side does in macOS' way. In a test folder nothing is run that would change the Mac
// itself: there is no installer that could be sent elsewhere.
func ownSide(s *session) systemSide {
	return &macSide{
		session: s, tools: ownTools(s.fromSudo),
		do: func(phase Phase, limit time.Duration, path string, args ...string) ([]string, error) {
			if s.root != "" {
				return nil, errors.ErrUnsupported
			}
			return s.runCommand(phase, limit, nil, path, args...)
		},
		start: startProgram,
	}
}

// ownTools asks this Mac.
func ownTools(database bool) macTools {
	return macTools{ask: askSystem, now: time.Now, database: database}
}

// shallowState tells what an ordinary user can see of the agent.
func shallowState(ctx context.Context, _ string) (AgentState, error) {
	m := ownTools(false)
	return m.agentState(ctx, m.seldom(ctx))
}

// startProgram starts a program that lasts until stop is called or this process ends, which caffeinate watches.
func startProgram(path string, args ...string) (stop func(), err error) {
	cmd := exec.Command(path, append(args, "-w", strconv.Itoa(os.Getpid()))...) //nolint:noctx // ended by stop
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed, which is all that it can say
	}), nil
}
