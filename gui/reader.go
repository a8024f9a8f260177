package gui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// reader is a leaf that shows a longer text, which scrolls within it by keyboard and by wheel. It is one leaf, and not
// a text in a scroll, so that a screen reader gets all of it.
type reader struct {
	widget.BaseWidget
	name    string
	words   string
	content *text
	scroll  *container.Scroll
	keys    *keyboard
	focused bool
}

var (
	_ fyne.Focusable  = (*reader)(nil)
	_ fyne.Accessible = (*reader)(nil)
	_ desktop.Keyable = (*reader)(nil)
)

// Measures of a reader, in logical pixels.
const (
	readerHeight = 270
	readerPad    = 12
)

func newReader(k *keyboard, name string) *reader {
	r := &reader{name: name, content: newText("", sizeNote, colorText), keys: k}
	r.scroll = container.NewVScroll(newInset(readerPad, readerPad, readerPad, readerPad, r.content))
	r.ExtendBaseWidget(r)
	return r
}

// set shows another text, from its beginning.
func (r *reader) set(words string) {
	r.words = words
	r.content.set("`" + strings.NewReplacer("`", "'", "**", "* *").Replace(words) + "`")
	r.scroll.ScrollToTop()
	r.Refresh()
}

// heightFor implements flowing.
func (r *reader) heightFor(float32) float32 { return readerHeight }

// MinSize implements fyne.CanvasObject.
func (r *reader) MinSize() fyne.Size { return fyne.NewSize(0, readerHeight) }

// FocusGained implements fyne.Focusable.
func (r *reader) FocusGained() { r.focused = true; r.Refresh(); r.keys.reveal(r) }

// FocusLost implements fyne.Focusable.
func (r *reader) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune implements fyne.Focusable.
func (r *reader) TypedRune(rune) {}

// KeyDown implements desktop.Keyable.
func (r *reader) KeyDown(ev *fyne.KeyEvent) { r.keys.down(ev) }

// KeyUp implements desktop.Keyable.
func (r *reader) KeyUp(*fyne.KeyEvent) {}

// TypedKey implements fyne.Focusable.
func (r *reader) TypedKey(ev *fyne.KeyEvent) {
	line := r.content.MinSize().Height / float32(max(len(r.content.lines), 1))
	page := r.scroll.Size().Height - 2*line
	by := map[fyne.KeyName]float32{
		fyne.KeyUp: -line, fyne.KeyDown: line, fyne.KeyPageUp: -page, fyne.KeyPageDown: page, fyne.KeySpace: page,
		fyne.KeyHome: -r.scroll.Content.Size().Height, fyne.KeyEnd: r.scroll.Content.Size().Height,
	}
	if d, ok := by[ev.Name]; ok {
		r.scroll.ScrollToOffset(r.scroll.Offset.AddXY(0, d)) // which keeps within the text
		return
	}
	r.keys.typed(ev)
}

// AccessibilityLabel implements fyne.Accessible.
func (r *reader) AccessibilityLabel() string { return r.name + "\n" + r.words }

// AccessibilityRole implements fyne.Accessible.
func (r *reader) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (r *reader) CreateRenderer() fyne.WidgetRenderer {
	face, ring := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	face.CornerRadius, ring.CornerRadius, face.StrokeWidth, ring.StrokeWidth = 9, 9, 1, 2
	return newDrawing(r, func(size fyne.Size) {
		face.Resize(size)
		ring.Resize(size)
		width := size.Width - 2*readerPad
		r.content.Resize(fyne.NewSize(width, r.content.heightFor(width)))
		r.scroll.Resize(size)
		r.scroll.Refresh()
	}, func() {
		face.FillColor, face.StrokeColor = theme.Color(colorRail), theme.Color(colorLine)
		ring.FillColor, ring.StrokeColor = color.Transparent, color.Transparent
		if r.focused {
			ring.StrokeColor = theme.Color(colorAccent)
		}
	}, face, r.scroll, ring)
}
