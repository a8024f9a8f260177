package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
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
	if err := checkProgram(e.options.Program, os.Getuid(), e.sandbox); err != nil {
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
	dir, err := channelFolder()
	if err != nil {
		return fmt.Errorf("making the channel's folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	address := filepath.Join(dir, "channel")
	var config net.ListenConfig
	l, err := config.Listen(ctx, "unix", address)
	if err != nil {
		return fmt.Errorf("opening the channel: %w", err)
	}
	defer func() { _ = l.Close() }()
	report(Report{Time: time.Now(), Phase: PhaseConsent})
	attempts, err := e.attempts()
	if err != nil {
		return err
	}
	accepted := make(chan net.Conn, 1)
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

// channelFolder makes the fresh folder of a channel, 0700. A socket's path is at most 107 bytes long (unix(7)), so a
// long TMPDIR is not used.
func channelFolder() (string, error) {
	for _, parent := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir()} {
		if parent == "" || len(parent) > 60 {
			continue
		}
		if dir, err := os.MkdirTemp(parent, "enrollment-"); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("/tmp", "enrollment-")
}

// accept hands on the first connection that comes from root, or in a sandbox from this user; others are closed. It
// ends when the listener is closed.
func (e elevation) accept(l net.Listener, accepted chan<- net.Conn) {
	defer close(accepted)
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		uid, err := peerUID(conn)
		ours := e.sandbox && e.options.Root != "" && uid == os.Getuid()
		if err != nil || uid != 0 && !ours {
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
		c, failed := a.launch(address)
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
