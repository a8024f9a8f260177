package gui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// area is a rectangle on the canvas.
type area struct{ left, top, right, bottom float32 }

func areaOf(at fyne.Position, s fyne.Size) area {
	return area{at.X, at.Y, at.X + s.Width, at.Y + s.Height}
}

// cut is what two areas share.
func (a area) cut(b area) area {
	return area{max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom)}
}

// more tells whether there is more than that of it in both directions.
func (a area) more(than float32) bool { return a.right-a.left > than && a.bottom-a.top > than }

// within tells whether it lies in the other, but for a little.
func (a area) within(b area, little float32) bool {
	return a.left >= b.left-little && a.right <= b.right+little && a.top >= b.top-little && a.bottom <= b.bottom+little
}

// placed is a leaf where it stands.
type placed struct {
	o    fyne.CanvasObject
	at   fyne.Position
	clip area // what can be seen without scrolling
}

func (p placed) area() area { return areaOf(p.at, p.o.Size()) }

func (p placed) name() string {
	if a, ok := p.o.(fyne.Accessible); ok {
		name, _, _ := strings.Cut(a.AccessibilityLabel(), "\n")
		return name
	}
	return ""
}

// inked are the areas of a leaf that show something: of a text one for each line.
func (p placed) inked() (areas []area) {
	t, ok := p.o.(*text)
	if !ok {
		return []area{p.area()}
	}
	for i, line := range t.lines {
		end := float32(0)
		for _, piece := range line {
			end = piece.x + fyne.MeasureText(strings.TrimRight(piece.words, " "), t.points(), piece.style).Width
		}
		areas = append(areas, areaOf(p.at.AddXY(0, float32(i)*t.line()), fyne.NewSize(end, t.line())))
	}
	return areas
}

// place gives the leaves of what is in front, in the order of reading.
func (s *still) place() (leaves []placed) {
	var walk func(o fyne.CanvasObject, at fyne.Position, clip area)
	walk = func(o fyne.CanvasObject, at fyne.Position, clip area) {
		if o == nil || !o.Visible() {
			return
		}
		at = at.Add(o.Position())
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c, at, clip)
			}
		case *container.Scroll:
			walk(o.Content, at, clip.cut(areaOf(at, o.Size())))
		case *ground, *echo:
		default:
			if o.Size().Width > 0 && o.Size().Height > 0 {
				leaves = append(leaves, placed{o, at, clip})
			}
		}
	}
	front := s.canvas.Content()
	if top := s.canvas.Overlays().Top(); top != nil {
		front = top
	}
	walk(front, fyne.Position{}, areaOf(fyne.Position{}, s.canvas.Size()))
	return leaves
}

// fits fails when something is cut off, lies over something else or cannot be brought into view.
func fits(t *testing.T, s *still) {
	t.Helper()
	window := areaOf(fyne.Position{}, s.canvas.Size())
	leaves := s.place()
	for i, p := range leaves {
		a := p.area()
		if a.left < p.clip.left-0.5 || a.right > p.clip.right+0.5 {
			t.Errorf("%q goes beyond the side: %v in %v", p.name(), a, p.clip)
		}
		if p.clip == window && !a.within(window, 0.5) {
			t.Errorf("%q goes beyond the window: %v", p.name(), a)
		}
		whole(t, p.o)
		for _, q := range leaves[i+1:] {
			for _, one := range p.inked() {
				for _, other := range q.inked() {
					if one.cut(p.clip).cut(other.cut(q.clip)).more(1.5) {
						t.Errorf("%q (%v) and %q (%v) lie over each other", p.name(), one, q.name(), other)
					}
				}
			}
		}
	}
	if p := s.wizard.current; p != nil && p.scroll.within && p.scroll.holder.Size().Height < points(70) {
		t.Errorf("the content has a height of %v", p.scroll.holder.Size().Height)
	}
	before := s.canvas.Focused()
	for _, p := range leaves {
		f, ok := p.o.(fyne.Focusable)
		if d, can := p.o.(fyne.Disableable); !ok || can && d.Disabled() {
			continue
		}
		s.canvas.Unfocus() // what has the focus already would not be told of it
		s.canvas.Focus(f)
		for _, q := range s.place() {
			if room := q.clip.bottom - q.clip.top; q.o == p.o && !q.area().within(q.clip, 0.5) && q.o.Size().Height <= room {
				t.Errorf("%q has the focus and is not in view: %v in %v", q.name(), q.area(), q.clip)
			}
		}
	}
	s.canvas.Focus(before)
}

// longest is how many letters a word may have before it has to be broken.
const longest = 20

// whole fails when a leaf has less room than its words need.
func whole(t *testing.T, o fyne.CanvasObject) {
	t.Helper()
	switch o := o.(type) {
	case *text:
		if need := o.heightFor(o.Size().Width); need > o.Size().Height+0.5 {
			t.Errorf("%q is %v high and needs %v", o.words, o.Size().Height, need)
		}
		shown := map[string]bool{}
		for _, line := range o.lines {
			for _, p := range line {
				for _, w := range strings.Fields(p.words) {
					shown[w] = true
				}
			}
		}
		for _, run := range o.runs() {
			for _, w := range strings.Fields(run.words) {
				if !shown[w] && utf8.RuneCountInString(w) <= longest {
					t.Errorf("%q is broken within %q at a width of %v", o.words, w, o.Size().Width)
				}
			}
		}
	case *railItem:
		if need := fyne.MeasureText(o.word, points(sizeBody), fyne.TextStyle{Bold: true}).Width + grown(20) + 12; need > o.Size().Width+0.5 {
			t.Errorf("%q is %v wide and needs %v", o.word, o.Size().Width, need)
		}
	case *tick:
		whole(t, o.title)
		if o.note.words != "" {
			whole(t, o.note)
		}
	case *button, *badge, *mark, *bar, *field, *drawer:
		if need := o.MinSize(); need.Width > o.Size().Width+0.5 || need.Height > o.Size().Height+0.5 {
			t.Errorf("%q is %v and needs %v", placed{o: o}.name(), o.Size(), need)
		}
	}
}
