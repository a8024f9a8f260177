package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// watch is one job of the elevated side and what it has said. Its fields are guarded by the enrollment's lock.
type watch struct {
	cancel context.CancelFunc
	done   chan struct{}    // closed when it ended
	shown  []platform.Phase // that are shown, in order; none for a job that only reads
	states map[platform.Phase]PhaseState
	told   time.Time // when bytes were last told

	heard       int // reports so far
	phase       platform.Phase
	until       time.Time // of Full Disk Access
	accessAsked bool      // the question for it has ended
	unchanged   bool
	ended       bool
	err         error
	seen        bool // it has told a state
	said        bool // its end was told, so the next try begins another job
}

// errLate is a deadline of await.
var errLate = errors.New("it did not happen in time")

// begin starts a job on the elevated side. It returns at once.
func (e *enrollment) begin(ctx context.Context, job platform.Job, shown []platform.Phase) *watch {
	ctx, cancel := context.WithCancel(ctx)
	w := &watch{cancel: cancel, done: make(chan struct{}), shown: shown, states: make(map[platform.Phase]PhaseState)}
	e.watch = w
	e.log.Info("job", "verb", job.Verb, "way", job.Way, "kickstart", job.KickstartURL)
	e.mu.Lock()
	for _, p := range shown {
		e.tellPhase(w, p, PhaseWaiting, 0, 0)
	}
	e.mu.Unlock()
	go func() {
		defer cancel()
		err := e.c.Host.Elevate(ctx, job, func(r platform.Report) { e.report(w, r) })
		e.end(ctx, w, err)
		close(w.done)
	}()
	return w
}

// stopWatch ends the job and waits for it: a command of the vendor that runs is finished first.
func (e *enrollment) stopWatch() {
	w := e.watch
	if w == nil {
		return
	}
	w.cancel()
	<-w.done
	e.watch = nil
}

// end keeps how a job ended.
func (e *enrollment) end(ctx context.Context, w *watch, err error) {
	e.log.Info("job ended", "err", errText(err))
	e.mu.Lock()
	defer e.mu.Unlock()
	w.ended, w.err = true, err
	for _, p := range w.shown {
		if err != nil && ctx.Err() == nil && w.states[p] == PhaseRunning {
			e.tellPhase(w, p, PhaseFailed, 0, 0)
		}
	}
	if (e.step == Done || e.step == Welcome) && w.seen && ctx.Err() == nil {
		e.tellLocked(Event{Kind: KindNote, Text: assets.Text("note.watch.ended")})
	}
	e.signal()
}

// signal wakes what awaits; the lock is held.
func (e *enrollment) signal() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// report takes what the elevated side says.
func (e *enrollment) report(w *watch, r platform.Report) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w.heard++
	if !r.Until.IsZero() {
		w.until = r.Until
	}
	if r.State != nil {
		w.seen = true
		e.see(*r.State)
	}
	if r.Phase != "" && r.Phase != w.phase {
		e.advance(w, r.Phase)
	}
	if slices.Contains(afterInstaller, r.Phase) {
		e.password.Wipe()
	}
	if r.Total > 0 {
		e.tellBytes(w, r.Phase, r.Done, r.Total)
	}
	if r.Percent > 0 && slices.Contains(w.shown, r.Phase) {
		e.tellLocked(Event{Kind: KindPhase, Phase: &Progress{
			Phase: r.Phase, Title: assets.Text("phase." + string(r.Phase)), State: PhaseRunning, Percent: r.Percent,
		}})
	}
	if r.Output != "" {
		e.tellLocked(Event{Kind: KindOutput, Text: r.Output})
	}
	if r.Unchanged {
		w.unchanged = true
	}
	if r.Restart {
		e.tellLocked(Event{Kind: KindNote, Text: assets.Text("note.restart")})
	}
	e.signal()
}

// afterInstaller are the phases in which the installer has had what it was given.
var afterInstaller = []platform.Phase{
	platform.PhaseStartService, platform.PhaseFullDiskAccess, platform.PhaseRegister, platform.PhaseWatch,
}

// advance ends the phases before p and begins p; the lock is held.
func (e *enrollment) advance(w *watch, p platform.Phase) {
	was := w.phase
	w.phase = p
	i := slices.Index(w.shown, p)
	if i < 0 && p != platform.PhaseWatch {
		return
	}
	if i < 0 {
		i = len(w.shown)
	}
	over := i
	if p == platform.PhaseFullDiskAccess && was == platform.PhaseInstallPackage {
		over = slices.Index(w.shown, was) // the installer itself waits for the person, and goes on after that
	}
	for _, earlier := range w.shown[:over] {
		if how := e.howLeft(w, earlier); w.states[earlier] != how {
			e.tellPhase(w, earlier, how, 0, 0)
		}
	}
	if i < len(w.shown) {
		e.tellPhase(w, p, PhaseRunning, 0, 0)
	}
}

// howLeft is how a phase stands when a later one begins: done, but for an access that was waited for in vain. Where the
// elevated side never waited, the access was there before. The lock is held.
func (e *enrollment) howLeft(w *watch, p platform.Phase) PhaseState {
	if p != platform.PhaseFullDiskAccess {
		return PhaseDone
	}
	was := w.states[p]
	access := e.access()
	switch {
	case access == platform.No && was != PhaseSkipped:
		return PhaseFailed
	case access != platform.Yes && (was == PhaseSkipped || was == PhaseFailed):
		return was
	}
	return PhaseDone
}

// access is what the agent's last state says of Full Disk Access; the lock is held.
func (e *enrollment) access() platform.Answer {
	if e.seen == nil {
		return platform.Unknown
	}
	return e.seen.FullDiskAccess
}

// tellPhase tells where a phase stands; the lock is held.
func (e *enrollment) tellPhase(w *watch, p platform.Phase, s PhaseState, done, total int64) {
	if !slices.Contains(w.shown, p) {
		return
	}
	w.states[p] = s
	e.tellLocked(Event{Kind: KindPhase, Phase: &Progress{
		Phase: p, Title: assets.Text("phase." + string(p)), State: s, Done: done, Total: total,
	}})
}

// bytesEvery is how often bytes are told: often enough to be seen to move, and no flood for who reads lines.
const bytesEvery = 250 * time.Millisecond

// tellBytes tells how far a phase that counts bytes has come, now and then and at its end; the lock is held.
func (e *enrollment) tellBytes(w *watch, p platform.Phase, done, total int64) {
	if now := e.c.Now(); done == total || now.Sub(w.told) >= bytesEvery {
		w.told = now
		e.tellPhase(w, p, PhaseRunning, done, total)
	}
}

// await waits until done says so, which is asked with the lock held, at every change. limit 0 is none; else errLate
// comes after it.
func (e *enrollment) await(ctx context.Context, limit time.Duration, done func() bool) error {
	var late <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		e.mu.Lock()
		ok, changed := done(), e.changed
		e.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-tick.C:
			e.mu.Lock()
			e.review()
			e.mu.Unlock()
		case <-late:
			return errLate
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
