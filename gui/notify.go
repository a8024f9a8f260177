package gui

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// notify tells the person by the desktop, unless this window is in front.
func (w *Wizard) notify(title, text string) {
	if w.behind && w.info.Notify != nil {
		w.info.Notify(title, text)
	}
}

// needed is for when a page asks something. During an install the person may have turned to other work; before it,
// nothing goes on without them. The last page is told of by what it proves.
func (w *Wizard) needed() {
	summary := w.summary
	w.summary = ""
	if !w.installing() || w.step == steps.Done && w.told[steps.IsOnline] {
		return
	}
	if summary == "" {
		summary = w.current.lead.AccessibilityLabel()
	}
	w.notify(w.current.title.AccessibilityLabel(), summary)
}

// proved is for when a verdict came: the key is of no more use then, and the person may want to know.
func (w *Wizard) proved(v steps.Verdict) {
	if !v.Known || !v.Yes || w.told[v.Name] {
		return
	}
	w.told[v.Name] = true
	switch v.Name {
	case steps.IsOnline:
		w.clearKey()
		w.notify(assets.Text("gui.done.online"), assets.Text("gui.notify.online"))
	case steps.Bound:
		w.notify(assets.Text("gui.done.bound"), assets.Text("gui.done.bound-lead"))
	}
}
