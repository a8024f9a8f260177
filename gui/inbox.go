package gui

import (
	"sync"
	"time"

	"example.com/enrollment-assistant/steps"
)

// movesEvery is how often the window shows what only moves. Showing anything draws the whole window, which costs a
// remote desktop without OpenGL more than everything else here, and nobody reads a number faster.
const movesEvery = 100 * time.Millisecond

// inbox takes what an enrollment reports, from any goroutine, and hands it to Fyne's in order. Lines and bytes wait a
// moment for more of their kind and go along with whatever comes after them.
type inbox struct {
	hand  func([]steps.Event) // posts them to Fyne's goroutine; must not block
	every time.Duration

	mu      sync.Mutex
	waiting []steps.Event
	handed  time.Time // when the last ones went
	timer   bool      // one runs
}

// moves tells whether an event is one of many: a line, or bytes of a phase that runs.
func moves(e steps.Event) bool {
	return e.Kind == steps.KindOutput || e.Kind == steps.KindPhase && e.Phase.State == steps.PhaseRunning && e.Phase.Total+int64(e.Phase.Percent) > 0
}

// put takes an event.
func (b *inbox) put(e steps.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(e)
	wait := time.Until(b.handed.Add(b.every))
	if !moves(e) || wait <= 0 {
		b.empty()
	} else if !b.timer {
		b.timer = true
		time.AfterFunc(wait, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.timer = false
			b.empty()
		})
	}
}

// flush hands on what waits, before what its caller posts next.
func (b *inbox) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.empty()
}

// add puts an event behind the others, bytes in the place of older ones of their phase; the lock is held.
func (b *inbox) add(e steps.Event) {
	if moves(e) && e.Kind == steps.KindPhase {
		for i, old := range b.waiting {
			if old.Kind == steps.KindPhase && old.Phase.Phase == e.Phase.Phase {
				b.waiting[i] = e
				return
			}
		}
	}
	b.waiting = append(b.waiting, e)
}

// empty hands on what waits; the lock is held, so that nothing overtakes.
func (b *inbox) empty() {
	if len(b.waiting) == 0 {
		return
	}
	events := b.waiting
	b.waiting, b.handed = nil, time.Now()
	b.hand(events)
}
