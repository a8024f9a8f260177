package platform

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/net/http/httpproxy"
)

// converse sends the job, hands on reports and gives what the elevated side says at the end. When ctx ends it says
// stop, and goes on until that side has ended.
func converse(ctx context.Context, c *channel, job Job, report func(Report)) error {
	defer func() { _ = c.conn.Close() }()
	w := job.wire()
	w.Proxy, w.NoProxy = proxyCarried(job.Proxy)
	if err := c.write(message{Job: w}); err != nil {
		return &JobError{JobInternal, PhaseConsent, fmt.Sprintf("sending the job: %v", err)}
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-ctx.Done():
			// It fails only where the other end is gone, which the reader sees.
			_ = c.write(message{Stop: true})
		case <-ended:
		}
	}()
	phase := PhaseConsent
	sent := make(chan error, 1)
	for {
		m, err := c.read()
		switch {
		case err != nil:
			return explainJob(&JobError{JobInternal, phase, fmt.Sprintf("the elevated side ended without an answer: %v", err)}, sent)
		case m.Report != nil:
			phase = m.Report.Phase
			report(*m.Report)
		case m.Send && job.Package != nil:
			go c.send(ctx, *job.Package, sent)
		case m.Error != nil:
			return explainJob(m.Error, sent)
		case m.Done:
			return nil
		}
	}
}

// explainJob gives the error of a job that failed. A package that could not be read here is cut short for the other
// side, which knows no more.
func explainJob(failed *JobError, sent <-chan error) error {
	if failed.Code == JobBusy {
		return ErrBusy
	}
	select {
	case err := <-sent:
		if err != nil {
			return &JobError{JobBadPackage, PhaseReceive, fmt.Sprintf("sending the package: %v", err)}
		}
	default:
	}
	return failed
}

// send sends the package's bytes. When that fails, or ctx ends, this end of the channel is closed for writing, or both: the
// other side sees a package that is cut short, and ends. The error is told before that.
func (c *channel) send(ctx context.Context, p Package, sent chan<- error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := func() error {
		f, err := os.Open(p.Path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		for left := p.Size; left > 0; {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := io.CopyN(c.conn, f, min(left, 256<<10))
			if err != nil {
				return err
			}
			left -= n
		}
		return nil
	}()
	sent <- err
	if err != nil {
		if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		} else {
			_ = c.conn.Close() // a pipe of Windows has no halves
		}
	}
}

// proxyCarried gives the proxy to send along. What people are shown has no user info; where this process's own proxy
// is the same one, it is sent with it, since the download would fail without.
func proxyCarried(shown string) (proxy, noProxy string) {
	own := httpproxy.FromEnvironment()
	if u := proxyFor(own); u != nil && proxyShown(own) == shown {
		return u.String(), own.NoProxy
	}
	return shown, own.NoProxy
}
