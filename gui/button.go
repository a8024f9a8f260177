package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"example.com/enrollment-assistant/assets"
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
	label string
	about string // what a screen reader adds where the label alone is not enough: "Check again: disk space"
	named string // what a screen reader says instead of the label
	sign  sign   // stands after the label of a link; empty for none
	look  look
	small bool
	do    func()
	keys  *keyboard

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

// Tapped implements fyne.Tappable. It takes the focus, so that Tab goes on from here.
func (b *button) Tapped(*fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil && !b.Disabled() {
		c.Focus(b)
	}
	b.press()
}

// FocusGained implements fyne.Focusable.
func (b *button) FocusGained() { b.focused = true; b.Refresh(); b.keys.reveal(b) }

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
	label := b.label
	if b.named != "" {
		label = b.named
	}
	if b.about != "" {
		label += ": " + b.about
	}
	if b.Disabled() {
		return assets.Text("gui.button.off", "Label", label)
	}
	return label
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
		return points(13)
	}
	return points(sizeBody)
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

// signRoom is the width that a sign takes after the label.
func (b *button) signRoom() float32 {
	if b.sign == "" {
		return 0
	}
	return b.textSize() + 2
}

// textStyle is bold but for a link.
func (b *button) textStyle() fyne.TextStyle { return fyne.TextStyle{Bold: b.look != link} }

// MinSize implements fyne.CanvasObject.
func (b *button) MinSize() fyne.Size {
	width := widthOf(b.label, b.textSize(), b.textStyle()) + b.signRoom()
	p := b.pad()
	h := b.textSize()*lineHeight + 2*p.Height
	if b.look == primary {
		h = fyne.Max(h, 42)
	}
	return fyne.NewSize(width+2*p.Width, h)
}

// CreateRenderer implements fyne.Widget.
func (b *button) CreateRenderer() fyne.WidgetRenderer {
	face, ring, label := canvas.NewRectangle(nil), canvas.NewRectangle(nil), canvas.NewText("", nil)
	label.Alignment = fyne.TextAlignCenter
	icon := canvas.NewImageFromResource(nil)
	icon.FillMode, icon.Hidden = canvas.ImageFillContain, b.sign == ""
	radius, out := float32(9), float32(0)
	if b.small {
		radius = 5
	}
	if b.look == primary {
		out = 3 // the ring stands off the face, or it could not be seen on it
	}
	face.CornerRadius, ring.CornerRadius, ring.StrokeWidth = radius, radius+out, 2
	return newDrawing(b, func(size fyne.Size) {
		face.Resize(size)
		ring.Move(fyne.NewPos(-out, -out))
		ring.Resize(fyne.NewSize(size.Width+2*out, size.Height+2*out))
		middle(label, 0, size.Width-b.signRoom(), size.Height)
		icon.Resize(fyne.NewSquareSize(b.textSize()))
		icon.Move(fyne.NewPos(size.Width-b.pad().Width-b.textSize(), (size.Height-b.textSize())/2))
	}, func() {
		if !icon.Hidden {
			icon.Resource = drawn(b.sign, colorAccent)
			icon.Refresh()
		}
		label.Text, label.TextSize = b.label, b.textSize()
		restyle(label, b.textStyle())
		face.FillColor, label.Color = b.colors()
		ring.FillColor, ring.StrokeColor = color.Transparent, color.Transparent
		if b.focused && !b.Disabled() {
			ring.StrokeColor = theme.Color(colorAccent)
		}
	}, face, ring, label, icon)
}

// colors are those of the face and of the label.
func (b *button) colors() (face, label color.Color) {
	face, label = color.Transparent, theme.Color(colorAccent)
	switch {
	case b.look == primary && b.Disabled():
		return theme.Color(colorLine), theme.Color(colorMuted)
	case b.look == primary:
		return theme.Color(colorAccent), theme.Color(colorOnAccent)
	case b.Disabled():
		return face, theme.Color(colorEdge)
	case b.look == plain:
		label = theme.Color(colorMuted)
	}
	if b.hovered {
		face = theme.Color(colorAccentSoft)
		if b.look == plain {
			label = theme.Color(colorText) // the muted one stands out too little there
		}
	}
	return face, label
}
