package gui

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// pageLastSeen is the name of the page that shows what an earlier run enrolled.
const pageLastSeen = "last-seen"

// showLastSeen is the first page on a computer that an earlier run enrolled: what it is now, as far as that is known.
func (w *Wizard) showLastSeen(d steps.Device, watching bool, a answer[steps.Choice]) {
	w.entered(steps.Welcome)
	p := w.resultPage()
	p.name, p.device, p.watching, p.lastSeen = pageLastSeen, &d, watching, true
	for _, v := range d.Verdicts() {
		p.verdict(v)
	}
	p.next = newButton(w.keys, assets.Text("gui.close"), primary, func() {
		p.wait("")
		a(steps.Choice{}, steps.ErrQuit)
	})
	p.back = newButton(w.keys, assets.Text("gui.last-seen.update"), plain, func() {
		p.wait(assets.Text("gui.wait"))
		w.result = nil // what an install shows begins anew
		a(steps.Choice{}, nil)
	})
	p.again(a)
	p.remains()
	p.receipt()
	p.words()
	w.show(p.page)
}

// settled sets the title and the sentence of what an earlier run enrolled.
func (p *resultPage) settled() {
	key := "gui.last-seen"
	switch v := p.known[steps.Installed]; {
	case v.Absent:
		key = "gui.last-seen.absent"
	case !v.Yes:
		key = "gui.last-seen.stopped"
	}
	p.title.set(assets.Text(key))
	p.lead.set(assets.Text(key+"-lead", "Time", assets.Moment(p.device.Finished)))
}
