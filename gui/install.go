package gui

import (
	"slices"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// installPage is the list of what is being done. A bar is shown only where bytes are counted.
type installPage struct {
	*page
	w       *Wizard
	list    *fyne.Container
	rows    map[platform.Phase]*row
	states  map[platform.Phase]steps.PhaseState
	details *button
	drawer  *drawer
}

// installPage gives the page, made when the first event needs it.
func (w *Wizard) installPage() *installPage {
	if w.install != nil {
		return w.install
	}
	p := &installPage{w: w, list: newCard(), rows: map[platform.Phase]*row{}, states: map[platform.Phase]steps.PhaseState{}}
	p.drawer = newDrawer(w.keys)
	p.drawer.Hide()
	p.details = newLink(w.keys, assets.Text("gui.install.show-log"), p.toggle)
	p.page = newPage(steps.Install, assets.Text("gui.install.title"), assets.Text("gui.install.lead"),
		p.list, newTrailing(p.details), p.drawer)
	p.back = newButton(w.keys, assets.Text("gui.install.stop"), plain, w.stop)
	p.escape = func() {} // stopping is not going back
	p.focus = p.details  // Enter pressed once too often must not stop the install
	w.install = p
	return p
}

// stop ends the run: at once, or, once the vendor's installer runs, after it.
func (w *Wizard) stop() {
	w.stopping = true
	if p := w.install; p != nil {
		p.back.Disable()
		p.say(assets.Text("gui.install.stopping"))
	}
	w.info.Stop()
}

// changing are the phases that change this computer; before them, Stop means now.
var changing = []platform.Phase{platform.PhaseRunScript, platform.PhaseBootstrap, platform.PhaseInstallPackage, platform.PhaseStartService,
	platform.PhaseFullDiskAccess, platform.PhaseRegister}

// running tells whether this computer is being changed.
func (p *installPage) running() bool {
	return slices.ContainsFunc(changing, func(c platform.Phase) bool { return p.states[c] == steps.PhaseRunning })
}

// begun tells whether something of this computer was, or may have been, changed.
func (p *installPage) begun() bool {
	return slices.ContainsFunc(changing, func(c platform.Phase) bool {
		return p.states[c] != "" && p.states[c] != steps.PhaseWaiting
	})
}

// phase shows where a phase stands.
func (p *installPage) phase(g steps.Progress) {
	r, ok := p.rows[g.Phase]
	if !ok {
		r = newRow(newMark(signIdle), g.Title, "")
		p.rows[g.Phase] = r
		addRow(p.list, r.box)
	}
	p.states[g.Phase] = g.State
	r.title.set(g.Title)
	signs := map[steps.PhaseState]sign{steps.PhaseWaiting: signIdle, steps.PhaseRunning: signBusy, steps.PhaseDone: signTick, steps.PhaseFailed: signCross, steps.PhaseSkipped: signInfo}
	r.mark.set(signs[g.State])
	r.note.set(phaseNote(g))
	switch running := g.State == steps.PhaseRunning; {
	case running && g.Total > 0:
		r.bar.set(float64(g.Done) / float64(g.Total))
		r.bar.Show()
	case running && g.Percent > 0:
		r.bar.set(float64(g.Percent) / 100)
		r.bar.Show()
	default:
		r.bar.Hide()
	}
	if !p.w.stopping {
		label := "gui.install.stop-now"
		if p.running() {
			label = "gui.install.stop"
		}
		p.back.set(assets.Text(label))
	}
	p.relayout()
	p.scroll.reveal(r.box)
}

// phaseNote is the word for the state, and the bytes where they are counted.
func phaseNote(g steps.Progress) string {
	switch {
	case g.State == steps.PhaseWaiting:
		return ""
	case g.State == steps.PhaseRunning && g.Total > 0:
		return assets.Text("gui.install.bytes", "Done", megabytes(g.Done), "Total", megabytes(g.Total))
	case g.State == steps.PhaseDone && g.Total > 0:
		return assets.Text("gui.install.bytes-done", "Total", megabytes(g.Total))
	}
	return assets.Text("gui.install.state-" + string(g.State))
}

// output adds a line to the log view.
func (p *installPage) output(line string) { p.drawer.add(line) }

// toggle shows and hides the log view.
func (p *installPage) toggle() {
	if p.drawer.Visible() {
		p.drawer.Hide()
		p.details.set(assets.Text("gui.install.show-log"))
	} else {
		p.drawer.Show()
		p.details.set(assets.Text("gui.install.hide-log"))
	}
	p.relayout()
	if p.drawer.Visible() {
		p.scroll.reveal(p.drawer)
	}
}

// megabytes is a size as people read it, in units of a million bytes.
func megabytes(n int64) string {
	return assets.Text("gui.megabytes", "Size", decimal(n))
}
