package steps

import (
	"context"
	"errors"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
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
	facts := e.facts()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.told == p {
		return
	}
	e.told = p
	e.log.Error("problem", "code", p.Code, "step", p.Step, "err", errText(p.Err))
	e.run.Problem = &toldProblem{
		Time: e.c.Now(), Code: p.Code, Step: p.Step, Summary: p.Summary, Hint: p.Hint, Details: errText(p.Err),
	}
	e.save()
	e.queue(p, facts)
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

// confirm asks the UI's Confirm; question makes it, in the language chosen then.
func (e *enrollment) confirm(ctx context.Context, question func() Confirmation) (Choice, error) {
	e.asked = true
	return anew(e, func() (Choice, error) { return e.ui.Confirm(ctx, question()) })
}

// anew asks a question, and again as long as the answer is ErrAgain: ask makes its texts each time.
func anew[T any](e *enrollment, ask func() (T, error)) (T, error) {
	for {
		v, err := ask()
		if !errors.Is(err, ErrAgain) {
			return v, err
		}
		e.retell()
	}
}

// retell tells checks and verdicts in the language chosen now, by what was found before.
func (e *enrollment) retell() {
	e.survey.retell()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen == nil {
		return
	}
	now := e.c.Now()
	e.reword(&e.device.Installed, installedVerdict(*e.seen, e.system, now))
	if a := e.seen.ServiceAccount; e.device.Account.Known && a.Exists != platform.Unknown {
		e.reword(&e.device.Account, accountVerdict(a, now))
	}
	if e.deep != nil {
		e.reword(&e.device.Online, onlineVerdict(*e.deep, now))
		e.reword(&e.device.Bound, boundVerdict(*e.deep, now))
	}
}

// reword says a verdict again. What it says of the computer stays as it was seen; the lock is held.
func (e *enrollment) reword(kept *Verdict, v Verdict) {
	if v.Yes == kept.Yes {
		v.Seen = kept.Seen
	}
	e.judge(kept, v)
}

// rewordProblem makes a problem's texts anew: those of a check are said as the check says them.
func (e *enrollment) rewordProblem(p *Problem) {
	p.reword()
	for _, c := range e.survey.checks() {
		if p.check == c.ID && c.Level == LevelBlock {
			p.Summary, p.Hint = c.Title, c.Text
		}
	}
}

// ask shows a problem. nil means that it is tried again.
func (e *enrollment) ask(ctx context.Context, p *Problem) error {
	e.tellProblem(p)
	_, err := anew(e, func() (struct{}, error) {
		e.rewordProblem(p)
		return struct{}{}, e.ui.Problem(ctx, *p)
	})
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
