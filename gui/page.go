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
	over   bool   // the person has answered

	scroll *fitScroll
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
	p.scroll = newFitScroll(newInset(ringRoom, ringRoom, ringRoom, ringRoom, p.body))
	objects := []fyne.CanvasObject{p.title, p.lead, p.scroll.holder}
	for _, b := range []*button{p.back, p.next} {
		if b != nil {
			objects = append(objects, b)
		}
	}
	p.box = container.New(&pageLayout{p}, append(objects, p.status)...)
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

// pageLayout is the layout of a page.
type pageLayout struct{ p *page }

// Measures of a page, in logical pixels.
const (
	pageSide   = 44
	pageTop    = 39
	pageBottom = 24
	ringRoom   = 8   // around the content, for the ring of what has the focus
	leadWidth  = 560 // lines of more than 80 characters are hard to read
)

// Layout implements fyne.Layout.
func (l *pageLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	p, w := l.p, size.Width-2*pageSide
	y := float32(pageTop)
	place := func(o fyne.CanvasObject, width float32) {
		h := heightOf(o, width)
		o.Move(fyne.NewPos(pageSide, y))
		o.Resize(fyne.NewSize(width, h))
		y += h
	}
	place(p.title, w)
	y += 7
	place(p.lead, fyne.Min(w, leadWidth))
	y += 23
	foot := size.Height - pageBottom
	if p.next != nil || p.back != nil || p.status.words != "" {
		foot -= 42
	}
	p.scroll.holder.Move(fyne.NewPos(pageSide-ringRoom, y-ringRoom))
	p.scroll.holder.Resize(fyne.NewSize(w+2*ringRoom, fyne.Max(foot-16-y+ringRoom, 40)))
	l.buttons(foot, size.Width)
}

// buttons places the bottom line.
func (l *pageLayout) buttons(y, width float32) {
	left, right := float32(pageSide), width-pageSide
	middle := func(o fyne.CanvasObject, x float32, m fyne.Size) {
		o.Resize(m)
		o.Move(fyne.NewPos(x, y+(42-m.Height)/2))
	}
	if b := l.p.back; b != nil {
		m := b.MinSize()
		middle(b, left-8, m)
		left += m.Width
	}
	if b := l.p.next; b != nil && b.Visible() {
		m := b.MinSize()
		middle(b, right-m.Width, m)
		right -= m.Width + 16
	}
	w := fyne.Max(fyne.Min(l.p.status.natural(), right-left-16), 0)
	middle(l.p.status, right-w, fyne.NewSize(w, heightOf(l.p.status, fyne.Max(w, 1))))
}

// MinSize implements fyne.Layout.
func (l *pageLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(480, 400) }
