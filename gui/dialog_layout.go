package gui

import "fyne.io/fyne/v2"

// modal covers the window and centres the panel of a dialog.
type modal struct{ d *dialog }

// Layout implements fyne.Layout.
func (l *modal) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(size)
	width := fyne.Min(points(l.d.width), size.Width-48)
	height := fyne.Min(l.d.heightFor(width), size.Height-32)
	o[1].Resize(fyne.NewSize(width, height))
	o[1].Move(fyne.NewPos((size.Width-width)/2, (size.Height-height)/2))
}

// MinSize implements fyne.Layout.
func (l *modal) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// Measures of a dialog, in logical pixels.
const (
	dialogSide   = 24
	dialogTop    = 22
	dialogGap    = 12 // above what can be done
	dialogBottom = 20
)

// heightFor is the height at which nothing needs to be scrolled.
func (d *dialog) heightFor(width float32) float32 {
	w := width - 2*dialogSide
	return dialogTop + d.title.heightFor(w) + heightOf(d.body, w) + 2*ringRoom + dialogGap + heightOf(d.foot, w) + dialogBottom
}

// dialogLayout puts the title at the top, what can be done at the bottom and the rest between them.
type dialogLayout struct{ d *dialog }

// Layout implements fyne.Layout.
func (l *dialogLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := size.Width - 2*dialogSide
	o[0].Resize(size)
	title, foot := l.d.title.heightFor(w), heightOf(l.d.foot, w)
	o[1].Move(fyne.NewPos(dialogSide, dialogTop))
	o[1].Resize(fyne.NewSize(w, title))
	y, end := dialogTop+title, size.Height-dialogBottom-foot
	o[2].Move(fyne.NewPos(dialogSide-ringRoom, y))
	o[2].Resize(fyne.NewSize(w+2*ringRoom, fyne.Max(end-dialogGap-y, 40)))
	o[3].Move(fyne.NewPos(dialogSide, end))
	o[3].Resize(fyne.NewSize(w, foot))
}

// MinSize implements fyne.Layout.
func (l *dialogLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// footLayout puts the first object at the left and the others at the right; an only one at the right. Where they have
// no room beside each other each has a line of its own.
type footLayout struct{}

// lines tells whether each needs a line, and how high one is.
func (footLayout) lines(o []fyne.CanvasObject, width float32) (own bool, height float32) {
	all, height := float32(-footGap), float32(footLine)
	for _, one := range o {
		m := one.MinSize()
		all, height = all+m.Width+10, fyne.Max(height, m.Height)
	}
	return all > width, height
}

func (l footLayout) heightFor(o []fyne.CanvasObject, width float32) float32 {
	own, height := l.lines(o, width)
	if own {
		return float32(len(o))*(height+4) - 4
	}
	return height
}

// Layout implements fyne.Layout.
func (l footLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	own, height := l.lines(o, size.Width)
	x, y := size.Width, float32(0)
	for _, one := range o {
		m := one.MinSize()
		one.Resize(m)
		if own {
			one.Move(fyne.NewPos(size.Width-m.Width+bearing(one), y+(height-m.Height)/2))
			y += height + 4
		}
	}
	if own {
		return
	}
	for i := len(o) - 1; i >= 0; i-- {
		m := o[i].MinSize()
		x -= m.Width
		if i == 0 && len(o) > 1 {
			x = -bearing(o[i])
		}
		o[i].Move(fyne.NewPos(x, (height-m.Height)/2))
		x -= 10
	}
}

// MinSize implements fyne.Layout.
func (l footLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(o, 400))
}
