package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"example.com/enrollment-assistant/assets"
)

// dialog is a question or a note over the page; Escape closes it.
type dialog struct {
	w     *Wizard
	popup *widget.PopUp
	next  *button // closes it
	other *button // may be nil
}

// open shows a dialog with the focus on what closes it. other, where it has a label, is a second thing to do.
func (w *Wizard) open(name, title string, lines []string, keep, other string, do func()) {
	if w.dialog != nil {
		return
	}
	d := &dialog{w: w}
	d.next = newButton(w.keys, keep, primary, d.close)
	content := newColumn(8, newTitle(title))
	for _, l := range lines {
		content.Add(newText(l, sizeBody, colorMuted))
	}
	foot := container.New(footLayout{}, d.next)
	if other != "" {
		d.other = newButton(w.keys, other, plain, func() {
			d.close()
			do()
		})
		foot.Objects = []fyne.CanvasObject{d.other, d.next}
	}
	content.Add(newInset(14, 0, 0, 0, foot))
	d.popup = widget.NewModalPopUp(container.New(fixedWidth{440}, newInset(22, 24, 20, 24, content)), w.win.Canvas())
	w.dialog = d
	d.popup.Show()
	w.win.Canvas().Focus(d.next)
	w.shown(name)
}

// close takes the dialog away; the focus is again where it was.
func (d *dialog) close() {
	d.w.dialog = nil
	d.popup.Hide()
}

// showAbout says what this program is, and what it is not.
func (w *Wizard) showAbout() {
	lines := append([]string{assets.Text("app.disclaimer")}, w.info.About...)
	w.open("about", assets.Text("app.name"), lines, assets.Text("gui.close"), "", nil)
}

// showStop asks whether to stop while the computer is being changed.
func (w *Wizard) showStop() {
	w.open("stop", assets.Text("gui.stop.title"), []string{assets.Text("gui.stop.text")}, assets.Text("gui.stop.keep"),
		assets.Text("gui.install.stop"), w.stop)
}

// footLayout puts the last object at the right and one before it at the left.
type footLayout struct{}

// Layout implements fyne.Layout.
func (footLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for i, b := range o {
		m := b.MinSize()
		x := float32(-8)
		if i == len(o)-1 {
			x = size.Width - m.Width
		}
		b.Resize(m)
		b.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
	}
}

// MinSize implements fyne.Layout.
func (footLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 42) }

// fixedWidth gives its object a width and the height that it needs at that.
type fixedWidth struct{ width float32 }

// Layout implements fyne.Layout.
func (fixedWidth) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

// MinSize implements fyne.Layout.
func (l fixedWidth) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.width, heightOf(o[0], l.width))
}
