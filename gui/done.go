package gui

import (
	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// showDone tells how it ended and what happens next. The rows stay live while the elevated side watches.
func (w *Wizard) showDone(d steps.Device, watching bool, a answer[steps.Choice]) {
	w.entered(steps.Done)
	p := w.resultPage()
	p.name, p.device, p.watching = string(steps.Done), &d, watching
	for _, v := range d.Verdicts() {
		p.verdict(v)
	}
	p.next = newButton(w.keys, assets.Text("gui.close"), primary, func() {
		p.wait("")
		a(steps.Choice{}, nil)
	})
	p.again(a)
	p.remains()
	p.receipt()
	p.words()
	w.show(p.page)
}

// remains lists what the enrollment could not do, and who can.
func (p *resultPage) remains() {
	if p.left == nil {
		p.left = newColumn(0)
		p.body.Add(p.left)
	}
	card := newCard()
	for _, l := range p.device.Left {
		r := newRow(newMark(signInfo), l.Title, l.Text)
		r.badge.set(assets.Text("gui.done.left"), signInfo)
		if l.Request != nil {
			r.link(p.w.keys, assets.Text("gui.request.show"), func() { p.w.showRequest(*l.Request) })
		}
		addRow(card, r.box)
	}
	p.left.Objects = []fyne.CanvasObject{card}
	p.left.Hidden = len(p.device.Left) == 0
}

// receipt offers what the help desk needs to know of this computer.
func (p *resultPage) receipt() {
	if p.paper == nil && p.w.info.Receipt != nil {
		p.paper = newLink(p.w.keys, assets.Text("gui.receipt.show"), func() { p.w.showReceipt(p.now()) })
		p.body.Add(newNoticeLink(newText(assets.Text("gui.receipt.why"), 13, colorText), p.paper))
	}
}

// now is the device as the page shows it: verdicts go on coming in.
func (p *resultPage) now() steps.Device {
	d := *p.device
	for _, v := range p.known {
		switch v.Name {
		case steps.Installed:
			d.Installed = v
		case steps.IsOnline:
			d.Online = v
		case steps.Bound:
			d.Bound = v
		case steps.HasAccount:
			d.Account = v
		}
	}
	return d
}

// again offers to look once more at what is not so yet, or no longer known to be.
func (p *resultPage) again(a answer[steps.Choice]) {
	names := p.w.verdicts()
	for _, n := range names {
		p.rows[n].unlink()
	}
	for _, n := range names {
		if !p.known[n].Yes || p.past(p.known[n]) {
			p.rows[n].link(p.w.keys, assets.Text("gui.again"), func() {
				p.next.Disable()
				if p.back != nil {
					p.back.Disable()
				}
				p.say(assets.Text("gui.done.looking"))
				a(steps.Choice{Again: true}, nil)
			})
			return
		}
	}
}

// words sets the title and the sentence: only what is known is said, and a mail to the admins only of a new device.
func (p *resultPage) words() {
	if p.device == nil {
		return
	}
	if p.lastSeen {
		p.settled()
		return
	}
	key := "gui.done.installed"
	switch bound, online := p.known[steps.Bound].Yes, p.known[steps.IsOnline].Yes; {
	case p.known[steps.Installed].Absent && !p.device.Unchanged:
		key = "gui.done.absent"
	case p.device.Unchanged:
		key = "gui.done.unchanged"
	case p.device.SameVersion():
		key = "gui.done.same"
	case p.device.Upgrade:
		key = "gui.done.upgrade"
	case bound:
		key = "gui.done.bound"
		if r := p.rows[steps.Bound]; r.action != nil {
			r.unlink()
		}
	case online:
		key = "gui.done.online"
	}
	p.title.set(assets.Text(key))
	p.lead.set(assets.Text(key+"-lead", "Version", p.device.AgentVersion))
}
