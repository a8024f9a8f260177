package gui

import "fyne.io/fyne/v2"

// keyboard is how a page is worked without a mouse: Enter does the next thing, Escape goes back, from wherever the
// focus is. Each leaf hands on the keys that it has no use for.
//
// A key that is held down repeats. Enter must not fall through page after page into an install, so it acts once a
// press: Fyne tells of the press by KeyDown, and of each repetition by TypedKey alone.
type keyboard struct {
	pressed       bool
	enter, escape func()
	reveal        func(fyne.CanvasObject)  // what has the focus must be seen
	zoom          func(fyne.Shortcut) bool // tells whether it was one for the size of text
}

func (k *keyboard) down(*fyne.KeyEvent) { k.pressed = true }

// once tells whether this is the first TypedKey of a press.
func (k *keyboard) once() bool {
	first := k.pressed
	k.pressed = false
	return first
}

func (k *keyboard) typed(ev *fyne.KeyEvent) {
	if !k.once() {
		return
	}
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		k.enter()
	case fyne.KeyEscape:
		k.escape()
	}
}
