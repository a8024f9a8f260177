package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/steps"
)

// page is what stands at the right of the rail: one title, one sentence, the content, at the bottom left what goes
// back and at the bottom right the one thing to do next.
type page struct {
	name   string // its step, or "problem"
	title  *text
	lead   *text
	body   *fyne.Container
	next   *button // nil: nothing to do but wait
	back   *button // nil: no way back from here
	status *text   // beside next: what is going on
	focus  fyne.Focusable
	escape func() // nil: what back does
	ready  func() // nil, or called when everything is filled in and the page is about to be shown
	over   bool   // the person has answered

	scroll *fitScroll
	top    *fyne.Container // the title and the sentence
	inner  *fyne.Container // what scrolls
	foot   *fyne.Container
	box    *fyne.Container
}

// newPage makes a page; its maker adds the rest.
func newPage(s steps.Step, title, lead string, body ...fyne.CanvasObject) *page {
	p := &page{name: string(s), title: newTitle(title), lead: newText(lead, sizeLead, colorMuted), body: newColumn(16, body...)}
	p.status = newText("", sizeNote, colorMuted)
	return p
}

// assemble lays the page out. It is called once, when everything is set.
func (p *page) assemble() *fyne.Container {
	if p.ready != nil {
		p.ready()
	}
	p.top = container.New(topLayout{}, p.title, p.lead)
	p.inner = newColumn(topGap, p.body)
	p.scroll = newFitScroll(newInset(ringRoom, ringRoom, ringRoom, ringRoom, p.inner))
	p.foot = newFoot(p.back, p.next, p.status)
	p.box = container.New(&pageLayout{p: p}, p.top, p.scroll.holder, p.foot)
	return p.box
}

// say shows what is going on, or nothing.
func (p *page) say(sentence string) {
	p.status.set(sentence)
	p.relayout()
}

// relayout is for when the content changed.
func (p *page) relayout() {
	if p.box != nil {
		p.box.Refresh()
	}
}

// wait is for when the person has answered: nothing can be answered twice.
func (p *page) wait(sentence string) {
	p.over = true
	for _, b := range []*button{p.next, p.back} {
		if b != nil {
			b.Disable()
		}
	}
	p.say(sentence)
}

// Measures of a page, in logical pixels.
const (
	pageSide   = 44
	pageTop    = 39
	pageBottom = 24
	topGap     = 23  // between the sentence and the content
	ringRoom   = 8   // around the content, for the ring of what has the focus
	leadWidth  = 560 // lines of more than 80 characters are hard to read
)

// pageLayout is the layout of a page. The title and the sentence stay where they are while the content scrolls; where
// that would leave the content little room they scroll with it.
type pageLayout struct {
	p     *page
	loose bool
}

// Layout implements fyne.Layout.
func (l *pageLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	p, side, y, bottom := l.p, float32(pageSide), float32(pageTop), float32(pageBottom)
	if size.Width < points(480) {
		side, y, bottom = pageSide/2, pageTop/2, pageBottom/2
	}
	w := size.Width - 2*side
	p.foot.Hidden = false
	foot := heightOf(p.foot, w)
	p.foot.Hidden = foot == 0 // a screen reader would stop at an empty group
	end := size.Height - bottom - foot
	p.foot.Move(fyne.NewPos(side, end))
	p.foot.Resize(fyne.NewSize(w, foot))
	if foot > 0 {
		end -= footGap
	}
	top := heightOf(p.top, w)
	l.loosen(end-y-top-topGap < points(150) && heightOf(p.body, w) > end-y-top-topGap)
	if !l.loose {
		p.top.Move(fyne.NewPos(side, y))
		p.top.Resize(fyne.NewSize(w, top))
		y += top + topGap
	}
	p.scroll.holder.Move(fyne.NewPos(side-ringRoom, y-ringRoom))
	p.scroll.holder.Resize(fyne.NewSize(w+2*ringRoom, fyne.Max(end-y+ringRoom, 40)))
}

// loosen puts the title and the sentence where they belong.
func (l *pageLayout) loosen(loose bool) {
	if l.loose == loose {
		return
	}
	l.loose = loose
	p := l.p
	if loose {
		p.inner.Objects = []fyne.CanvasObject{p.top, p.body}
		p.box.Objects = []fyne.CanvasObject{p.scroll.holder, p.foot}
	} else {
		p.inner.Objects = []fyne.CanvasObject{p.body}
		p.box.Objects = []fyne.CanvasObject{p.top, p.scroll.holder, p.foot}
	}
}

// MinSize implements fyne.Layout.
func (l *pageLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(480, 400) }

// topLayout is the title and, below it, the sentence in lines that are not too long.
type topLayout struct{}

func (topLayout) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return heightOf(o[0], width) + 7 + heightOf(o[1], fyne.Min(width, points(leadWidth)))
}

// Layout implements fyne.Layout.
func (topLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := heightOf(o[0], size.Width)
	o[0].Resize(fyne.NewSize(size.Width, h))
	w := fyne.Min(size.Width, points(leadWidth))
	o[1].Move(fyne.NewPos(0, h+7))
	o[1].Resize(fyne.NewSize(w, heightOf(o[1], w)))
}

// MinSize implements fyne.Layout.
func (l topLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(o, 400))
}
