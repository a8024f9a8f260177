package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// foot is the bottom line of a page or dialog: at the left what goes back, at the right the one thing to do next,
// between them what is going on. Where one line has no room, there are more.
type foot struct {
	back, next *button // may be nil
	status     *text   // may be nil
	box        *fyne.Container
}

func newFoot(back, next *button, status *text) *fyne.Container {
	f := &foot{back: back, next: next, status: status}
	var objects []fyne.CanvasObject
	for _, b := range []*button{back, next} {
		if b != nil {
			objects = append(objects, b)
		}
	}
	if status != nil {
		objects = append(objects, status)
	}
	f.box = container.New(f, objects...)
	return f.box
}

// footLine is the least height of a line of buttons, footGap what is between two of them.
const (
	footLine = 42
	footGap  = 16
)

// measure gives what the buttons take; of a link that is what its words take.
func (f *foot) measure() (back, next fyne.Size) {
	if f.back != nil && f.back.Visible() {
		back = f.back.MinSize().SubtractWidthHeight(bearing(f.back), 0)
	}
	if f.next != nil && f.next.Visible() {
		next = f.next.MinSize()
	}
	return back, next
}

// gapped is a width with the gap beside it, where there is any.
func gapped(width float32) float32 {
	if width > 0 {
		width += footGap
	}
	return width
}

// place tells where everything belongs and gives the height.
func (f *foot) place(width float32, at func(o fyne.CanvasObject, p fyne.Position, s fyne.Size)) (height float32) {
	back, next := f.measure()
	said := f.status != nil && f.status.words != ""
	if back.Width+next.Width == 0 && !said {
		return 0
	}
	beside := gapped(back.Width)+next.Width <= width
	y, high := float32(0), fyne.Max(fyne.Max(back.Height, next.Height), footLine)
	if said {
		y, high = f.say(width, back.Width, next.Width, beside, high, at)
	}
	if next.Width > 0 {
		at(f.next, fyne.NewPos(width-next.Width, y+(high-next.Height)/2), next)
	}
	if back.Width > 0 {
		if !beside {
			y += high + 4
		}
		at(f.back, fyne.NewPos(-bearing(f.back), y+(high-back.Height)/2), f.back.MinSize())
	}
	return y + high
}

// say places the status between the buttons, or, where that leaves it little room, above them. It gives where the line
// of the buttons begins and how high it is.
func (f *foot) say(width, back, next float32, beside bool, high float32,
	at func(o fyne.CanvasObject, p fyne.Position, s fyne.Size),
) (y, height float32) {
	room := width - gapped(back) - gapped(next)
	natural := f.status.natural() + 1
	if !beside || natural > room && room < points(180) {
		w := fyne.Min(natural, width)
		h := f.status.heightFor(w)
		at(f.status, fyne.NewPos(width-w, 0), fyne.NewSize(w, h))
		return h + 6, high
	}
	w := fyne.Min(natural, room)
	h := f.status.heightFor(w)
	high = fyne.Max(high, h)
	at(f.status, fyne.NewPos(width-gapped(next)-w, (high-h)/2), fyne.NewSize(w, h))
	return 0, high
}

// heightFor implements flowLayout.
func (f *foot) heightFor(_ []fyne.CanvasObject, width float32) float32 {
	return f.place(width, func(fyne.CanvasObject, fyne.Position, fyne.Size) {})
}

// Layout implements fyne.Layout. What stands first is read first, and gets the focus first.
func (f *foot) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	f.place(size.Width, func(o fyne.CanvasObject, p fyne.Position, s fyne.Size) {
		o.Move(p)
		o.Resize(s)
	})
	slices.SortStableFunc(f.box.Objects, func(a, b fyne.CanvasObject) int {
		switch above := func(a, b fyne.CanvasObject) bool { return a.Position().Y+a.Size().Height <= b.Position().Y }; {
		case above(a, b):
			return -1
		case above(b, a):
			return 1
		}
		return int(a.Position().X - b.Position().X)
	})
}

// MinSize implements fyne.Layout.
func (f *foot) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, f.heightFor(objects, 400))
}
