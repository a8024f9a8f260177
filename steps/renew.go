package steps

import (
	"context"
	"reflect"
)

// A key can end between the plan and the install: the server refuses it, or its hour passes while nobody is looking.
// Then a new one is asked for and the run goes straight back to the install. The plan that was accepted stands, unless
// the new key changes it.

// keyTooOld is a key whose hour is over, as far as its age is known; nil for any other. A key that a person entered was
// made before that; it may be an admin's, which lives on, and is taken when it is entered again.
func (e *enrollment) keyTooOld() *Problem {
	if e.keySource == keyOfProfile || e.keySource == keyNone {
		return nil
	}
	summary, hint, since := "problem.key.old.entered", "problem.key.old.entered.hint", e.keyKept
	if !e.keyMade.IsZero() {
		summary, hint, since = "problem.key.old.made", "problem.key.old.made.hint", e.keyMade
	}
	age := e.c.Now().Sub(since)
	if age < keyLife {
		return nil
	}
	p := &Problem{Code: CodeKeyOld, Step: ConnectKey, Retry: true, Link: LinkAgent}
	return p.say(summary, hint, "Count", int(age.Minutes()))
}

// renewKey drops the key for a reason and goes back to the question for one.
func (e *enrollment) renewKey(why *Problem) error {
	e.tellProblem(why)
	e.dropKey()
	e.keyRefused, e.renewing = why, true
	return goTo(ConnectKey)
}

// renewed tells whether the plan that was accepted still is what will be done, so that nothing is asked again.
func (e *enrollment) renewed(now planInput) bool {
	if !e.renewing || e.accepted == nil {
		return false
	}
	// Both in the language chosen now, whichever it was then.
	return reflect.DeepEqual(planOf(*e.accepted), planOf(now))
}

// renewedChecks tells whether the requirements need not be shown again: the new key brought no host that stands in the
// way, and nothing else does.
func (e *enrollment) renewedChecks(ctx context.Context) bool {
	return e.renewed(e.planInput()) && e.survey.await(ctx) == nil && blocking(e.survey.checks()) == nil
}
