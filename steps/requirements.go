package steps

import (
	"context"
	"errors"
)

// requirements shows what was found about this computer, and goes on when nothing blocks. The checks began at
// welcome; what is older than a few minutes is looked at again.
func (e *enrollment) requirements(ctx context.Context) error {
	if e.renewedChecks(ctx) {
		return nil
	}
	e.enter(Requirements)
	if e.survey.stale(checksFreshIn) {
		e.survey.look(ctx, "")
	}
	for {
		if err := e.survey.await(ctx); err != nil {
			return err
		}
		var checks []Check
		choice, err := e.confirm(ctx, func() Confirmation {
			checks = e.survey.checks()
			return Confirmation{Step: Requirements, Checks: checks}
		})
		switch {
		case errors.Is(err, ErrQuit) && blocking(checks) != nil:
			return &quit{blocking(checks)}
		case err != nil:
			return err
		case choice.Open:
			e.openFor(checks, choice.Check)
			continue
		case choice.Again:
			e.survey.look(ctx, choice.Check)
			continue
		}
		// It was a while ago that the list was shown: what came in since counts.
		if err := e.survey.await(ctx); err != nil {
			return err
		}
		problem := blocking(e.survey.checks())
		if problem == nil {
			return nil
		}
		if err := e.ask(ctx, problem); err != nil {
			return err
		}
		e.survey.look(ctx, "")
	}
}

// openFor shows the address at which a person puts a check right. It is looked up: a front end names the check alone.
func (e *enrollment) openFor(checks []Check, id string) {
	for _, c := range checks {
		if c.ID != id || c.Open == "" {
			continue
		}
		if e.c.Host.OpenURL == nil || e.c.Host.OpenURL(c.Open) != nil {
			e.note("note.portal.open", "URL", c.Open)
		}
	}
}

// blocking is the first check that blocks, as a problem; nil when there is none.
func blocking(checks []Check) *Problem {
	for _, c := range checks {
		if c.Level == LevelBlock {
			return checkProblem(c, Requirements)
		}
	}
	return nil
}
