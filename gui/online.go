package gui

import (
	"time"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// decimal gives millions with one digit behind the point below ten.
func decimal(n int64) string {
	m := float64(n) / 1e6
	if m < 9.95 {
		return assets.Decimal(m, 1)
	}
	return assets.Decimal(m, 0)
}

// verdicts lists the things that are not the same, in order.
func (w *Wizard) verdicts() []steps.VerdictName {
	names := []steps.VerdictName{steps.Installed, steps.IsOnline, steps.Bound}
	if w.info.Mac {
		names = append(names, steps.HasAccount)
	}
	return names
}

// resultPage shows installed, online and bound, live while the elevated side tells of them.
type resultPage struct {
	*page
	w        *Wizard
	rows     map[steps.VerdictName]*row
	known    map[steps.VerdictName]steps.Verdict
	watching bool
	lastSeen bool            // the device is one that an earlier run enrolled
	device   *steps.Device   // nil until the end of the install is told
	left     *fyne.Container // what is still to be done; nil before that
	paper    *button         // shows the receipt; nil before that
}

// resultPage gives the page, made when the first event needs it.
func (w *Wizard) resultPage() *resultPage {
	if w.result != nil {
		return w.result
	}
	p := &resultPage{w: w, rows: map[steps.VerdictName]*row{}, known: map[steps.VerdictName]steps.Verdict{}, watching: true}
	var boxes []fyne.CanvasObject
	for _, n := range w.verdicts() {
		p.rows[n] = newRow(newMark(signBusy), assets.Text("gui.verdict."+string(n)+"-waiting"), "")
		boxes = append(boxes, p.rows[n].box)
	}
	p.page = newPage(steps.Online, assets.Text("gui.online.title"), assets.Text("gui.online.lead"), newCard(boxes...))
	p.escape = func() {} // an install cannot be gone back from
	w.result = p
	return p
}

// verdict shows what is known of one of them.
func (p *resultPage) verdict(v steps.Verdict) {
	p.known[v.Name] = v
	r, ok := p.rows[v.Name]
	if !ok {
		return
	}
	state, s := p.state(v)
	r.mark.set(s)
	r.title.set(assets.Text("gui.verdict." + string(v.Name) + "-" + state))
	r.note.set(p.note(v, state))
	p.words()
	p.relayout()
}

// state is how a verdict is told, and its sign.
func (p *resultPage) state(v steps.Verdict) (string, sign) {
	past := p.past(v)
	switch {
	case !v.Known:
		return "unknown", signInfo
	case v.Yes && past:
		return "was", signInfo
	case v.Yes:
		return "yes", signTick
	case p.device == nil:
		return "waiting", signBusy
	case past:
		return "no", signInfo
	case v.Name == steps.Installed && !v.Absent:
		return "stopped", signWarn
	case v.Name == steps.Installed, v.Name == steps.HasAccount:
		return "no", signWarn // nothing is waited for
	}
	return "no", signBusy
}

// past tells whether a verdict is of an earlier run, of which no proof is at hand.
func (p *resultPage) past(v steps.Verdict) bool { return p.lastSeen && v.Proof == "" }

// note is what proves the verdict and, when nobody watches any more, when it was seen.
func (p *resultPage) note(v steps.Verdict, state string) string {
	note := v.Proof
	switch {
	case note != "":
	case state == "unknown":
		note = assets.Text("gui.verdict.unknown-note")
	case v.Name == steps.Bound && state != "yes":
		note = assets.Text("gui.verdict.bound-note")
	}
	switch {
	case p.watching, !v.Known, v.Seen.IsZero(), p.lastSeen && v.Name == steps.Installed:
	case p.past(v):
		note = assets.Text("gui.last-seen.when", "Time", assets.Moment(v.Seen))
	default:
		note = assets.Text("gui.verdict.seen", "Proof", note, "Time", v.Seen.Local().Format(time.TimeOnly))
	}
	return note
}
