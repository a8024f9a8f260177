package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// flowing is what knows its height for a width. Fyne asks for one smallest size before it gives a width, which is
// not enough for wrapped text; the layouts here ask this first. Leaves stay in plain containers, since Fyne hands
// only those to screen readers.
type flowing interface {
	heightFor(width float32) float32
}

// flowLayout is a fyne.Layout that can tell the height for a width.
type flowLayout interface {
	heightFor(objects []fyne.CanvasObject, width float32) float32
}

// heightOf asks an object, or the layout of a container, and falls back to the smallest height.
func heightOf(o fyne.CanvasObject, width float32) float32 {
	if !o.Visible() {
		return 0
	}
	switch o := o.(type) {
	case flowing:
		return o.heightFor(width)
	case *fyne.Container:
		if l, ok := o.Layout.(flowLayout); ok {
			return l.heightFor(o.Objects, width)
		}
	}
	return o.MinSize().Height
}

// column puts objects below each other over the whole width.
type column struct {
	gap   float32
	width float32 // as last laid out
}

func newColumn(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{gap: gap}, objects...)
}

func (l *column) heightFor(objects []fyne.CanvasObject, width float32) (height float32) {
	for _, o := range objects {
		if h := heightOf(o, width); h > 0 {
			if height > 0 {
				height += l.gap
			}
			height += h
		}
	}
	return height
}

// Layout implements fyne.Layout.
func (l *column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	y := float32(0)
	for _, o := range objects {
		h := heightOf(o, size.Width)
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		if h > 0 {
			y += h + l.gap
		}
	}
}

// MinSize implements fyne.Layout.
func (l *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := l.width
	if width <= 0 {
		width = 400
	}
	return fyne.NewSize(0, l.heightFor(objects, width))
}

// inset keeps space around one object.
type inset struct{ top, left, bottom, right float32 }

func newInset(top, left, bottom, right float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&inset{top, left, bottom, right}, o)
}

func (l *inset) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return heightOf(objects[0], width-l.left-l.right) + l.top + l.bottom
}

// Layout implements fyne.Layout.
func (l *inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(l.left, l.top))
	objects[0].Resize(fyne.NewSize(size.Width-l.left-l.right, size.Height-l.top-l.bottom))
}

// MinSize implements fyne.Layout.
func (l *inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(l.left+l.right, l.top+l.bottom)
}

// stacked lays the second object over the first, which has no height of its own.
type stacked struct{}

func (stacked) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return heightOf(objects[1], width)
}

// Layout implements fyne.Layout.
func (stacked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.Position{})
		o.Resize(size)
	}
}

// MinSize implements fyne.Layout.
func (stacked) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[1].MinSize() }

// shade is a rectangle in colours of the theme.
func shade(fill, stroke fyne.ThemeColorName, radius float32) fyne.CanvasObject {
	return newGround(fill, stroke, radius)
}

// trailing keeps an object at its own width, at the right.
type trailing struct{}

func newTrailing(o fyne.CanvasObject) *fyne.Container { return container.New(trailing{}, o) }

// Layout implements fyne.Layout.
func (trailing) Layout(o []fyne.CanvasObject, size fyne.Size) {
	m := o[0].MinSize()
	o[0].Resize(m)
	o[0].Move(fyne.NewPos(size.Width-m.Width+5, 0))
}

// MinSize implements fyne.Layout.
func (trailing) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// leading keeps an object at its own width, at the left.
type leading struct{}

// Layout implements fyne.Layout.
func (leading) Layout(o []fyne.CanvasObject, size fyne.Size) {
	m := o[0].MinSize()
	o[0].Resize(fyne.NewSize(fyne.Min(m.Width, size.Width), m.Height))
}

// MinSize implements fyne.Layout.
func (leading) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }
