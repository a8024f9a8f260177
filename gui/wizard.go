// Package gui is the window's content: a rail of steps and a page, made of widgets. It reads no file, asks no network
// and knows no operating system; what it cannot do itself it asks of the functions in Info.
//
// Everything but UI runs on Fyne's goroutine. UI is what an enrollment talks to, from its own goroutines, and the only
// file that crosses over.
package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// Wizard is the content of the window.
type Wizard struct {
	win  fyne.Window
	info Info
	do   func(func())
	post *inbox
	keys *keyboard
	rail *rail
	main *fyne.Container
	all  *fyne.Container // rail and main

	current  *page
	step     steps.Step
	signedIn bool   // here, not in the browser
	email    string // as typed, so that a wrong password does not cost it
	note     string // told between two pages, shown on the next
	stopping bool
	dialog   *dialog
	behind   bool // another window is in front of this one

	again   func() // has the open question asked once more; nil while none is open
	stale   bool   // the next question is in the language before
	draft   *draft // what was entered where a question is asked once more
	opened  bool   // the portal was, from here
	used    usedKey
	told    map[steps.VerdictName]bool // to be so, in this install
	summary string                     // what a notification says of the page that is shown next; empty: the page's own sentence

	checks  []steps.Check
	live    *requirementsPage
	install *installPage
	result  *resultPage
	key     *keyPage
	login   *loginPage
}

// Size is the window's size at the start, in logical pixels; MinSize the least it is made for.
var (
	Size    = fyne.NewSize(940, 640)
	MinSize = fyne.NewSize(760, 560)
)

// New fills the window. do runs a function on Fyne's goroutine and does not wait for it: fyne.Do in a program, a queue
// that the test drains in tests. New must be called on Fyne's goroutine.
func New(win fyne.Window, info Info, do func(func())) *Wizard {
	w := &Wizard{win: win, info: info, do: do, step: steps.Welcome, told: map[steps.VerdictName]bool{}}
	w.post = &inbox{every: movesEvery, hand: func(events []steps.Event) {
		do(func() {
			for _, e := range events {
				w.event(e)
			}
		})
	}}
	w.keys = &keyboard{enter: w.enter, escape: w.escape, reveal: w.reveal}
	w.rail = newRail(w)
	w.main = container.NewStack()
	win.SetPadded(false)
	w.all = container.New(&frameLayout{w.rail}, w.rail.box, w.main)
	win.SetContent(w.all)
	win.Canvas().SetOnTypedKey(w.keys.typed)
	if c, ok := win.Canvas().(desktop.Canvas); ok {
		c.SetOnKeyDown(w.keys.down)
	}
	w.acceptZoom()
	w.mark()
	first := newPage(steps.Welcome, assets.Text("gui.welcome.title"), assets.Text("gui.start.lead"))
	first.status.words = assets.Text("gui.start.status")
	first.over = true // it asks nothing: what is told meanwhile is for the page that follows
	w.show(first)
	return w
}

// UI gives what an enrollment talks to. Its methods may be called from any goroutine.
func (w *Wizard) UI() steps.UI { return &ui{w} }

// newRail draws the rail anew.
func (w *Wizard) newRail() {
	w.rail = newRail(w)
	w.all.Layout, w.all.Objects[0] = &frameLayout{w.rail}, w.rail.box
	w.mark()
}

// mark shows in the rail where the enrollment stands.
func (w *Wizard) mark() {
	var unproved []steps.Step
	if !w.signedIn {
		unproved = append(unproved, steps.Login)
	}
	w.rail.enter(w.step, unproved...)
	w.rail.foot.offer(w.languageOffered())
	w.all.Refresh()
}

// Foreground is for when the window gets the focus of the desktop: a key copied in the browser is picked up then.
// Not on a Mac: macOS asks the person about each program that looks at the clipboard unasked.
func (w *Wizard) Foreground() {
	w.behind = false
	if w.info.Mac {
		return
	}
	if w.key != nil && w.current == w.key.page {
		w.key.pickUp(w)
	}
}

// Background is for when the window loses the focus of the desktop: what matters is told by the desktop from then on.
func (w *Wizard) Background() { w.behind = true }

// Close is for when the person wants the window gone. It asks only where something would be lost.
func (w *Wizard) Close() {
	switch {
	case w.busy():
		w.showStop()
	case w.current.filled():
		w.showClose()
	default:
		w.leave()
	}
}

// leave ends the run and closes the window.
func (w *Wizard) leave() {
	w.info.Stop()
	w.info.Quit()
}

// busy tells whether the elevated side may be changing this computer.
func (w *Wizard) busy() bool {
	return w.install != nil && (w.current == w.install.page || w.current.name == pageAccess) && w.install.running()
}

// show puts a page in the window and the focus where the work is.
func (w *Wizard) show(p *page) {
	w.current = p
	if w.dialog == nil {
		w.win.Canvas().Unfocus()
	}
	if w.draft != nil {
		w.draft.put(p)
		w.draft = nil
	}
	w.rail.foot.offer(w.languageOffered())
	if p.status.words == "" {
		p.status.words, w.note = w.note, ""
	}
	w.main.Objects = []fyne.CanvasObject{p.assemble()}
	w.main.Refresh()
	w.focus()
}

// shown tells that a page or a dialog asks something.
func (w *Wizard) shown(name string) {
	if w.info.Shown != nil {
		w.info.Shown(name)
	}
}

// focus goes to the page's own place for it, else to what is next, else to what goes back.
func (w *Wizard) focus() {
	if w.dialog != nil {
		return // it is called again when the dialog closes
	}
	p := w.current
	for _, f := range []fyne.Focusable{p.focus, focusable(p.next), focusable(p.back)} {
		if f == nil {
			continue
		}
		if d, ok := f.(fyne.Disableable); ok && d.Disabled() {
			continue
		}
		w.win.Canvas().Focus(f)
		return
	}
}

// reveal scrolls the page, or the dialog over it, to what has the focus.
func (w *Wizard) reveal(o fyne.CanvasObject) {
	if w.dialog != nil {
		w.dialog.scroll.reveal(o)
	}
	if w.current != nil && w.current.scroll != nil {
		w.current.scroll.reveal(o)
	}
}

// focusable is b as an interface that is nil when b is.
func focusable(b *button) fyne.Focusable {
	if b == nil {
		return nil
	}
	return b
}

// enter does the next thing.
func (w *Wizard) enter() {
	if w.dialog != nil {
		w.dialog.next.press()
	} else if n := w.current.next; n != nil {
		n.press()
	}
}

// escape goes back.
func (w *Wizard) escape() {
	switch p := w.current; {
	case w.dialog != nil:
		w.dialog.close()
	case p.escape != nil:
		p.escape()
	case p.back != nil:
		p.back.press()
	}
}

// frameLayout is the rail at the left, or folded at the top, and the page in the rest.
type frameLayout struct{ rail *rail }

// Layout implements fyne.Layout.
func (l *frameLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	side := fyne.NewSize(l.rail.width(), size.Height)
	rest := fyne.NewPos(side.Width, 0)
	if l.rail.fold(size) {
		side = fyne.NewSize(size.Width, heightOf(o[0], size.Width))
		rest = fyne.NewPos(0, side.Height)
	}
	o[0].Resize(side)
	o[1].Move(rest)
	o[1].Resize(size.SubtractWidthHeight(rest.X, rest.Y))
}

// MinSize implements fyne.Layout.
func (*frameLayout) MinSize([]fyne.CanvasObject) fyne.Size { return MinSize }
