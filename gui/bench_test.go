package gui

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"example.com/enrollment-assistant/steps"
)

// bench is a wizard in a window of Fyne's test driver. That driver runs what is posted on the poster's goroutine, so
// posts go into a queue that the test's own goroutine drains.
type bench struct {
	t         *testing.T
	win       fyne.Window
	w         *Wizard
	queue     chan func()
	opened    []string
	shown     []string
	clipboard string
	stops     int
	quits     int
}

func newBench(t *testing.T, change ...func(*Info)) *bench {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(NewTheme(""))
	b := &bench{t: t, win: test.NewTempWindow(t, nil), queue: make(chan func(), 4096)}
	info := Info{
		Organization: "Acme Corporation", Help: steps.Help{Email: "it-help@acme.example"},
		OpenURL:   func(u string) { b.opened = append(b.opened, u) },
		Stop:      func() { b.stops++ },
		Quit:      func() { b.quits++ },
		Clipboard: func() string { return b.clipboard },
		Shown:     func(page string) { b.shown = append(b.shown, page) },
	}
	for _, c := range change {
		c(&info)
	}
	b.win.Resize(Size)
	b.w = New(b.win, info, func(f func()) { b.queue <- f })
	b.w.post.every = 0 // what was told can be read at once
	return b
}

// until runs what is posted until the condition holds.
func (b *bench) until(what string, holds func() bool) {
	b.t.Helper()
	deadline := time.After(30 * time.Second)
	for !holds() {
		select {
		case f := <-b.queue:
			f()
		case <-deadline:
			b.t.Fatalf("waiting for %s: the page says %q", what, b.words())
		}
	}
}

// event gives the wizard an event, as an enrollment would.
func (b *bench) event(e steps.Event) {
	b.w.UI().Event(e)
	b.drain()
}

// drain runs what is posted by now.
func (b *bench) drain() {
	for {
		select {
		case f := <-b.queue:
			f()
		default:
			return
		}
	}
}

// reply is what a question gave.
type reply[T any] struct {
	value T
	err   error
}

// asks puts a question as an enrollment would, from a goroutine of its own, and returns when its page is there.
func asks[T any](b *bench, question func(context.Context, steps.UI) (T, error)) <-chan reply[T] {
	b.t.Helper()
	replies := make(chan reply[T], 1)
	before := len(b.shown)
	go func() {
		v, err := question(b.t.Context(), b.w.UI())
		replies <- reply[T]{v, err}
	}()
	b.until("the question's page", func() bool { return len(b.shown) > before })
	return replies
}

// answered is the reply, which must have been given.
func answered[T any](b *bench, replies <-chan reply[T]) (T, error) {
	b.t.Helper()
	select {
	case r := <-replies:
		return r.value, r.err
	case <-time.After(30 * time.Second):
		b.t.Fatalf("no answer was given on a page that says %q", b.words())
		return *new(T), nil
	}
}

// unanswered fails when the question was answered.
func unanswered[T any](b *bench, replies <-chan reply[T]) {
	b.t.Helper()
	select {
	case r := <-replies:
		b.t.Fatalf("answered too early: %v, %v", r.value, r.err)
	default:
	}
}

// press is one press of a key.
func (b *bench) press(names ...fyne.KeyName) {
	for _, n := range names {
		b.hold(n, 1)
	}
}

// hold is one press of a key that repeats, as Fyne tells it: KeyDown once, TypedKey each time.
func (b *bench) hold(name fyne.KeyName, times int) {
	ev := &fyne.KeyEvent{Name: name}
	if name == fyne.KeyTab {
		b.win.Canvas().FocusNext()
		return
	}
	if k, ok := b.win.Canvas().Focused().(desktop.Keyable); ok {
		k.KeyDown(ev)
	} else {
		b.w.keys.down(ev)
	}
	for range times {
		if f := b.win.Canvas().Focused(); f != nil {
			f.TypedKey(ev)
		} else {
			b.win.Canvas().OnTypedKey()(ev)
		}
	}
}

// typed types into what has the focus.
func (b *bench) typed(words string) {
	b.t.Helper()
	f := b.win.Canvas().Focused()
	if f == nil {
		b.t.Fatal("nothing has the focus")
	}
	for _, r := range words {
		f.TypedRune(r)
	}
}

// focused is the name of what has the focus.
func (b *bench) focused() string {
	if a, ok := b.win.Canvas().Focused().(fyne.Accessible); ok {
		return a.AccessibilityLabel()
	}
	return ""
}

// leaves are the visible leaves of the window in reading order.
func (b *bench) leaves() (leaves []fyne.CanvasObject) {
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case *container.Scroll:
			walk(o.Content)
		default:
			leaves = append(leaves, o)
		}
	}
	walk(b.win.Content())
	return leaves
}

// words is everything that can be read in the window.
func (b *bench) words() string {
	var words []string
	for _, o := range b.leaves() {
		if a, ok := o.(fyne.Accessible); ok && a.AccessibilityLabel() != "" {
			words = append(words, a.AccessibilityLabel())
		}
	}
	return strings.Join(words, "\n")
}

// reads fails unless the window shows all of these.
func (b *bench) reads(want ...string) {
	b.t.Helper()
	for _, s := range want {
		if !strings.Contains(b.words(), s) {
			b.t.Errorf("the page lacks %q; it says:\n%s", s, b.words())
		}
	}
}

// lacks fails when the window shows any of these.
func (b *bench) lacks(unwanted ...string) {
	b.t.Helper()
	for _, s := range unwanted {
		if strings.Contains(b.words(), s) {
			b.t.Errorf("the page says %q:\n%s", s, b.words())
		}
	}
}

// tap taps the leaf whose name begins with this.
func (b *bench) tap(name string) {
	b.t.Helper()
	for _, o := range b.leaves() {
		if a, ok := o.(fyne.Accessible); ok && strings.HasPrefix(a.AccessibilityLabel(), name) {
			if tappable, ok := o.(fyne.Tappable); ok {
				test.Tap(tappable)
				return
			}
		}
	}
	b.t.Fatalf("nothing to tap is called %q:\n%s", name, b.words())
}
