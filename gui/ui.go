package gui

import (
	"context"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// This file is the only one that crosses Fyne's goroutine. Everything an enrollment says goes through Wizard.do, in
// order; every answer comes back over a channel that holds one, so that a page never waits.

// ui is the Wizard as an enrollment sees it.
type ui struct{ w *Wizard }

var _ steps.UI = (*ui)(nil)

// answer is given once; later ones are dropped.
type answer[T any] func(T, error)

// ask shows a page and waits for its answer.
func ask[T any](ctx context.Context, w *Wizard, show func(answer[T])) (T, error) {
	type reply struct {
		value T
		err   error
	}
	replies := make(chan reply, 1)
	w.post.flush()
	w.do(func() {
		give := func(v T, err error) {
			w.again = nil
			select {
			case replies <- reply{v, err}:
			default: // answered already
			}
		}
		w.again = func() {
			var none T
			give(none, steps.ErrAgain)
		}
		show(give)
		w.shown(w.current.name)
		w.needed()
		w.reask()
	})
	select {
	case r := <-replies:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// Event implements steps.UI.
func (u *ui) Event(e steps.Event) { u.w.post.put(e) }

// Confirm implements steps.UI.
func (u *ui) Confirm(ctx context.Context, q steps.Confirmation) (steps.Choice, error) {
	c, err := ask(ctx, u.w, func(a answer[steps.Choice]) { u.w.confirm(q, a) })
	if q.Access != nil {
		u.w.do(u.w.leaveAccess) // also when there was no answer: the access was given, or the time is over
	}
	return c, err
}

// Login implements steps.UI.
func (u *ui) Login(ctx context.Context, q steps.LoginQuestion) (steps.LoginAnswer, error) {
	return ask(ctx, u.w, func(a answer[steps.LoginAnswer]) { u.w.showLogin(q, a) })
}

// ConnectKey implements steps.UI.
func (u *ui) ConnectKey(ctx context.Context, q steps.KeyQuestion) (platform.Secret, error) {
	return ask(ctx, u.w, func(a answer[platform.Secret]) { u.w.showKey(q, a) })
}

// SecureToken implements steps.UI.
func (u *ui) SecureToken(ctx context.Context, q steps.TokenQuestion) (steps.TokenAnswer, error) {
	return ask(ctx, u.w, func(a answer[steps.TokenAnswer]) { u.w.showToken(q, a) })
}

// Problem implements steps.UI.
func (u *ui) Problem(ctx context.Context, p steps.Problem) error {
	_, err := ask(ctx, u.w, func(a answer[struct{}]) {
		u.w.summary = p.Summary
		u.w.showProblem(p, func(err error) { a(struct{}{}, err) })
	})
	return err
}

// report has the report made; got is called on Fyne's goroutine.
func (w *Wizard) report(got func(string, error)) {
	w.info.Report(func(text string, err error) { w.do(func() { got(text, err) }) })
}

// save has a text written to a file; saved is called on Fyne's goroutine.
func (w *Wizard) save(k Kind, text string, saved func(string, error)) {
	w.info.Save(k, text, func(path string, err error) { w.do(func() { saved(path, err) }) })
}

// compose has made what would be sent to the admins; got is called on Fyne's goroutine.
func (w *Wizard) compose(add steps.Extras, got func(string, error)) {
	w.info.Compose(add, func(text string, err error) { w.do(func() { got(text, err) }) })
}

// send has a text sent to the admins; sent is called on Fyne's goroutine.
func (w *Wizard) send(text string, sent func(*steps.Problem)) {
	w.info.Send(text, func(p *steps.Problem) { w.do(func() { sent(p) }) })
}

// confirm shows the page of a confirmation's step.
func (w *Wizard) confirm(q steps.Confirmation, a answer[steps.Choice]) {
	if q.Step == steps.Welcome && q.Device != nil {
		w.showLastSeen(*q.Device, q.Watching, a)
		return
	}
	switch q.Step {
	case steps.Welcome:
		w.showWelcome(*q.Welcome, a)
	case steps.Requirements:
		w.askRequirements(q.Checks, a)
	case steps.Plan:
		w.showPlan(*q.Plan, a)
	case steps.Install:
		w.showAccess(*q.Access, a)
	case steps.Done:
		w.showDone(*q.Device, q.Watching, a)
	default:
		a(steps.Choice{}, nil) // nothing to show at the other steps
	}
}
