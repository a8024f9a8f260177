package steps

import (
	"context"
	"errors"
	"time"

	"example.com/enrollment-assistant/platform"
)

// errSettled ends a run that had nothing to do: the person looked at what is known of an enrolled computer, and went.
var errSettled = errors.New("nothing to do")

// lastSeen comes before all else where an earlier run of this user enrolled the computer. Whether the agent is installed
// anyone can see, so it is looked at; the rest is told as it was seen last, until somebody consents to another look.
// Nil goes on to another install. It is asked once in a run.
func (e *enrollment) lastSeen(ctx context.Context) error {
	if e.run.Enrolled.IsZero() || e.recognized || e.c.Host.AgentState == nil {
		return nil
	}
	e.recognized = true
	if err := e.survey.await(ctx, subjectFacts); err != nil {
		return err
	}
	facts := e.facts()
	state, err := within(ctx, lookWithin, e.c.Host.AgentState)
	if err != nil || facts.OS == "" {
		e.log.Warn("what an earlier run enrolled is not known", "err", errText(err))
		return ctx.Err()
	}
	e.recognize(facts, state)
	for {
		switch err := e.showDevice(ctx, Welcome); {
		case err == nil:
			e.stopWatch()
			e.mu.Lock()
			e.forgetDevice()
			e.mu.Unlock()
			return nil
		case ctx.Err() != nil, errors.Is(err, ErrQuit):
			return errSettled
		case !errors.Is(err, ErrBack): // there is nothing to go back to
			return err
		}
	}
}

// recognize fills the device from what anyone can see now and from what was last seen. The proofs of that are left out:
// they are in the language of then.
func (e *enrollment) recognize(f platform.Facts, a platform.AgentState) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.found, e.system, e.seen = f, f.OS, &a
	d := &e.device
	d.Hostname, d.AgentVersion, d.SystemKey, d.Finished = f.Hostname, a.Version, e.run.System, e.run.Enrolled
	for _, v := range e.run.Verdicts {
		v.Proof = ""
		switch {
		case v.Name == IsOnline:
			d.Online = v
		case v.Name == Bound:
			d.Bound = v
		case v.Name == HasAccount && f.OS == "darwin":
			d.Account = v
		}
	}
	if f.OS == "darwin" && a.ServiceAccount.Exists != platform.Unknown {
		d.Account = accountVerdict(a.ServiceAccount, e.c.Now())
	}
	d.Installed = installedVerdict(a, e.system, e.c.Now())
	e.run.keep(d.Installed)
}

// forgetDevice is for a try of which nothing is known yet; the lock is held.
func (e *enrollment) forgetDevice() {
	e.seen, e.deep, e.device = nil, nil, Device{
		Installed: Verdict{Name: Installed}, Online: Verdict{Name: IsOnline}, Bound: Verdict{Name: Bound},
	}
}

// enrolled keeps since when this computer is enrolled; the zero time while that is being changed.
func (e *enrollment) enrolled(since time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.run.Enrolled = since
	e.save()
}
