package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"time"
)

// consentWait is how long a consent dialog may stay open.
const consentWait = 5 * time.Minute

// elevation is the user's side of elevated work: it listens on a private channel, has the operating system start
// assistant-cli as root, and speaks with it.
type elevation struct {
	options Options
	sandbox bool // what Sandbox says; tests set it
	wait    time.Duration
	// attempts gives the ways of starting the elevated side, to be tried in turn.
	attempts func() ([]attempt, error)
	starting *starting
}

// starting is the attempt that is being made. What it started may connect before the one who started it knows of it.
type starting struct {
	mu    sync.Mutex
	child *child
}

// launch makes an attempt.
func (s *starting) launch(a attempt, address string) (*child, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := a.launch(address)
	s.child = c
	return c, err
}

// attempt is one way of starting the elevated side. The channel's address is appended to args.
type attempt struct {
	path string
	args []string
	env  []string
	tty  bool      // it asks in our terminal, so it must share it
	echo io.Writer // gets what it says until it has connected; nil for nothing
	// explain tells what it means that the program ended before it reached us.
	explain func(code int, stderr string) error
}

// run implements Host.Elevate.
func (e elevation) run(ctx context.Context, job Job, report func(Report)) error {
	if job.Root != "" && !e.sandbox {
		return &JobError{JobUntrusted, PhaseConsent, "this is not a test build"}
	}
	// What could be changed by someone else is refused before anyone is asked for a password.
	me, err := ownUser()
	if err == nil {
		err = checkProgram(e.options.Program, me, e.sandbox)
	}
	if err != nil {
		return &JobError{JobUnsafeProgram, PhaseConsent, err.Error()}
	}
	if job.Profile != "" {
		// The other side starts in another folder.
		path, err := filepath.Abs(job.Profile)
		if err != nil {
			return fmt.Errorf("finding the profile: %w", err)
		}
		job.Profile = path
	}
	l, address, remove, err := listenChannel(ctx)
	if err != nil {
		return err
	}
	defer remove()
	report(Report{Time: time.Now(), Phase: PhaseConsent})
	attempts, err := e.attempts()
	if err != nil {
		return err
	}
	accepted := make(chan net.Conn, 1)
	e.starting = &starting{}
	go e.accept(l, accepted)
	conn, child, err := e.start(ctx, attempts, address, accepted)
	_ = l.Close() // one connection is all there is
	if err != nil {
		for late := range accepted {
			_ = late.Close()
		}
		return err
	}
	err = converse(ctx, newChannel(conn), job, report)
	// The channel closes when the elevated side ends; sudo may take a moment longer.
	child.await(10 * time.Second)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// accept hands on the first connection that comes from the elevated side; others are closed. It ends when the listener
// is closed.
func (e elevation) accept(l net.Listener, accepted chan<- net.Conn) {
	defer close(accepted)
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		if !e.admits(conn) {
			_ = conn.Close()
			continue
		}
		accepted <- conn
		return
	}
}

// start tries the attempts in turn until one connects.
func (e elevation) start(ctx context.Context, attempts []attempt, address string, accepted <-chan net.Conn) (net.Conn, *child, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, e.wait, ErrTimeout)
	defer cancel()
	err := ErrNoConsent
	for _, a := range attempts {
		c, failed := e.starting.launch(a, address)
		if failed != nil {
			slog.Debug("starting the elevated side", "path", a.path, "err", failed)
			continue
		}
		select {
		case conn, ok := <-accepted:
			c.stderr.hush()
			return conn, c, channelClosed(ok)
		case <-ctx.Done():
			c.kill()
			c.await(5 * time.Second)
			return nil, nil, context.Cause(ctx)
		case <-c.ended:
		}
		// It may have connected and ended at once.
		select {
		case conn, ok := <-accepted:
			return conn, c, channelClosed(ok)
		case <-time.After(200 * time.Millisecond):
		}
		if err = a.explain(c.code, c.stderr.String()); !errors.Is(err, ErrNoConsent) {
			return nil, nil, err
		}
	}
	return nil, nil, err
}

// channelClosed is the error of a listener that ended by itself.
func channelClosed(ok bool) error {
	if ok {
		return nil
	}
	return &JobError{JobInternal, PhaseConsent, "the channel cannot take a connection"}
}

// explainOwn is a program that was started and ended before it connected.
func explainOwn(code int, stderr string) error {
	return &JobError{JobInternal, PhaseConsent, fmt.Sprintf("the elevated side ended with %d before it connected: %s", code, printable(stderr))}
}
