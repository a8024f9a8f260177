package gui

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"example.com/enrollment-assistant/assets"
)

// field is an entry of one line that lets Enter and Escape work the page.
type field struct {
	widget.Entry
	name string // for screen readers: the label above it
	keys *keyboard
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

// KeyDown implements desktop.Keyable.
func (f *field) KeyDown(ev *fyne.KeyEvent) {
	f.keys.down(ev)
	f.Entry.KeyDown(ev)
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

// AccessibilityLabel implements fyne.Accessible.
func (f *field) AccessibilityLabel() string { return f.name }

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
	return s
}

// labelled puts a label above a field, with a link at its right where there is one.
func labelled(f *field, toggle *button) *fyne.Container {
	head := container.New(&headLayout{}, newText(f.name, sizeBody, colorMuted))
	if toggle != nil {
		head.Add(toggle)
	}
	return newColumn(6, head, f)
}

// headLayout is a label with a link at the right.
type headLayout struct{}

func (headLayout) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	if len(objects) > 1 {
		width -= objects[1].MinSize().Width + 8
	}
	return heightOf(objects[0], width)
}

// Layout implements fyne.Layout.
func (headLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := size.Width
	if len(objects) > 1 {
		m := objects[1].MinSize()
		objects[1].Resize(m)
		objects[1].Move(fyne.NewPos(size.Width-m.Width, (size.Height-m.Height)/2))
		w -= m.Width + 8
	}
	objects[0].Resize(fyne.NewSize(w, size.Height))
}

// MinSize implements fyne.Layout.
func (l headLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(objects, 400))
}
