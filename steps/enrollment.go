package steps

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/enrollment-assistant/platform"
)

// errNotHere is a func that this platform.Host does not have.
var errNotHere = errors.New("not written for this system yet")

// enrollment is one Run.
type enrollment struct {
	c      Config
	ui     UI
	log    *slog.Logger
	survey *survey
	asked  bool // the step that runs has asked something

	// recognized: what an earlier run enrolled was looked for.
	recognized bool

	// What the steps find out, in order. They run one at a time.
	region      platform.Region // chosen at welcome; empty while it is not
	opened      bool            // the portal was opened from here
	recalled    bool            // the keychain was asked
	key         Key
	keySource   keySource
	keyMade     time.Time       // exactly known for a key of our own session
	keyKept     time.Time       // when it was entered, for any other
	keyRefused  *Problem        // to be said when it is asked for again
	renewing    bool            // a new key or password is asked for after the plan was accepted
	token       tokenChoice     // on a Mac
	password    platform.Secret // of the token's account, until the installer had it
	accepted    *planInput      // of the plan that was said yes to
	agentBefore *platform.AgentState
	watch       *watch

	mu      sync.Mutex    // of what follows, and of a watch's fields; check and report goroutines use it
	changed chan struct{} // closed at the next change of device or watch
	step    Step
	closed  bool // nothing more is told
	told    *Problem
	run     *runFile
	device  Device
	found   platform.Facts       // when this try of the install began
	system  string               // GOOS of it
	lacking bool                 // Full Disk Access was told to be missing
	seen    *platform.AgentState // the last one of this try
	deep    *platform.AgentState // the last one with what only the elevated side sees
}

// keySource says where the key in use came from.
type keySource int

const (
	keyNone keySource = iota
	keyOfPerson
	keyOfSession
	keyOfKeychain
	keyOfProfile
)

func newEnrollment(c Config, ui UI) *enrollment {
	e := &enrollment{c: c, ui: ui, step: Welcome, changed: make(chan struct{}), run: openRunFile(c.StateDir, c.Now())}
	e.log = c.Log.With("run", e.run.ID)
	var endpoints *platform.Endpoints
	if own, ok := c.Profile.EndpointsFor(""); ok {
		endpoints = &own
	}
	e.survey = newSurvey(c.Host, newNeeds(c, endpoints), c.Now, e.tellCheck)
	e.forgetDevice()
	return e
}

// prepare begins the checks and takes the profile's key.
func (e *enrollment) prepare(ctx context.Context) {
	if !e.c.Profile.ConnectKey.Empty() {
		if k, err := parseKey(e.c.Profile.ConnectKey.Reveal()); err == nil { // the profile was checked when it was read
			e.key, e.keySource = k, keyOfProfile
		}
	}
	if e.regionKnown() {
		e.survey.aim(ctx, targetsOf(e.endpoints()))
	}
	e.survey.look(ctx, "")
}

// finish tells how the run ended, and makes the run's error of what the steps gave.
func (e *enrollment) finish(ctx context.Context, err error) error {
	e.stopWatch()
	e.password.Wipe()
	if e.keySource != keyOfProfile {
		e.key.Value.Wipe()
	}
	var q *quit
	var problem *Problem
	switch {
	case err == nil:
	case errors.Is(err, errSettled):
		err = nil
	case ctx.Err() != nil:
		problem = (&Problem{Code: CodeCanceled, Step: e.step, Err: ctx.Err()}).say("problem.canceled", "problem.canceled.hint")
	case errors.As(err, &q):
		problem = q.problem
	case errors.Is(err, ErrQuit):
	case errors.As(err, &problem):
	default:
		problem = internal(e.step, err)
	}
	if problem != nil {
		e.tellProblem(problem)
		err = problem
	}
	facts := e.facts()
	e.mu.Lock()
	last := Event{Kind: KindFinished, Step: e.step, Problem: problem}
	if err == nil {
		e.device.Finished = e.c.Now()
		d := e.snapshotLocked()
		last.Device = &d
		e.run.Finished, e.run.Problem = d.Finished, nil
		e.unqueue()
	}
	if problem == nil && err != nil && e.step != Welcome { // given up, without anything having gone wrong
		e.queue((&Problem{Code: CodeCanceled, Step: e.step}).say("problem.canceled", "problem.canceled.hint"), facts)
	}
	e.save()
	e.tellLocked(last)
	e.closed = true
	e.mu.Unlock()
	e.log.Info("run ends", "err", errText(err))
	return err
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// snapshot is what is known of the device, said in the language chosen now.
func (e *enrollment) snapshot() Device {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.snapshotLocked()
}

func (e *enrollment) snapshotLocked() Device {
	d := e.device
	d.Left = e.whatIsLeft()
	return d
}

// save writes run.json; the lock is held. A file that cannot be written costs time at the next start, not this run.
func (e *enrollment) save() {
	if err := e.run.save(); err != nil {
		e.log.Warn("run.json", "err", err)
	}
}

// regionKnown tells whether profile, key or person have said which hosts to use.
func (e *enrollment) regionKnown() bool {
	_, ok := e.c.Profile.EndpointsFor(e.region)
	return ok || e.key.KickstartURL != ""
}

// endpoints are the base URLs of this run.
func (e *enrollment) endpoints() platform.Endpoints {
	return endpointsFor(e.c.Profile, e.key, e.region)
}

// endpointsFor gives the profile's own endpoints, else those of the region that the key names, else those of the
// profile's region or the one chosen, else those of the first.
func endpointsFor(p Profile, k Key, chosen platform.Region) platform.Endpoints {
	if p.Endpoints != nil {
		return *p.Endpoints
	}
	if i := slices.IndexFunc(platform.Regions, func(r platform.Region) bool {
		e, _ := platform.EndpointsOf(r)
		return e.Kickstart == k.KickstartURL
	}); i >= 0 {
		chosen, p.Region = platform.Regions[i], ""
	}
	if own, ok := p.EndpointsFor(chosen); ok {
		return own
	}
	first, _ := platform.EndpointsOf(platform.Regions[0])
	return first
}

// portalURL is the page of the User Portal that has the JumpCloud Agent section.
func (e *enrollment) portalURL() string {
	if own := e.c.Profile.SignIn.Portal; own != "" {
		return own
	}
	return e.endpoints().Console + "/userconsole#/security"
}

// facts are those found; the zero value when they could not be gathered.
func (e *enrollment) facts() platform.Facts {
	if f := e.survey.known().Facts; f != nil {
		return *f
	}
	return platform.Facts{}
}

// internal is a defect of this program as people read it.
func internal(s Step, err error) *Problem {
	return (&Problem{Code: CodeInternal, Step: s, Err: err}).say("problem.internal", "problem.internal.hint")
}

// hostOf is a base URL as it is shown to people.
func hostOf(base string) string { return strings.TrimPrefix(base, "https://") }
