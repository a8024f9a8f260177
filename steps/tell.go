package steps

import (
	"context"
	"errors"

	"example.com/enrollment-assistant/assets"
)

// tell hands an event to the UI, one at a time.
func (e *enrollment) tell(v Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tellLocked(v)
}

func (e *enrollment) tellLocked(v Event) {
	if e.closed {
		return
	}
	v.Time = e.c.Now()
	if v.Step == "" {
		v.Step = e.step
	}
	e.ui.Event(v)
}

func (e *enrollment) tellCheck(c Check) {
	e.log.Info("check", "id", c.ID, "level", c.Level, "detail", c.Detail)
	e.tell(Event{Kind: KindCheck, Step: Requirements, Check: &c})
}

// note tells a sentence.
func (e *enrollment) note(key string, args ...any) {
	e.tell(Event{Kind: KindNote, Text: assets.Text(key, args...)})
}

// tellProblem tells each problem once.
func (e *enrollment) tellProblem(p *Problem) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.told == p {
		return
	}
	e.told = p
	e.log.Error("problem", "code", p.Code, "step", p.Step, "err", errText(p.Err))
	shown := *p
	e.tellLocked(Event{Kind: KindProblem, Step: p.Step, Problem: &shown})
}

// enter begins a step.
func (e *enrollment) enter(s Step) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.step = s
	e.log.Info("step", "step", s)
	e.tellLocked(Event{Kind: KindStep})
}

// confirm asks the UI's Confirm.
func (e *enrollment) confirm(ctx context.Context, q Confirmation) (Choice, error) {
	e.asked = true
	return e.ui.Confirm(ctx, q)
}

// ask shows a problem. nil means that it is tried again.
func (e *enrollment) ask(ctx context.Context, p *Problem) error {
	e.tellProblem(p)
	err := e.ui.Problem(ctx, *p)
	switch {
	case err == nil && p.Retry:
		return nil
	case errors.Is(err, ErrBack):
		return ErrBack
	case err == nil, errors.Is(err, ErrQuit):
		return &quit{p}
	}
	return err
}
