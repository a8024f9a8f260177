package gui

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// pageAccess is the name of the page that leads to Full Disk Access.
const pageAccess = "full-disk-access"

// accessPage leads a person through what no program may do on macOS. It comes up during an install and leaves by itself
// when the access was given.
type accessPage struct {
	*page
	skip *button
}

// showAccess asks to give the agent Full Disk Access. nil means go on without it.
func (w *Wizard) showAccess(q steps.AccessQuestion, a answer[steps.Choice]) {
	w.step = steps.Install
	p := &accessPage{}
	p.skip = newLink(w.keys, assets.Text("gui.access.skip"), func() {
		p.wait(assets.Text("gui.wait"))
		a(steps.Choice{}, nil)
	})
	card := newCard(
		newRow(newNumber("1"), assets.Text("gui.access.open"), assets.Text("gui.access.open-note")).box,
		newRow(newNumber("2"), assets.Text("gui.access.switch"), assets.Text("gui.access.switch-note")).box,
		newRow(newNumber("3"), assets.Text("gui.access.return"), assets.Text("gui.access.return-note")).box)
	// A time of day, not a countdown: nothing on the page moves.
	until := q.Until.Local().Format("15:04")
	p.page = newPage(steps.Install, assets.Text("gui.access.title"), assets.Text("gui.access.lead", "Time", until),
		card, newNoticeLink(newText(assets.Text("gui.access.without"), 13, colorText), p.skip))
	p.name = pageAccess
	p.next = newButton(w.keys, assets.Text("gui.access.settings"), primary, func() {
		p.say(assets.Text("gui.access.waiting"))
		w.info.OpenURL(q.Settings)
	})
	p.back = newButton(w.keys, assets.Text("gui.install.stop"), plain, func() {
		p.wait(assets.Text("gui.install.stopping"))
		w.stopping = true
		a(steps.Choice{}, steps.ErrQuit)
	})
	p.escape = func() {} // stopping is not going back
	w.show(p.page)
}

// leaveAccess shows the install again, which went on meanwhile.
func (w *Wizard) leaveAccess() {
	if w.current.name == pageAccess {
		w.show(w.installPage().page)
	}
}
