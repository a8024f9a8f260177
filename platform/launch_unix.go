//go:build !windows

package platform

import (
	"os/exec"
	"syscall"
	"time"
)

// child is a running attempt.
type child struct {
	cmd    *exec.Cmd
	ended  chan struct{} // closed when it ended; code is set then
	code   int
	stderr tail
}

// launch starts the attempt. It stays in our process group and session when it asks in the terminal: a background
// group could not read from it, and pkexec's own text agent and sudo both open the controlling terminal. It does not
// get the terminal as stdin: sudo would keep it in raw mode, and read what is typed for us, for as long as the
// elevated side lives.
func (a attempt) launch(address string) (*child, error) {
	c := &child{ended: make(chan struct{})}
	c.cmd = exec.Command(a.path, append(a.args, address)...) //nolint:noctx // ended by kill: see Elevate about contexts
	c.cmd.Env = a.env
	c.stderr.echo = a.echo
	c.cmd.Stderr = &c.stderr
	c.cmd.Dir = "/"
	if !a.tty {
		c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	}
	// What the vendor's script leaves running may hold stderr open.
	c.cmd.WaitDelay = time.Second
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait() // the code tells
		c.code = c.cmd.ProcessState.ExitCode()
	}()
	return c, nil
}

// kill asks it to end. A program that already runs as root cannot be killed by us; it ends by itself when it finds
// the channel closed.
func (c *child) kill() { _ = c.cmd.Process.Signal(syscall.SIGTERM) }

// await waits until it ended, for a bounded time.
func (c *child) await(d time.Duration) {
	select {
	case <-c.ended:
	case <-time.After(d):
	}
}
