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

// newCard frames rows, with a line between them.
func newCard(rows ...fyne.CanvasObject) *fyne.Container {
	var objects []fyne.CanvasObject
	for i, r := range rows {
		if i > 0 {
			objects = append(objects, shade(colorLine, "", 0))
		}
		objects = append(objects, r)
	}
	return container.New(stacked{}, shade(colorCard, colorLine, 12), container.New(cardRows{}, objects...))
}

// addRow puts another row at the end of a card.
func addRow(card *fyne.Container, row fyne.CanvasObject) {
	rows := card.Objects[1].(*fyne.Container)
	if len(rows.Objects) > 0 {
		rows.Add(shade(colorLine, "", 0))
	}
	rows.Add(row)
}

// cardRows lays out rows and lines in turn. A hidden row takes its line along.
type cardRows struct{}

func (cardRows) heightFor(objects []fyne.CanvasObject, width float32) (height float32) {
	for i := 0; i < len(objects); i += 2 {
		if h := heightOf(objects[i], width); h > 0 {
			if height > 0 {
				height++
			}
			height += h
		}
	}
	return height
}

// Layout implements fyne.Layout.
func (cardRows) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for i := 0; i < len(objects); i += 2 {
		h := heightOf(objects[i], size.Width)
		if i > 0 {
			thick := float32(0)
			if h > 0 && y > 0 {
				thick = 1
			}
			objects[i-1].Move(fyne.NewPos(0, y))
			objects[i-1].Resize(fyne.NewSize(size.Width, thick))
			y += thick
		}
		objects[i].Move(fyne.NewPos(0, y))
		objects[i].Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}

// MinSize implements fyne.Layout.
func (l cardRows) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(objects, 400))
}

// newNotice is a sentence on the soft accent.
func newNotice(t *text) *fyne.Container {
	t.size, t.color = 13, colorText
	return container.New(stacked{}, shade(colorAccentSoft, "", 10), newInset(11, 16, 12, 16, t))
}

// newNoticeLink is a notice with what can be done about it.
func newNoticeLink(t *text, link *button) *fyne.Container {
	t.size, t.color = 13, colorText
	return container.New(stacked{}, shade(colorAccentSoft, "", 10),
		newInset(11, 16, 12, 16, container.New(noticeLayout{}, t, link)))
}

// noticeLayout puts a link at the right of words, or below them where that leaves them little room.
type noticeLayout struct{}

func (noticeLayout) place(o []fyne.CanvasObject, width float32) (words, height float32, below bool) {
	link := o[1].MinSize()
	words = width - link.Width - 6
	if below = words < rowWords(); below {
		words = width
	}
	if height = heightOf(o[0], words); below {
		height += link.Height
	}
	return words, fyne.Max(height, link.Height), below
}

func (l noticeLayout) heightFor(o []fyne.CanvasObject, width float32) float32 {
	_, h, _ := l.place(o, width)
	return h
}

// Layout implements fyne.Layout.
func (l noticeLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	words, height, below := l.place(o, size.Width)
	text, link := heightOf(o[0], words), o[1].MinSize()
	o[1].Resize(link)
	if below {
		o[0].Move(fyne.Position{})
		o[1].Move(fyne.NewPos(-bearing(o[1]), height-link.Height))
	} else {
		o[0].Move(fyne.NewPos(0, (height-text)/2))
		o[1].Move(fyne.NewPos(size.Width-link.Width+bearing(o[1]), (height-link.Height)/2))
	}
	o[0].Resize(fyne.NewSize(words, text))
}

// MinSize implements fyne.Layout.
func (l noticeLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(o, 400))
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
