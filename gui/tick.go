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
	offer       string // at the right, where the row shall say so: what choosing it does,
	taken       string // and that it was chosen
	picks       bool   // choosing it is all there is to do: Enter chooses too
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
	flips := ev.Name == fyne.KeySpace || t.picks && (ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter)
	if !flips {
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
	label := assets.Text(key, "Title", t.title.AccessibilityLabel())
	if t.note.words != "" {
		label += ". " + t.note.AccessibilityLabel()
	}
	return label
}

// AccessibilityRole implements fyne.Accessible.
func (t *tick) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// tickText is where the words of a tick begin.
func tickText() float32 { return rowSide + grown(18) + 15 }

// side is what stands at the right.
func (t *tick) side() string {
	if t.on {
		return t.taken
	}
	return t.offer
}

// wordsWidth is what the side leaves to the words; that they do not move, it has the width of the longer one.
func (t *tick) wordsWidth(width float32) float32 {
	w := width - tickText() - rowSide
	if t.offer == "" {
		return w
	}
	side := func(words string) float32 { return widthOf(words, points(13), fyne.TextStyle{}) + 10 }
	return w - fyne.Max(side(t.offer), side(t.taken))
}

// heightFor implements flowing.
func (t *tick) heightFor(width float32) float32 {
	w := t.wordsWidth(width)
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
	side := canvas.NewText("", nil)
	side.Alignment = fyne.TextAlignTrailing
	dot := canvas.NewCircle(nil) // in a circle, instead of the tick
	icon.FillMode = canvas.ImageFillContain
	box.CornerRadius, ring.CornerRadius, ring.StrokeWidth = 5, 8, 2
	if t.round {
		box.CornerRadius, ring.CornerRadius = grown(18)/2, grown(18)/2+4
	}
	return newDrawing(t, func(size fyne.Size) {
		w := t.wordsWidth(size.Width)
		middle(side, tickText(), size.Width-tickText()-rowSide, fyne.Min(size.Height, rowTop()))
		h := t.title.heightFor(w)
		t.title.Move(fyne.NewPos(tickText(), rowPad))
		t.title.Resize(fyne.NewSize(w, h))
		t.note.Move(fyne.NewPos(tickText(), rowPad+h+2))
		t.note.Resize(fyne.NewSize(w, t.note.heightFor(w)))
		wide := grown(18)
		y := (fyne.Min(size.Height, rowTop()) - wide) / 2
		square := func(o fyne.CanvasObject, in float32) {
			o.Move(fyne.NewPos(rowSide+in, y+in))
			o.Resize(fyne.NewSquareSize(wide - 2*in))
		}
		square(box, 0)
		square(icon, grown(2))
		square(dot, grown(5))
		square(ring, -4)
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
		side.Text, side.Color, side.TextSize = t.side(), theme.Color(colorAccent), points(13)
	}, ring, box, icon, dot, t.title, t.note, side)
}
