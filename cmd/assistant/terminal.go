package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// terminal is the front end for a person at a terminal, and the one for a screen reader on Linux. The rules: lines
// only, from top to bottom; no colour, no cursor movement, nothing that changes after it was written; every question
// says what can be typed; "back" and "quit" are answers to each; secrets are not shown.
type terminal struct {
	*console
	organization string

	mu     sync.Mutex
	step   steps.Step
	checks map[string]steps.Check // by id: the newest result
	order  []string
	told   map[string]steps.Level // what was printed of a check
	phase  steps.Progress
	tenths int64 // of the phase's bytes, when they were last told

	email    string // of the sign-in, for the question after the second factor
	password platform.Secret
	wasRead  bool // the problem that ends the run was shown
}

// newTerminal asks on c.
func newTerminal(c *console, organization string) *terminal {
	if organization == "" {
		organization = assets.Text("cli.your-organization")
	}
	return &terminal{console: c, organization: organization, checks: map[string]steps.Check{},
		told: map[string]steps.Level{}}
}

// Confirm implements steps.UI.
func (t *terminal) Confirm(ctx context.Context, q steps.Confirmation) (steps.Choice, error) {
	switch {
	case q.Welcome != nil:
		return t.welcome(ctx, *q.Welcome)
	case q.Plan != nil:
		return t.plan(ctx, *q.Plan)
	case q.Access != nil:
		return t.access(ctx, *q.Access)
	case q.Device != nil && q.Step == steps.Welcome:
		return t.lastSeen(ctx, q)
	case q.Device != nil:
		return t.done(ctx, q)
	}
	return t.requirements(ctx, q.Checks)
}

// welcome says what this is and asks the two things to say yes to.
func (t *terminal) welcome(ctx context.Context, q steps.WelcomeQuestion) (steps.Choice, error) {
	if q.Organization != "" {
		t.organization = q.Organization
	}
	t.print(assets.Text("cli.welcome.who", "Organization", t.organization))
	t.print(assets.Text("cli.welcome.agent"))
	if q.Text != "" {
		t.print(q.Text)
	}
	if q.Blocked != nil {
		t.print(problemText(q.Blocked))
		return t.again(ctx)
	}
	var choice steps.Choice
	if len(q.Regions) > 0 {
		region, err := t.region(ctx, q.Regions)
		if err != nil {
			return choice, err
		}
		choice.Region = region
	}
	for _, key := range []string{"cli.welcome.computer", "cli.welcome.asked"} {
		yes, err := t.yes(ctx, assets.Text(key, "Organization", t.organization))
		if err != nil {
			return choice, err
		}
		if !yes {
			t.print(assets.Text("cli.welcome.no"))
			return choice, steps.ErrQuit
		}
	}
	return choice, nil
}

// again asks whether to look again at what nothing here can mend.
func (t *terminal) again(ctx context.Context) (steps.Choice, error) {
	text, err := t.line(ctx, assets.Text("cli.ask.again-or-quit"))
	if err == nil && !isWord(text, "again") {
		err = steps.ErrQuit
	}
	t.wasRead = errors.Is(err, steps.ErrQuit)
	return steps.Choice{Again: err == nil}, err
}

// region asks which of the vendor's clouds it is.
func (t *terminal) region(ctx context.Context, regions []platform.Region) (platform.Region, error) {
	for i, r := range regions {
		t.print(assets.Text("cli.region.line", "Number", i+1, "Name", assets.Text("cli.region."+string(r))))
	}
	for {
		text, err := t.line(ctx, assets.Text("cli.region.ask", "Last", len(regions)))
		if err != nil {
			return "", err
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(regions) {
			return regions[n-1], nil
		}
		if r := platform.Region(strings.ToUpper(text)); slices.Contains(regions, r) {
			return r, nil
		}
	}
}

// yes asks until the answer is yes or no.
func (t *terminal) yes(ctx context.Context, question string) (bool, error) {
	for {
		text, err := t.line(ctx, question+" "+assets.Text("cli.ask.yes-no"))
		if err != nil {
			return false, err
		}
		switch {
		case isWord(text, "yes"), isInitial(text, "yes"):
			return true, nil
		case isWord(text, "no"), isInitial(text, "no"):
			return false, nil
		}
	}
}

// requirements shows every check and waits. While one blocks, there is no going on.
func (t *terminal) requirements(ctx context.Context, checks []steps.Check) (steps.Choice, error) {
	blocked := 0
	for _, c := range checks {
		t.tellCheck(c)
		if c.Level == steps.LevelBlock {
			blocked++
		}
	}
	prompt := assets.Text("cli.requirements.go-on")
	if blocked > 0 {
		t.print(assets.Text("cli.requirements.blocked", "Count", blocked))
		prompt = assets.Text("cli.ask.again-or-back")
	}
	for {
		text, err := t.line(ctx, prompt)
		switch {
		case err != nil:
			return steps.Choice{}, err
		case isWord(text, "again"):
			t.forgetChecks()
			return steps.Choice{Again: true}, nil
		case text == "" && blocked == 0:
			return steps.Choice{}, nil
		}
	}
}

// plan shows everything that will be done and asks for the one yes that it needs.
func (t *terminal) plan(ctx context.Context, p steps.InstallPlan) (steps.Choice, error) {
	t.print(planText(p))
	for {
		text, err := t.line(ctx, assets.Text("cli.plan.ask"))
		switch {
		case err != nil:
			return steps.Choice{}, err
		case isWord(text, "install"):
			return steps.Choice{}, nil
		}
	}
}

// done tells what the computer is now.
func (t *terminal) done(ctx context.Context, q steps.Confirmation) (steps.Choice, error) {
	t.print(deviceText(*q.Device))
	if q.Watching {
		t.print(assets.Text("cli.done.watching"))
	}
	text, err := t.line(ctx, assets.Text("cli.done.ask"))
	return steps.Choice{Again: isWord(text, "again")}, err
}

// lastSeen tells what is known of a computer that an earlier run enrolled.
func (t *terminal) lastSeen(ctx context.Context, q steps.Confirmation) (steps.Choice, error) {
	t.print(lastSeenText(*q.Device))
	for {
		text, err := t.line(ctx, assets.Text("cli.last-seen.ask"))
		switch {
		case err != nil:
			return steps.Choice{}, err
		case text == "":
			return steps.Choice{}, steps.ErrQuit
		case isWord(text, "again"):
			return steps.Choice{Again: true}, nil
		case isWord(text, "install"):
			return steps.Choice{}, nil
		}
	}
}

// Problem implements steps.UI.
func (t *terminal) Problem(ctx context.Context, p steps.Problem) error {
	t.print(problemText(&p))
	t.print(assets.Text("cli.problem.code", "Code", p.Code))
	key := "cli.ask.end"
	if p.Retry {
		key = "cli.ask.retry"
	}
	text, err := t.line(ctx, assets.Text(key))
	if err == nil && (text != "" || !p.Retry) {
		err = steps.ErrQuit
	}
	t.wasRead = errors.Is(err, steps.ErrQuit)
	return err
}
