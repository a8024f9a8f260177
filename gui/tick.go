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

// tick is a row of a card that is chosen or not: a box, or, one of several, a circle. The whole row can be tapped.
type tick struct {
	widget.BaseWidget
	title, note *text
	round       bool
	on          bool
	changed     func()
	keys        *keyboard

	focused bool
}

var (
	_ fyne.Focusable  = (*tick)(nil)
	_ fyne.Tappable   = (*tick)(nil)
	_ fyne.Accessible = (*tick)(nil)
	_ desktop.Keyable = (*tick)(nil)
)

func newTick(k *keyboard, title, note string, changed func()) *tick {
	t := &tick{title: newText(title, sizeBody, colorText), note: newText(note, sizeNote, colorMuted), changed: changed, keys: k}
	t.ExtendBaseWidget(t)
	return t
}

// newChoices gives ticks of which one is on; chosen gives its index.
func newChoices(k *keyboard, titles []string) (choices []*tick, chosen func() int) {
	for i, title := range titles {
		t := newTick(k, title, "", nil)
		t.round, t.on = true, i == 0
		t.changed = func() {
			for _, other := range choices {
				if on := other == t; other.on != on {
					other.on = on
					other.Refresh()
				}
			}
		}
		choices = append(choices, t)
	}
	return choices, func() int {
		for i, t := range choices {
			if t.on {
				return i
			}
		}
		return 0
	}
}

func (t *tick) flip() {
	t.on = !t.on
	t.Refresh()
	if t.changed != nil {
		t.changed()
	}
}

// Tapped implements fyne.Tappable.
func (t *tick) Tapped(*fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
	t.flip()
}

// FocusGained implements fyne.Focusable.
func (t *tick) FocusGained() { t.focused = true; t.Refresh(); t.keys.reveal(t) }

// FocusLost implements fyne.Focusable.
func (t *tick) FocusLost() { t.focused = false; t.Refresh() }

// TypedRune implements fyne.Focusable.
func (t *tick) TypedRune(rune) {}

// KeyDown implements desktop.Keyable.
func (t *tick) KeyDown(ev *fyne.KeyEvent) { t.keys.down(ev) }

// KeyUp implements desktop.Keyable.
func (t *tick) KeyUp(*fyne.KeyEvent) {}

// TypedKey implements fyne.Focusable.
func (t *tick) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name != fyne.KeySpace {
		t.keys.typed(ev)
	} else if t.keys.once() {
		t.flip()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (t *tick) AccessibilityLabel() string {
	key := "gui.tick.off"
	if t.on {
		key = "gui.tick.on"
	}
	return assets.Text(key, "Title", t.title.AccessibilityLabel())
}

// AccessibilityRole implements fyne.Accessible.
func (t *tick) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// tickText is where the words of a tick begin.
const tickText = rowSide + 18 + 15

// heightFor implements flowing.
func (t *tick) heightFor(width float32) float32 {
	w := width - tickText - rowSide
	h := t.title.heightFor(w)
	if n := t.note.heightFor(w); n > 0 {
		h += 2 + n
	}
	return h + 2*rowPad
}

// MinSize implements fyne.CanvasObject.
func (t *tick) MinSize() fyne.Size {
	return fyne.NewSize(0, t.heightFor(fyne.Max(t.Size().Width, 300)))
}

// CreateRenderer implements fyne.Widget.
func (t *tick) CreateRenderer() fyne.WidgetRenderer {
	ring, box, icon := canvas.NewRectangle(nil), canvas.NewRectangle(nil), canvas.NewImageFromResource(nil)
	dot := canvas.NewCircle(nil) // in a circle, instead of the tick
	icon.FillMode = canvas.ImageFillContain
	box.CornerRadius, ring.CornerRadius, ring.StrokeWidth = 5, 8, 2
	if t.round {
		box.CornerRadius, ring.CornerRadius = 9, 13
	}
	return newDrawing(t, func(size fyne.Size) {
		w := size.Width - tickText - rowSide
		h := t.title.heightFor(w)
		t.title.Move(fyne.NewPos(tickText, rowPad))
		t.title.Resize(fyne.NewSize(w, h))
		t.note.Move(fyne.NewPos(tickText, rowPad+h+2))
		t.note.Resize(fyne.NewSize(w, t.note.heightFor(w)))
		y := (size.Height - 18) / 2
		box.Move(fyne.NewPos(rowSide, y))
		box.Resize(fyne.NewSquareSize(18))
		icon.Move(fyne.NewPos(rowSide+2, y+2))
		icon.Resize(fyne.NewSquareSize(14))
		dot.Move(fyne.NewPos(rowSide+5, y+5))
		dot.Resize(fyne.NewSquareSize(8))
		ring.Move(fyne.NewPos(rowSide-4, y-4))
		ring.Resize(fyne.NewSquareSize(26))
	}, func() {
		box.FillColor, box.StrokeColor, box.StrokeWidth = theme.Color(colorCard), theme.Color(colorEdge), 1.5
		icon.Hidden, dot.Hidden = !t.on || t.round, !t.on || !t.round
		if t.on {
			box.FillColor, box.StrokeWidth = theme.Color(colorAccent), 0
			icon.Resource, dot.FillColor = drawn(signTick, colorOnAccent), theme.Color(colorOnAccent)
		}
		icon.Refresh()
		ring.FillColor, ring.StrokeColor = color.Transparent, color.Transparent
		if t.focused {
			ring.StrokeColor = theme.Color(colorAccent)
		}
		t.title.Refresh()
		t.note.Refresh()
	}, ring, box, icon, dot, t.title, t.note)
}
