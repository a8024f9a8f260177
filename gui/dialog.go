package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"example.com/enrollment-assistant/assets"
)

// dialog is a question or a note over the page; Escape closes it, and the page below is as it was. It is a plain
// container on the canvas: Fyne hands what lies in its own popups to no screen reader.
type dialog struct {
	w      *Wizard
	name   string
	title  *text
	body   *fyne.Container
	next   *button // what Enter does
	others []*button
	focus  fyne.Focusable // nil: next
	before fyne.Focusable // what had the focus on the page
	page   *page          // that the dialog was opened over
	width  float32

	scroll  *fitScroll
	foot    *fyne.Container
	panel   *fyne.Container
	overlay *fyne.Container
}

// Widths of dialogs, in logical pixels.
const (
	dialogWidth = 484
	readerWidth = 640 // a dialog that shows a longer text
)

// newDialog makes a dialog; its maker adds the rest. What closes it is next until that is set to something else.
func (w *Wizard) newDialog(name, title, closes string, body ...fyne.CanvasObject) *dialog {
	d := &dialog{w: w, name: name, title: newTitle(title), body: newColumn(12, body...), width: dialogWidth}
	d.next = newButton(w.keys, closes, primary, d.close)
	return d
}

// show opens the dialog, unless another one is open.
func (d *dialog) show() {
	if d.w.dialog != nil {
		return
	}
	d.scroll = newFitScroll(newInset(ringRoom, ringRoom, ringRoom, ringRoom, d.body))
	d.foot = container.New(footLayout{})
	for _, b := range d.others {
		d.foot.Add(b)
	}
	d.foot.Add(d.next)
	d.panel = container.New(&dialogLayout{d}, shade(theme.ColorNameOverlayBackground, colorLine, 12), d.title, d.scroll.holder, d.foot)
	d.overlay = container.New(&modal{d}, shade(colorVeil, "", 0), d.panel)
	d.w.dialog = d
	c := d.w.win.Canvas()
	d.before, d.page = c.Focused(), d.w.current
	c.Unfocus() // one thing has the focus, and looks like it
	c.Overlays().Add(d.overlay)
	if d.focus == nil {
		d.focus = d.next
	}
	c.Focus(d.focus)
	d.w.shown(d.name)
}

// close takes the dialog away; the focus is again where it was, or where the work is on a page that came meanwhile.
func (d *dialog) close() {
	if d.w.dialog != d {
		return
	}
	d.w.dialog = nil
	d.w.win.Canvas().Overlays().Remove(d.overlay)
	if o, ok := d.before.(fyne.CanvasObject); ok && d.page == d.w.current && d.w.has(o) {
		d.w.win.Canvas().Focus(d.before)
		return
	}
	d.w.focus()
}

// has tells whether an object is in the window now.
func (w *Wizard) has(o fyne.CanvasObject) bool {
	_, found := within(w.all, o)
	if !found && w.current.scroll != nil {
		_, found = within(w.current.scroll.body, o)
	}
	return found
}

// relayout is for when the content changed.
func (d *dialog) relayout() {
	if d.overlay != nil {
		d.overlay.Refresh()
	}
}

// message opens a dialog of a few sentences. other, where it has a label, is a second thing to do.
func (w *Wizard) message(name, title string, lines []string, keep, other string, do func()) {
	d := w.newDialog(name, title, keep)
	for _, l := range lines {
		d.body.Add(newText(l, sizeBody, colorMuted))
	}
	if other != "" {
		d.others = append(d.others, newButton(w.keys, other, plain, func() {
			d.close()
			do()
		}))
	}
	d.show()
}

// showAbout says what this program is, and what it is not.
func (w *Wizard) showAbout() {
	lines := []string{assets.Text("app.disclaimer")}
	if w.info.About != nil {
		lines = append(lines, w.info.About()...)
	}
	zoom := "gui.about.zoom"
	if w.info.Mac {
		zoom = "gui.about.zoom-mac"
	}
	lines = append(lines, assets.Text(zoom))
	w.message("about", assets.Text("app.name"), lines, assets.Text("gui.close"), "", nil)
}

// showStop asks whether to stop while the computer is being changed.
func (w *Wizard) showStop() {
	w.message("stop", assets.Text("gui.stop.title"), []string{assets.Text("gui.stop.text")}, assets.Text("gui.stop.keep"),
		assets.Text("gui.install.stop"), w.stop)
}

// showClose asks whether to close where something typed would be lost.
func (w *Wizard) showClose() {
	w.message("close", assets.Text("gui.lose.title"), []string{assets.Text("gui.lose.text")}, assets.Text("gui.stop.keep"),
		assets.Text("gui.close"), w.leave)
}
