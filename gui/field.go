package gui

import (
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"example.com/enrollment-assistant/assets"
)

// field is an entry of one line that lets Enter and Escape work the page.
type field struct {
	widget.Entry
	name string // for screen readers: the label above it
	keys *keyboard

	pasted bool // what stands there came out of the clipboard, by the keyboard or the menu

	caps  func(on bool) // nil, or told whether Caps Lock is on, as far as what is typed tells
	shift bool          // a Shift key is down
}

func newField(k *keyboard, name string) *field {
	f := &field{name: name, keys: k}
	f.ExtendBaseWidget(f)
	return f
}

// newHidden is a field that shows dots, and a link beside its label that shows what was typed. Fyne's own eye cannot
// be reached by keyboard.
func newHidden(k *keyboard, name string) (f *field, toggle *button) {
	f = newField(k, name)
	f.Password = true
	f.ActionItem = container.NewWithoutLayout() // instead of Fyne's eye
	toggle = newLink(k, assets.Text("gui.field.show"), nil)
	toggle.about = name
	toggle.do = func() {
		f.Password = !f.Password
		if f.Password {
			toggle.set(assets.Text("gui.field.show"))
		} else {
			toggle.set(assets.Text("gui.field.hide"))
		}
		f.Refresh()
	}
	return f, toggle
}

// FocusGained implements fyne.Focusable.
func (f *field) FocusGained() {
	f.Entry.FocusGained()
	f.keys.reveal(f)
}

// FocusLost implements fyne.Focusable.
func (f *field) FocusLost() {
	f.shift = false // the key may come up elsewhere
	f.Entry.FocusLost()
}

// KeyDown implements desktop.Keyable.
func (f *field) KeyDown(ev *fyne.KeyEvent) {
	switch ev.Name {
	case desktop.KeyShiftLeft, desktop.KeyShiftRight:
		f.shift = true
	case desktop.KeyCapsLock:
		f.tellCaps(false) // the next letter tells how it is now
	}
	f.keys.down(ev)
	f.Entry.KeyDown(ev)
}

// KeyUp implements desktop.Keyable.
func (f *field) KeyUp(ev *fyne.KeyEvent) {
	if ev.Name == desktop.KeyShiftLeft || ev.Name == desktop.KeyShiftRight {
		f.shift = false
	}
	f.Entry.KeyUp(ev)
}

// TypedRune implements fyne.Focusable. Fyne has no word for Caps Lock, so letters tell: a capital without Shift, or a
// small one with it. A capital with Shift tells nothing, since macOS gives one with Caps Lock too.
func (f *field) TypedRune(r rune) {
	switch {
	case unicode.IsUpper(r) && !f.shift:
		f.tellCaps(true)
	case unicode.IsLower(r) && unicode.ToUpper(r) != r:
		f.tellCaps(f.shift)
	}
	f.Entry.TypedRune(r)
}

func (f *field) tellCaps(on bool) {
	if f.caps != nil {
		f.caps(on)
	}
}

// TypedKey implements fyne.Focusable.
func (f *field) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape:
		f.keys.typed(ev)
	default:
		f.Entry.TypedKey(ev)
	}
}

// TypedShortcut implements fyne.Shortcutable. Fyne's menu of the right mouse button comes here too.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if f.keys.zoom(s) {
		return
	}
	if _, ok := s.(*fyne.ShortcutPaste); ok {
		f.pasted = true
	}
	f.Entry.TypedShortcut(s)
}

// AccessibilityLabel implements fyne.Accessible. Fyne's four roles have no field, and it hands on no values: so the
// label says that it is one, and what was typed; of what is hidden only that something is there.
func (f *field) AccessibilityLabel() string {
	state := f.Text
	switch {
	case f.Text == "":
		state = assets.Text("gui.field.empty")
	case f.Password:
		state = assets.Text("gui.field.hidden", "Count", utf8.RuneCountInString(f.Text))
	}
	return assets.Text("gui.field.spoken", "Name", f.name, "State", state)
}

// AccessibilityRole implements fyne.Accessible.
func (f *field) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// put is as if s had been typed: the caret stands behind it.
func (f *field) put(s string) {
	f.SetText(s)
	f.CursorColumn = utf8.RuneCountInString(s)
	f.Refresh()
}

// take gives what was typed and empties the field, so that no secret stays in a widget.
func (f *field) take() string {
	s := f.Text
	f.SetText("")
	f.pasted = false
	return s
}

// labelled puts a label above a field, with links at its right.
func labelled(f *field, links ...*button) *fyne.Container {
	head := container.New(&headLayout{}, newText(f.name, sizeBody, colorMuted))
	for _, l := range links {
		if l != nil {
			head.Add(l)
		}
	}
	return newColumn(6, head, f)
}

// headLayout is a label with links at the right.
type headLayout struct{}

// words is the width that the links leave to the label.
func (headLayout) words(objects []fyne.CanvasObject, width float32) float32 {
	for _, o := range objects[1:] {
		width -= o.MinSize().Width + 8
	}
	return width
}

func (l headLayout) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return heightOf(objects[0], l.words(objects, width))
}

// Layout implements fyne.Layout.
func (l headLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := l.words(objects, size.Width)
	objects[0].Resize(fyne.NewSize(w, size.Height))
	x := w + 8
	for _, o := range objects[1:] {
		m := o.MinSize()
		o.Resize(m)
		o.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		x += m.Width + 8
	}
}

// MinSize implements fyne.Layout.
func (l headLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(objects, 400))
}
