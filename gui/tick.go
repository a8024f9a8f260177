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
func (t *tick) FocusGained() { t.focused = true; t.Refresh() }

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
	r := &tickRenderer{t: t, ring: canvas.NewRectangle(nil), box: canvas.NewRectangle(nil), icon: canvas.NewImageFromResource(nil)}
	r.icon.FillMode = canvas.ImageFillContain
	r.Refresh()
	return r
}

type tickRenderer struct {
	t         *tick
	ring, box *canvas.Rectangle
	icon      *canvas.Image
}

func (r *tickRenderer) Destroy()           {}
func (r *tickRenderer) MinSize() fyne.Size { return r.t.MinSize() }
func (r *tickRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ring, r.box, r.icon, r.t.title, r.t.note}
}

func (r *tickRenderer) Layout(size fyne.Size) {
	w := size.Width - tickText - rowSide
	r.t.title.Move(fyne.NewPos(tickText, rowPad))
	r.t.title.Resize(fyne.NewSize(w, r.t.title.heightFor(w)))
	r.t.note.Move(fyne.NewPos(tickText, rowPad+r.t.title.heightFor(w)+2))
	r.t.note.Resize(fyne.NewSize(w, r.t.note.heightFor(w)))
	y := (size.Height - 18) / 2
	r.box.Move(fyne.NewPos(rowSide, y))
	r.box.Resize(fyne.NewSquareSize(18))
	r.icon.Move(fyne.NewPos(rowSide+2, y+2))
	r.icon.Resize(fyne.NewSquareSize(14))
	r.ring.Move(fyne.NewPos(rowSide-4, y-4))
	r.ring.Resize(fyne.NewSquareSize(26))
}

func (r *tickRenderer) Refresh() {
	r.box.CornerRadius, r.ring.CornerRadius = 5, 8
	if r.t.round {
		r.box.CornerRadius, r.ring.CornerRadius = 9, 13
	}
	r.box.FillColor, r.box.StrokeColor, r.box.StrokeWidth = theme.Color(colorCard), theme.Color(colorEdge), 1.5
	r.icon.Hide()
	if r.t.on {
		r.box.FillColor, r.box.StrokeColor = theme.Color(colorAccent), theme.Color(colorAccent)
		s := signTick
		if r.t.round {
			s = signIdle
		}
		r.icon.Resource = drawn(s, colorOnAccent)
		r.icon.Show()
	}
	r.icon.Refresh()
	r.ring.FillColor, r.ring.StrokeColor, r.ring.StrokeWidth = color.Transparent, color.Transparent, 2
	if r.t.focused {
		r.ring.StrokeColor = theme.Color(colorAccent)
	}
	r.t.title.Refresh()
	r.t.note.Refresh()
	r.Layout(r.t.Size())
	canvas.Refresh(r.t)
}
