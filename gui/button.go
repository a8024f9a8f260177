package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// look is how much a button stands out. A page has one primary button.
type look int

const (
	primary look = iota
	plain
	link
)

// button is a leaf that does what its label says.
type button struct {
	widget.DisableableWidget
	label  string
	spoken string // what a screen reader says where the label alone is not enough: "Check again: disk space"
	look   look
	small  bool
	do     func()
	keys   *keyboard

	focused, hovered bool
}

var (
	_ fyne.Focusable    = (*button)(nil)
	_ fyne.Tappable     = (*button)(nil)
	_ fyne.Accessible   = (*button)(nil)
	_ desktop.Keyable   = (*button)(nil)
	_ desktop.Hoverable = (*button)(nil)
)

func newButton(k *keyboard, label string, l look, do func()) *button {
	b := &button{label: label, look: l, do: do, keys: k}
	b.ExtendBaseWidget(b)
	return b
}

func newLink(k *keyboard, label string, do func()) *button {
	b := newButton(k, label, link, do)
	b.small = true
	return b
}

// set shows another label.
func (b *button) set(label string) {
	if b.label != label {
		b.label = label
		b.Refresh()
	}
}

func (b *button) enable(yes bool) {
	if yes {
		b.Enable()
	} else {
		b.Disable()
	}
}

// press does what a tap does.
func (b *button) press() {
	if !b.Disabled() && b.Visible() && b.do != nil {
		b.do()
	}
}

// Tapped implements fyne.Tappable.
func (b *button) Tapped(*fyne.PointEvent) { b.press() }

// FocusGained implements fyne.Focusable.
func (b *button) FocusGained() { b.focused = true; b.Refresh() }

// FocusLost implements fyne.Focusable.
func (b *button) FocusLost() { b.focused = false; b.Refresh() }

// TypedRune implements fyne.Focusable.
func (b *button) TypedRune(rune) {}

// KeyDown implements desktop.Keyable.
func (b *button) KeyDown(ev *fyne.KeyEvent) { b.keys.down(ev) }

// KeyUp implements desktop.Keyable.
func (b *button) KeyUp(*fyne.KeyEvent) {}

// TypedKey implements fyne.Focusable. A focused button is what Enter means, as everywhere.
func (b *button) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		if b.keys.once() {
			b.press()
		}
	default:
		b.keys.typed(ev)
	}
}

// MouseIn implements desktop.Hoverable.
func (b *button) MouseIn(*desktop.MouseEvent) { b.hovered = true; b.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (b *button) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *button) MouseOut() { b.hovered = false; b.Refresh() }

// Cursor implements desktop.Cursorable.
func (b *button) Cursor() desktop.Cursor {
	if b.Disabled() {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// AccessibilityLabel implements fyne.Accessible.
func (b *button) AccessibilityLabel() string {
	if b.spoken != "" {
		return b.spoken
	}
	return b.label
}

// AccessibilityRole implements fyne.Accessible.
func (b *button) AccessibilityRole() fyne.AccessibleRole {
	if b.look == link {
		return fyne.AccessibleRoleLink
	}
	return fyne.AccessibleRoleButton
}

func (b *button) textSize() float32 {
	if b.small {
		return 13
	}
	return sizeBody
}

// pad is what stands around the label; links and plain buttons keep theirs small and are aligned by their label.
func (b *button) pad() fyne.Size {
	switch {
	case b.look == primary:
		return fyne.NewSize(23, 11)
	case b.small:
		return fyne.NewSize(5, 2)
	}
	return fyne.NewSize(8, 11)
}

// MinSize implements fyne.CanvasObject.
func (b *button) MinSize() fyne.Size {
	m := fyne.MeasureText(b.label, b.textSize(), fyne.TextStyle{Bold: b.look != link})
	p := b.pad()
	h := b.textSize()*lineHeight + 2*p.Height
	if b.look == primary {
		h = 42
	}
	return fyne.NewSize(m.Width+2*p.Width, h)
}

// CreateRenderer implements fyne.Widget.
func (b *button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{b: b, face: canvas.NewRectangle(nil), ring: canvas.NewRectangle(nil), label: canvas.NewText("", nil)}
	r.label.Alignment = fyne.TextAlignCenter
	r.Refresh()
	return r
}

type buttonRenderer struct {
	b          *button
	face, ring *canvas.Rectangle
	label      *canvas.Text
}

func (r *buttonRenderer) Destroy()           {}
func (r *buttonRenderer) MinSize() fyne.Size { return r.b.MinSize() }
func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.face, r.ring, r.label}
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.face.Resize(size)
	out := float32(0)
	if r.b.look == primary {
		out = 3 // the ring stands off the face, or it could not be seen on it
	}
	r.ring.Move(fyne.NewPos(-out, -out))
	r.ring.Resize(fyne.NewSize(size.Width+2*out, size.Height+2*out))
	h := r.label.MinSize().Height
	r.label.Move(fyne.NewPos(0, (size.Height-h)/2))
	r.label.Resize(fyne.NewSize(size.Width, h))
}

func (r *buttonRenderer) Refresh() {
	b := r.b
	face, fore := color.Color(color.Transparent), theme.Color(colorAccent)
	switch {
	case b.look == primary && b.Disabled():
		face, fore = theme.Color(colorLine), theme.Color(colorMuted)
	case b.look == primary:
		face, fore = theme.Color(colorAccent), theme.Color(colorOnAccent)
	case b.Disabled():
		fore = theme.Color(colorEdge)
	case b.look == plain:
		fore = theme.Color(colorMuted)
	}
	if b.hovered && !b.Disabled() && b.look != primary {
		face = theme.Color(colorAccentSoft)
	}
	radius := float32(9)
	if b.small {
		radius = 5
	}
	r.face.FillColor, r.face.CornerRadius = face, radius
	r.ring.FillColor, r.ring.CornerRadius, r.ring.StrokeWidth = color.Transparent, radius, 2
	if b.look == primary {
		r.ring.CornerRadius = radius + 3
	}
	r.ring.StrokeColor = color.Transparent
	if b.focused && !b.Disabled() {
		r.ring.StrokeColor = theme.Color(colorAccent)
	}
	r.label.Text, r.label.Color, r.label.TextSize = b.label, fore, b.textSize()
	r.label.TextStyle = fyne.TextStyle{Bold: b.look != link}
	r.Layout(b.Size())
	canvas.Refresh(b)
}
