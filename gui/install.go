package gui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// logLines is how many lines the log view keeps; the log file has them all.
const logLines = 300

// installPage is the list of what is being done. A bar is shown only where bytes are counted.
type installPage struct {
	*page
	w       *Wizard
	list    *fyne.Container
	rows    map[platform.Phase]*row
	states  map[platform.Phase]steps.PhaseState
	details *button
	drawer  *fyne.Container
	scroll  *container.Scroll
	log     *text
	lines   []string
}

// installPage gives the page, made when the first event needs it.
func (w *Wizard) installPage() *installPage {
	if w.install != nil {
		return w.install
	}
	p := &installPage{w: w, list: newCard(), rows: map[platform.Phase]*row{}, states: map[platform.Phase]steps.PhaseState{}}
	p.log = newText("", sizeNote, colorMuted)
	p.scroll = container.NewVScroll(newInset(10, 14, 10, 14, p.log))
	p.drawer = container.New(&drawer{200}, shade(colorRail, colorLine, 10), p.scroll)
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
var changing = []platform.Phase{platform.PhaseRunScript, platform.PhaseBootstrap, platform.PhaseInstallPackage, platform.PhaseStartService, platform.PhaseRegister}

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
		rows := p.list.Objects[1].(*fyne.Container)
		if len(rows.Objects) > 0 {
			rows.Add(shade(colorLine, "", 0))
		}
		rows.Add(r.box)
	}
	p.states[g.Phase] = g.State
	r.title.set(g.Title)
	signs := map[steps.PhaseState]sign{steps.PhaseWaiting: signIdle, steps.PhaseRunning: signBusy, steps.PhaseDone: signTick, steps.PhaseFailed: signCross}
	r.mark.set(signs[g.State])
	r.note.set(phaseNote(g))
	if g.Total > 0 && g.State == steps.PhaseRunning {
		r.bar.set(float64(g.Done) / float64(g.Total))
		r.bar.Show()
	} else {
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
	p.page.scroll.reveal(r.box)
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
func (p *installPage) output(line string) {
	p.lines = append(p.lines, strings.ReplaceAll(line, "`", "'"))
	if over := len(p.lines) - logLines; over > 0 {
		p.lines = p.lines[over:]
	}
	if p.drawer.Visible() {
		p.draw()
	}
}

func (p *installPage) draw() {
	p.log.set("`" + strings.Join(p.lines, "\n") + "`")
	p.scroll.Content.Resize(p.scroll.Content.MinSize())
	p.scroll.Refresh()
	p.scroll.ScrollToBottom()
}

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
		p.draw()
		p.page.scroll.reveal(p.drawer)
	}
}

// drawer has a height of its own.
type drawer struct{ height float32 }

func (d *drawer) heightFor([]fyne.CanvasObject, float32) float32 { return d.height }

// Layout implements fyne.Layout.
func (d *drawer) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	stacked{}.Layout(objects, size)
}

// MinSize implements fyne.Layout.
func (d *drawer) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, d.height) }

// megabytes is a size as people read it, in units of a million bytes.
func megabytes(n int64) string {
	return assets.Text("gui.megabytes", "Size", decimal(n))
}
