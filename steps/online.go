package steps

import (
	"context"
	"time"

	"example.com/enrollment-assistant/platform"
)

// online waits until the service is seen to know this computer and, where the run is to end at bound, until an admin
// bound it. Only the elevated side can see either.
func (e *enrollment) online(ctx context.Context) error {
	if e.watch == nil && e.snapshot().Unchanged {
		e.dropUsedKey()
		return nil
	}
	e.enter(Online)
	if err := e.awaitVerdict(ctx, &e.device.Online, onlineWithin, CodeNotOnline, "problem.not-online"); err != nil {
		return err
	}
	e.dropUsedKey()
	if e.c.Until != Bound {
		return nil
	}
	return e.awaitVerdict(ctx, &e.device.Bound, e.c.BoundWithin, CodeNotBound, "problem.not-bound")
}

// dropUsedKey forgets the key once it has done its work.
func (e *enrollment) dropUsedKey() {
	if e.keySource != keyOfProfile && e.keySource != keyNone {
		e.dropKey()
	}
}

// awaitVerdict waits for one of the device's verdicts. When the job that tells of it has ended and that was said, the
// next try begins another one, which asks for consent.
func (e *enrollment) awaitVerdict(ctx context.Context, v *Verdict, limit time.Duration, code Code, key string) error {
	w := e.watch
	if w == nil || w.said {
		w = e.begin(ctx, e.newJob(platform.VerbWatch), nil)
	}
	err := e.await(ctx, limit, func() bool { return v.Yes || w.ended })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e.mu.Lock()
	yes, failure := v.Yes, w.err
	w.said = w.ended
	e.mu.Unlock()
	switch {
	case yes:
		return nil
	case err == nil && failure != nil:
		return e.jobEnd(ctx, Online, w)
	}
	return e.explain(ctx, (&Problem{Code: code, Step: Online, Retry: true, Link: LinkAgent, Err: errLate}).say(key, key+".hint"))
}
