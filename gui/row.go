package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Measures of a row, in logical pixels.
const (
	rowPad = 13
	// rowPadAlone is for a row that is a title alone; nine of them fit a page.
	rowPadAlone = 9
	rowSide     = 18
)

// rowText is where the words begin.
func rowText() float32 { return rowSide + markSize() + 14 }

// rowTop is the height of a row with a title and one line below it: one that is higher keeps its mark and its link there.
func rowTop() float32 { return 26 + points(40) }

// rowWords is the least width of words beside a link; where there is less, the link goes below them.
func rowWords() float32 { return points(160) }

// row is a line of a card: a mark, a title, perhaps a badge beside it, a note below, perhaps a link at the right.
type row struct {
	box    *fyne.Container
	mark   *mark
	title  *text
	badge  *badge
	note   *text
	bar    *bar
	detail *text // shown by Details
	action *button
}

func newRow(m *mark, title, note string) *row {
	r := &row{
		mark: m, title: newText(title, sizeBody, colorText), badge: newBadge(),
		note: newText(note, sizeNote, colorMuted), bar: newBar(),
		detail: newText("", sizeNote, colorMuted),
	}
	r.bar.Hide()
	r.detail.Hide()
	r.box = container.New(&rowLayout{r}, m, r.title, r.badge, r.note, r.bar, r.detail)
	return r
}

// link puts a link at the right of the row.
func (r *row) link(k *keyboard, label string, do func()) {
	if r.action == nil {
		r.action = newLink(k, label, do)
		r.box.Add(r.action)
	}
	r.action.set(label)
	r.action.do = do
	r.action.about = r.title.AccessibilityLabel()
	r.action.Show()
}

// unlink takes it away.
func (r *row) unlink() {
	if r.action != nil {
		r.action.Hide()
	}
}

// rowLayout is the layout of a row's container.
type rowLayout struct{ r *row }

// words is the width of the title and of the notes.
func (l *rowLayout) words(width float32) float32 {
	w := width - rowText() - rowSide
	if a := l.r.action; a != nil && a.Visible() && !l.actionBelow(width) {
		w -= a.MinSize().Width + 10
	}
	return fyne.Max(w, 60)
}

// actionBelow tells whether the link has no room at the right.
func (l *rowLayout) actionBelow(width float32) bool {
	a := l.r.action
	return a != nil && a.Visible() && width-rowText()-rowSide-a.MinSize().Width-10 < rowWords()
}

// badgeBeside tells whether the badge has room at the right of a title of one line.
func (l *rowLayout) badgeBeside(w float32) bool {
	return l.r.title.natural()+10+l.r.badge.MinSize().Width <= w
}

func (l *rowLayout) heightFor(_ []fyne.CanvasObject, width float32) float32 {
	h := l.wordsHeight(l.words(width))
	if l.actionBelow(width) {
		h += l.r.action.MinSize().Height + 2
	}
	if h <= markSize() {
		return markSize() + 2*rowPadAlone
	}
	return h + 2*rowPad
}

// wordsHeight is the height of the title and what stands below it.
func (l *rowLayout) wordsHeight(w float32) float32 {
	h := l.r.title.heightFor(w)
	if l.r.badge.word != "" && !l.badgeBeside(w) {
		h += l.r.badge.MinSize().Height + 3
	}
	for _, o := range []fyne.CanvasObject{l.r.note, l.r.bar, l.r.detail} {
		if n := heightOf(o, w); n > 0 {
			h += n + 2
		}
	}
	return h
}

// Layout implements fyne.Layout.
func (l *rowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w, y := l.words(size.Width), float32(rowPad)
	titleHeight := l.r.title.heightFor(w)
	if all := l.heightFor(objects, size.Width); all <= markSize()+2*rowPadAlone {
		y = (all - titleHeight) / 2 // a title alone stands beside its mark
	}
	place := func(o fyne.CanvasObject, h float32) {
		o.Move(fyne.NewPos(rowText(), y))
		o.Resize(fyne.NewSize(w, h))
		y += h
	}
	l.r.badge.Resize(l.r.badge.MinSize())
	l.r.badge.Move(fyne.NewPos(rowText()+l.r.title.natural()+10, y+(titleHeight-l.r.badge.MinSize().Height)/2))
	place(l.r.title, titleHeight)
	if l.r.badge.word != "" && !l.badgeBeside(w) {
		l.r.badge.Move(fyne.NewPos(rowText(), y+3))
		y += l.r.badge.MinSize().Height + 3
	}
	for _, o := range []fyne.CanvasObject{l.r.note, l.r.bar, l.r.detail} {
		if n := heightOf(o, w); n > 0 {
			y += 2
			place(o, n)
		}
	}
	middle := fyne.Min(size.Height, rowTop()) / 2
	l.r.mark.Resize(l.r.mark.MinSize())
	l.r.mark.Move(fyne.NewPos(rowSide, middle-markSize()/2))
	if a := l.r.action; a != nil {
		m := a.MinSize()
		a.Resize(m)
		a.Move(fyne.NewPos(size.Width-rowSide-m.Width+5, middle-m.Height/2))
		if l.actionBelow(size.Width) {
			a.Move(fyne.NewPos(rowText()-5, y+2))
		}
	}
}

// MinSize implements fyne.Layout.
func (l *rowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(objects, 400))
}
