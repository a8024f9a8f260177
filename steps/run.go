package steps

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"example.com/enrollment-assistant/platform"
)

// Config is what an enrollment needs besides a UI.
type Config struct {
	// Host is this computer. A front end that has its own key and asks nobody sets Host.Recall to nil, or a key that
	// an earlier run kept is used instead.
	Host    platform.Host
	Profile Profile
	// StateDir is the folder of run.json and downloads, 0700. It must exist.
	StateDir string
	// Client is used for the portal and for downloads; nil means one that trusts the system's CAs and the profile's.
	Client *http.Client
	// Log gets what happened, for the help desk; nil discards it.
	Log *slog.Logger
	// Until is Online (default) or Bound: when a run that nobody watches ends.
	Until VerdictName
	// BoundWithin is how long to wait with Until Bound; 0 means 15 minutes, as long as the elevated side watches.
	BoundWithin time.Duration
	// Root is the sandbox of a test build.
	Root string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// withDefaults fills what was left empty.
func (c Config) withDefaults() Config {
	if c.Client == nil {
		c.Client = c.Profile.HTTPClient()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Until == "" {
		c.Until = IsOnline
	}
	if c.BoundWithin == 0 {
		c.BoundWithin = watchWithin
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Deadlines of an enrollment. The elevated side has its own for each thing it does; those here are longer and hold
// when it says nothing.
const (
	factsWithin   = 3 * time.Second  // how long the first page waits for what it would have to say
	recallWithin  = 30 * time.Second // a keychain may ask to be unlocked
	silentWithin  = 15 * time.Minute // the elevated side reports nothing at all: consent, script and service fit in
	steadyWithin  = 60 * time.Second // from the end of the install until the service is seen to run steadily
	onlineWithin  = 240 * time.Second
	watchWithin   = 15 * time.Minute // as long as the elevated side watches
	checksFreshIn = 5 * time.Minute  // older results are looked at again before they are shown
	keyLife       = time.Hour        // of a key that the User Portal made
)

// Run enrolls this computer and blocks until that is done, refused or failed. Its error is a *Problem, or ErrQuit
// when the person ended it without one. A person who is told of a Problem and quits gets that Problem as the error.
//
// The steps are asked in order. ErrBack goes to the step before that showed something; a Problem that can be tried
// again is, without losing key or progress, where UI.Problem gives nil.
func Run(ctx context.Context, c Config, ui UI) (Device, error) {
	c = c.withDefaults()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e := newEnrollment(c, ui)
	e.log.Info("run begins", "profile", c.Profile.Source, "protected", c.Profile.Protected, "ignored", c.Profile.Ignored)
	e.prepare(ctx)
	err := e.finish(ctx, e.walk(ctx))
	return e.snapshot(), err
}

// part is one step of the script.
type part struct {
	step Step
	do   func(context.Context) error
}

// quit ends the run because a person was told of a problem and ended there.
type quit struct{ problem *Problem }

// Error implements error.
func (q *quit) Error() string { return "quit: " + q.problem.Error() }

// goTo goes on at another step.
type goTo Step

// Error implements error.
func (g goTo) Error() string { return "go to " + string(g) }

// walk does the steps in order. Back is the step before that asked something.
func (e *enrollment) walk(ctx context.Context) error {
	script := []part{
		{Welcome, e.welcome}, {Login, e.login}, {ConnectKey, e.connectKey}, {Requirements, e.requirements},
		{SecureToken, e.secureToken}, {Plan, e.plan}, {Install, e.install}, {Online, e.online}, {Done, e.done},
	}
	var shown []int
	for i := 0; i < len(script); {
		e.asked = false
		err := script[i].do(ctx)
		if err != nil && ctx.Err() != nil && !errors.Is(err, errSettled) {
			return ctx.Err()
		}
		var problem *Problem
		if errors.As(err, &problem) {
			err = e.ask(ctx, problem)
			if err == nil {
				continue
			}
		}
		var to goTo
		switch {
		case err == nil:
			if e.asked {
				shown = append(shown, i)
			}
			i++
		case errors.As(err, &to):
			for i > 0 && script[i].step != Step(to) {
				i--
			}
			shown = before(shown, i)
		case errors.Is(err, ErrBack):
			shown = before(shown, i)
			if len(shown) > 0 {
				i = shown[len(shown)-1]
				shown = shown[:len(shown)-1]
			}
		default:
			return err
		}
	}
	return nil
}

// before keeps the steps that lie before i.
func before(shown []int, i int) []int {
	for len(shown) > 0 && shown[len(shown)-1] >= i {
		shown = shown[:len(shown)-1]
	}
	return shown
}

// CheckComputer runs every check once, without enrolling anything: each gets every change (it may be nil), the answer
// is the final list in order. region counts only where the profile names neither endpoints nor a region; empty means
// the first one.
func CheckComputer(ctx context.Context, c Config, region platform.Region, each func(Check)) []Check {
	c = c.withDefaults()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if each == nil {
		each = func(Check) {}
	}
	endpoints := endpointsFor(c.Profile, Key{}, region)
	s := newSurvey(c.Host, newNeeds(c, &endpoints), c.Now, each)
	s.look(ctx, "")
	_ = s.await(ctx) // when it was canceled, what is known is the answer
	return s.checks()
}

// MakePlan gives the plan of an enrollment of this computer, without a key and without changing anything. region is
// as in CheckComputer. Its error is a *Problem.
func MakePlan(ctx context.Context, c Config, region platform.Region) (InstallPlan, error) {
	c = c.withDefaults()
	endpoints := endpointsFor(c.Profile, Key{}, region)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newSurvey(c.Host, newNeeds(c, &endpoints), c.Now, func(Check) {})
	s.look(ctx, "")
	if err := s.await(ctx); err != nil {
		return InstallPlan{}, internal(Plan, err)
	}
	found := s.known()
	for _, err := range []error{found.FactsErr, found.AgentErr} {
		if err != nil && !errors.Is(err, errNotHere) {
			return InstallPlan{}, internal(Plan, err)
		}
	}
	in := planInput{
		profile: c.Profile, endpoints: endpoints, verifies: c.Host.VerifyUser != nil, root: c.Root, fixes: fixesOf(s.checks()),
	}
	if found.Facts != nil {
		in.facts = *found.Facts
	}
	if found.Agent != nil {
		in.agent = *found.Agent
	}
	return planOf(in), nil
}
