package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// fitScroll shows its object plainly where it fits and within a scroll where it does not. Fyne hands what lies in a
// scroll to no screen reader: so echoes of its leaves lie beside it.
type fitScroll struct {
	body   fyne.CanvasObject
	scroll *container.Scroll
	echoes *fyne.Container
	holder *fyne.Container
	within bool
}

func newFitScroll(body fyne.CanvasObject) *fitScroll {
	f := &fitScroll{body: body, scroll: container.NewVScroll(container.NewWithoutLayout()), echoes: container.NewWithoutLayout()}
	f.holder = container.New(f, body)
	return f
}

// Layout implements fyne.Layout.
func (f *fitScroll) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	need := heightOf(f.body, size.Width)
	if within := need > size.Height+0.5; within != f.within {
		f.within = within
		if within {
			f.scroll.Content, f.holder.Objects = f.body, []fyne.CanvasObject{f.scroll, f.echoes}
		} else {
			f.scroll.Content, f.holder.Objects = container.NewWithoutLayout(), []fyne.CanvasObject{f.body}
		}
	}
	f.body.Resize(fyne.NewSize(size.Width, fyne.Max(need, size.Height)))
	if f.within {
		f.scroll.Resize(size)
		f.scroll.Refresh()
		f.echoes.Resize(size)
		f.echoes.Objects = newEchoes(f.scroll, f.body, fyne.Position{})
	} else {
		f.body.Move(fyne.Position{})
	}
}

// MinSize implements fyne.Layout.
func (f *fitScroll) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, 40)
}

// reveal scrolls until the object can be seen.
func (f *fitScroll) reveal(o fyne.CanvasObject) {
	y, found := within(f.body, o)
	if !f.within || !found {
		return
	}
	// The room around it is for the ring of what has the focus; of what is higher than the view the top is shown.
	spare := f.scroll.Size().Height - o.Size().Height
	room := fyne.Max(0, fyne.Min(ringRoom, spare/2))
	top := y - f.scroll.Offset.Y
	switch bottom := top + o.Size().Height; {
	case top < 0 || spare < 0:
		f.scroll.ScrollToOffset(fyne.NewPos(0, y-room))
	case bottom > f.scroll.Size().Height:
		to := y - spare + room
		if end := f.body.Size().Height - f.scroll.Size().Height; to > end-0.5 {
			to = end // what is left is rounding
		}
		f.scroll.ScrollToOffset(fyne.NewPos(0, to))
	}
}

// within gives how far below the top of a container an object lies, and whether it lies in it at all.
func within(in, o fyne.CanvasObject) (y float32, found bool) {
	if in == o {
		return 0, true
	}
	if c, ok := in.(*fyne.Container); ok {
		for _, one := range c.Objects {
			if y, found = within(one, o); found {
				return y + one.Position().Y, true
			}
		}
	}
	return 0, false
}
