package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"
)

// agent is one running agent. It does what the server says with three verbs, which are bind, unbind and delete, by
// writing a list of names and by removing itself; it never touches accounts, sshd or PAM.
type agent struct {
	at      place
	log     *agentLog
	version string

	bootstrapped time.Time // the bootstrap file's time when it was last tried
	waiting      bool      // it was said that there is nothing to enroll with
	refused      int       // connections refused in a row
	told         bool      // the server knows what this computer is like now
}

// Times of the agent.
const (
	slowRetry = time.Minute      // after an enrollment was refused: nothing changes by itself
	maxRetry  = 30 * time.Second // after a failed poll, doubling up to it
	pollTime  = 2 * time.Minute  // the server answers a long poll well before that
	stubGone  = 3                // refused connections in a row after which a sandbox agent ends
)

var (
	errDeleted  = errors.New("an admin deleted this device")
	errNothing  = errors.New("there is no certificate and no bootstrap file")
	errStubGone = errors.New("the stub server is gone")
)

// runAgent runs the agent until ctx ends, an admin deletes the device or, in a sandbox, the stub is gone.
func runAgent(ctx context.Context, at place) error {
	if err := at.guard(); err != nil {
		return err
	}
	release, err := claim(at)
	if err != nil {
		return err
	}
	defer release()
	log, err := openLog(at)
	if err != nil {
		return err
	}
	defer func() { _ = log.file.Close() }() // every line is written already
	version, err := at.agentVersion()
	if err != nil {
		return fmt.Errorf("reading %s: %w", versionFile, err)
	}
	a := &agent{at: at, log: log, version: version}
	if at.sandbox() {
		var stop context.CancelFunc
		ctx, stop = a.whileThere(ctx)
		defer stop()
	}
	log.info("agent %s started", version)
	err = a.work(ctx)
	log.info("agent ended")
	return err
}

// whileThere ends the context when the sandbox's folder is removed, so that a test leaves no process behind.
func (a *agent) whileThere(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if _, err := os.Stat(a.at.path(markerFile)); err != nil {
					stop()
				}
			}
		}
	}()
	return ctx, stop
}

// work enrolls if that is needed, polls until something fails, and begins again.
func (a *agent) work(ctx context.Context) error {
	wait := time.Second
	for ctx.Err() == nil {
		polled, err := a.once(ctx)
		switch {
		case ctx.Err() != nil: // told to end; what that broke does not matter
			continue
		case errors.Is(err, errDeleted):
			return a.remove(ctx)
		case a.gone(err):
			a.log.info("%v", errStubGone)
			return nil
		}
		if polled {
			wait = time.Second
		}
		a.rest(ctx, a.tell(err, wait))
		if !a.at.sandbox() {
			wait = min(2*wait, maxRetry)
		}
	}
	return nil
}

// tell logs why polling ended and gives the time until the next try.
func (a *agent) tell(err error, wait time.Duration) time.Duration {
	var no *refusal
	switch {
	case errors.Is(err, errNothing):
		if !a.waiting {
			a.log.info("waiting: %v", err)
		}
		a.waiting = true
		return time.Second
	case errors.As(err, &no):
		a.log.error("%v", err)
		return slowRetry
	}
	a.log.error("%v", err)
	return wait
}

// gone counts refused connections; a sandbox agent ends with its stub.
func (a *agent) gone(err error) bool {
	if !errors.Is(err, syscall.ECONNREFUSED) {
		a.refused = 0
		return false
	}
	a.refused++
	return a.at.sandbox() && a.refused >= stubGone
}

// rest waits, but no longer than until a new bootstrap file comes: somebody tries again with another key.
func (a *agent) rest(ctx context.Context, d time.Duration) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	end := time.After(d)
	for {
		select {
		case <-ctx.Done():
			return
		case <-end:
			return
		case <-tick.C:
			if info, err := os.Stat(a.at.path(bootstrapFile)); err == nil && !info.ModTime().Equal(a.bootstrapped) {
				return
			}
		}
	}
}

// once goes through the life of an enrolled agent until something fails. polled: it reached the server.
func (a *agent) once(ctx context.Context) (polled bool, err error) {
	if err := a.settle(ctx); err != nil {
		return false, err
	}
	conf, err := a.at.readConf()
	if err != nil {
		return false, fmt.Errorf("reading the configuration: %w", err)
	}
	client, err := a.at.client()
	if err != nil {
		return false, err
	}
	defer client.CloseIdleConnections()
	if conf.SystemKey == "" {
		if conf.SystemKey, err = a.register(ctx, client, conf); err != nil {
			return false, fmt.Errorf("failed to register: %w", err)
		}
		if err := a.at.writeConf(conf); err != nil {
			return false, err
		}
		a.log.info("registered as system %s", conf.SystemKey)
		a.told = true
	}
	have := ""
	for {
		o, err := a.poll(ctx, client, conf, have)
		if err != nil {
			return polled, fmt.Errorf("failed to poll server: %w", err)
		}
		polled, have, a.refused = true, o.Hash, 0
		a.log.info("poll ok")
		if o.Uninstall {
			return polled, errDeleted
		}
		if err := a.manage(o.ManagedUsers); err != nil {
			return polled, err
		}
		a.tellAgain(ctx, client, conf)
	}
}

// tellAgain brings the server up to date with this computer, once each time the agent starts: it may have been upgraded,
// or the system below it. It comes after a poll, since that is all that a device which was deleted may do.
func (a *agent) tellAgain(ctx context.Context, client *http.Client, conf agentConf) {
	if a.told {
		return
	}
	if _, err := a.register(ctx, client, conf); err != nil {
		a.log.error("failed to tell of this computer: %v", err)
		return
	}
	a.told = true
}
