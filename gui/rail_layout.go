package gui

import "fyne.io/fyne/v2"

// Measures of the rail, in logical pixels.
const (
	railSide = 22
	bandTop  = 14
)

// railLeast is how wide a window must be for a rail beside the page; text of the usual size always has one.
func railLeast() float32 { return points(700) }

// fold makes the rail a band above the page where a window of this size has no room for it, and tells whether it is one.
func (r *rail) fold(size fyne.Size) bool {
	r.folded, r.foot.lines.folded = false, false
	r.folded = size.Width < railLeast() || r.least() > size.Height
	r.foot.lines.folded = r.folded
	return r.folded
}

// width is that of a rail beside the page.
func (r *rail) width() float32 { return points(railWidth) }

// least is the height below which a rail beside the page would lose something.
func (r *rail) least() float32 {
	w := r.width() - 2*railSide
	head := r.box.Objects[1].(*fyne.Container).Objects[0]
	return 28 + heightOf(head, w) + 24 + (&column{gap: points(8)}).heightFor(r.list.Objects, w) + 16 + heightOf(r.foot.box, w) + 16
}

// railLayout puts the head and the steps at the top, the help at the bottom, a line at the right. Folded, there is
// one line with the head and the step, and one with the help.
type railLayout struct{ rail *rail }

// Layout implements fyne.Layout.
func (l *railLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	head, list, at, foot, line := o[0], o[1], o[2], o[3], o[4]
	put := func(o fyne.CanvasObject, y, width float32) float32 {
		h := heightOf(o, width)
		o.Move(fyne.NewPos(railSide, y))
		o.Resize(fyne.NewSize(width, h))
		return h
	}
	w := size.Width - 2*railSide
	if l.rail.folded {
		list.Hide()
		at.Show()
		top := flow{gap: 24, between: 4}
		top.place([]fyne.CanvasObject{head, at}, w, func(o fyne.CanvasObject, p fyne.Position, s fyne.Size) {
			o.Move(p.AddXY(railSide, bandTop))
			o.Resize(s)
		})
		put(foot, bandTop+top.heightFor([]fyne.CanvasObject{head, at}, w)+6, w)
		line.Move(fyne.NewPos(0, size.Height-1))
		line.Resize(fyne.NewSize(size.Width, 1))
		return
	}
	list.Show()
	at.Hide()
	top := 28 + put(head, 28, w)
	// Where the steps and the help come near each other, the steps move together.
	spare := size.Height - l.rail.least()
	list.(*fyne.Container).Layout.(*column).gap = fyne.Min(18, points(8)+spare/2/float32(len(l.rail.items)))
	put(list, top+fyne.Min(39, 24+spare/4), w)
	put(foot, size.Height-heightOf(foot, w)-fyne.Min(26, 16+spare/4), w)
	line.Move(fyne.NewPos(size.Width-1, 0))
	line.Resize(fyne.NewSize(1, size.Height))
}

// heightFor is the height of the band.
func (l *railLayout) heightFor(o []fyne.CanvasObject, width float32) float32 {
	w := width - 2*railSide
	l.rail.at.Show()
	return bandTop + flow{gap: 24, between: 4}.heightFor([]fyne.CanvasObject{o[0], o[2]}, w) + 6 + heightOf(o[3], w) + bandTop
}

// MinSize implements fyne.Layout.
func (l *railLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(l.rail.width(), 0) }

// footLines is whom to ask, one below the other, and below that what the assistant itself offers; folded, all of it
// follows one another.
type footLines struct {
	own    int // index of the first of the assistant's own
	folded bool
}

func (l *footLines) place(objects []fyne.CanvasObject, width float32, at func(o fyne.CanvasObject, p fyne.Position, s fyne.Size)) (height float32) {
	own := flow{gap: 12, between: 2}
	if l.folded {
		own.gap = 20
		return own.place(objects, width, at)
	}
	y := float32(0)
	for _, o := range objects[:l.own] {
		y += flow{}.place([]fyne.CanvasObject{o}, width, func(o fyne.CanvasObject, p fyne.Position, s fyne.Size) {
			at(o, p.AddXY(0, y), s)
		}) + 2
	}
	if y > 0 {
		y += 12
	}
	return y + own.place(objects[l.own:], width, func(o fyne.CanvasObject, p fyne.Position, s fyne.Size) {
		at(o, p.AddXY(0, y), s)
	})
}

func (l *footLines) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return l.place(objects, width, func(fyne.CanvasObject, fyne.Position, fyne.Size) {})
}

// Layout implements fyne.Layout.
func (l *footLines) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.place(objects, size.Width, func(o fyne.CanvasObject, p fyne.Position, s fyne.Size) {
		o.Move(p)
		o.Resize(s)
	})
}

// MinSize implements fyne.Layout.
func (l *footLines) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(objects, railWidth-2*railSide))
}

// railHead is the logo with the name at its right.
type railHead struct{}

// Layout implements fyne.Layout.
func (railHead) Layout(o []fyne.CanvasObject, size fyne.Size) {
	side := grown(32)
	o[0].Resize(fyne.NewSquareSize(side))
	w := size.Width - side - 10
	h := heightOf(o[1], w)
	o[1].Move(fyne.NewPos(side+10, fyne.Max(0, (side-h)/2)))
	o[1].Resize(fyne.NewSize(w, h))
}

func (railHead) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return fyne.Max(grown(32), heightOf(o[1], width-grown(32)-10))
}

func (railHead) ownWidth(o []fyne.CanvasObject) float32 {
	return grown(32) + 10 + o[1].(*text).natural() + 1
}

// MinSize implements fyne.Layout.
func (railHead) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(grown(32)) }
