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

// place puts everything where it belongs and gives the height; with a nil at it only measures.
func (f *foot) place(width float32, at func(o fyne.CanvasObject, p fyne.Position, s fyne.Size)) (height float32) {
	var back, next fyne.Size
	if f.back != nil && f.back.Visible() {
		back = f.back.MinSize().SubtractWidthHeight(bearing(f.back), 0)
	}
	if f.next != nil && f.next.Visible() {
		next = f.next.MinSize()
	}
	said := f.status != nil && f.status.words != ""
	if back.Width+next.Width == 0 && !said {
		return 0
	}
	beside := back.Width+footGap+next.Width <= width || back.Width*next.Width == 0
	room := width - next.Width
	if back.Width > 0 {
		room -= back.Width + footGap
	}
	if next.Width > 0 {
		room -= footGap
	}
	y, high := float32(0), fyne.Max(fyne.Max(back.Height, next.Height), footLine)
	if said {
		above := !beside || f.status.natural() > room && room < points(180)
		if above {
			room = width
		}
		w := fyne.Min(f.status.natural()+1, room)
		h := f.status.heightFor(w)
		if above {
			at(f.status, fyne.NewPos(width-w, 0), fyne.NewSize(w, h))
			y = h + 6
		} else {
			right := width - next.Width
			if next.Width > 0 {
				right -= footGap
			}
			high = fyne.Max(high, h)
			at(f.status, fyne.NewPos(right-w, (high-h)/2), fyne.NewSize(w, h))
		}
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
