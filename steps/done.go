package steps

import (
	"context"
	"errors"

	"example.com/enrollment-assistant/platform"
)

// done shows what the computer is now. The verdicts go on changing while the elevated side watches; after that they
// are what was last seen, and looking again asks for consent. Whatever happens here, the enrollment stands.
func (e *enrollment) done(ctx context.Context) error {
	e.enter(Done)
	e.enrolled(e.c.Now())
	for {
		err := e.showDevice(ctx, Done)
		switch {
		case err == nil, errors.Is(err, ErrQuit):
			return nil
		case ctx.Err() != nil:
			return nil //nolint:nilerr // stopped on the last page; nothing failed
		case !errors.Is(err, ErrBack): // there is nothing to go back to: what was done is done
			return err
		}
	}
}

// showDevice asks at a step with the device in view, and looks again as often as the answer is to.
func (e *enrollment) showDevice(ctx context.Context, at Step) error {
	for {
		watching := false
		choice, err := e.confirm(ctx, func() Confirmation {
			device := e.snapshot()
			e.mu.Lock()
			defer e.mu.Unlock()
			watching = e.watch != nil && !e.watch.ended
			return Confirmation{Step: at, Device: &device, Watching: watching}
		})
		if err != nil || !choice.Again {
			return err
		}
		if watching {
			continue
		}
		if err := e.lookAgain(ctx); err != nil {
			return err
		}
	}
}

// lookAgain starts another job that only reads, and waits for its first answer.
func (e *enrollment) lookAgain(ctx context.Context) error {
	for {
		w := e.begin(ctx, e.newJob(platform.VerbWatch), nil)
		if err := e.await(ctx, 0, func() bool { return w.ended || w.seen }); err != nil {
			return err
		}
		e.mu.Lock()
		failure := w.err
		e.mu.Unlock()
		if failure == nil {
			return nil
		}
		err := e.ask(ctx, e.jobProblem(e.step, failure))
		var q *quit
		switch {
		case err == nil:
			continue
		case errors.As(err, &q), errors.Is(err, ErrBack):
			return nil // back to the page; the enrollment is done in any case
		default:
			return err
		}
	}
}
