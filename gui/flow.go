package gui

import "fyne.io/fyne/v2"

// flow puts leaves beside each other at their own width, and goes on in the next line where there is no room.
type flow struct{ gap, between float32 } // beside each other, and below

func (l flow) place(objects []fyne.CanvasObject, width float32, at func(o fyne.CanvasObject, p fyne.Position, s fyne.Size)) (height float32) {
	var line []fyne.CanvasObject
	x, y := float32(0), float32(0)
	end := func() {
		high := float32(0)
		for _, o := range line {
			high = fyne.Max(high, ownSize(o, width).Height)
		}
		left := float32(0)
		for _, o := range line {
			s := ownSize(o, width)
			at(o, fyne.NewPos(left-bearing(o), y+(high-s.Height)/2), s)
			left += s.Width - 2*bearing(o) + l.gap
		}
		line, x, y = line[:0], 0, y+high+l.between
	}
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		s := ownSize(o, width)
		if x > 0 && x+s.Width-2*bearing(o) > width {
			end()
		}
		line, x = append(line, o), x+s.Width-2*bearing(o)+l.gap
	}
	if len(line) > 0 {
		end()
	}
	return fyne.Max(0, y-l.between)
}

func (l flow) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return l.place(objects, width, func(fyne.CanvasObject, fyne.Position, fyne.Size) {})
}

// Layout implements fyne.Layout.
func (l flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.place(objects, size.Width, func(o fyne.CanvasObject, p fyne.Position, s fyne.Size) {
		o.Move(p)
		o.Resize(s)
	})
}

// MinSize implements fyne.Layout.
func (l flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(objects, 400))
}

// ownSize is the size of an object that gets no more than it needs. A text that is wider than the line wraps.
func ownSize(o fyne.CanvasObject, width float32) fyne.Size {
	switch o := o.(type) {
	case *text:
		w := fyne.Min(o.natural()+1, width)
		return fyne.NewSize(w, o.heightFor(w))
	case *fyne.Container:
		if l, ok := o.Layout.(interface {
			ownWidth(objects []fyne.CanvasObject) float32
		}); ok {
			w := fyne.Min(l.ownWidth(o.Objects), width)
			return fyne.NewSize(w, heightOf(o, w))
		}
	}
	return o.MinSize()
}

// bearing is how far a link's ground reaches beyond its label, so that labels align with text.
func bearing(o fyne.CanvasObject) float32 {
	if b, ok := o.(*button); ok && b.look != primary {
		return b.pad().Width
	}
	return 0
}
