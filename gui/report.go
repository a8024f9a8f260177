package gui

import (
	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// paper is a dialog that shows a text for the help desk before it is saved or copied.
type paper struct {
	*dialog
	w           *Wizard
	kind        Kind
	text        string
	lead        *text
	reader      *reader
	copy, close *button
	status      *text
}

// showReport shows what can be sent to the help desk, from any page and during an install.
func (w *Wizard) showReport() {
	p := w.newPaper(Report, assets.Text("gui.report.title"), assets.Text("gui.report.lead"))
	p.say(assets.Text("gui.report.making"))
	p.show()
	w.report(func(text string, err error) {
		if err != nil {
			p.say(assets.Text("gui.report.failed", "Error", err))
			return
		}
		p.fill(text)
		p.say("")
	})
}

// showReceipt shows what the help desk needs to know of this computer.
func (w *Wizard) showReceipt(d steps.Device) {
	p := w.newPaper(Receipt, assets.Text("gui.receipt.title"), assets.Text("gui.receipt.lead"))
	p.fill(w.info.Receipt(d))
	p.show()
}

// showRequest shows what the person can send to IT, by their own mail program or by copying it.
func (w *Wizard) showRequest(r steps.Request) {
	p := w.newPaper(request, assets.Text("gui.request.title"), assets.Text("gui.request.lead"))
	p.fill(r.Subject + "\n\n" + r.Text)
	p.next = newButton(w.keys, assets.Text("gui.request.mail"), primary, func() {
		w.info.OpenURL(r.Mailto())
		p.say(assets.Text("gui.request.mailed"))
	})
	p.show()
}

func (w *Wizard) newPaper(kind Kind, title, lead string) *paper {
	p := &paper{w: w, kind: kind, lead: newText(lead, sizeBody, colorMuted), status: newText("", sizeNote, colorMuted)}
	p.reader = newReader(w.keys, title)
	p.dialog = w.newDialog(string(kind), title, "", p.lead, p.reader, p.status)
	p.width, p.focus = readerWidth, p.reader
	p.next = newButton(w.keys, assets.Text("gui.paper.save"), primary, p.save)
	p.close = newButton(w.keys, assets.Text("gui.close"), plain, p.dialog.close)
	p.copy = newButton(w.keys, assets.Text("gui.paper.copy"), plain, func() {
		w.info.SetClipboard(p.text)
		p.say(assets.Text("gui.paper.copied"))
	})
	p.others = []*button{p.close}
	if w.info.SetClipboard != nil {
		p.others = append(p.others, p.copy)
	}
	p.next.enable(false)
	p.copy.enable(false)
	return p
}

// fill shows the text, which can be saved and copied then.
func (p *paper) fill(text string) {
	p.text = text
	p.reader.set(text)
	p.next.enable(p.w.info.Save != nil)
	p.copy.enable(true)
}

// save writes the text to a file once, and says where.
func (p *paper) save() {
	p.next.Disable()
	if p.w.win.Canvas().Focused() == fyne.Focusable(p.next) {
		p.w.win.Canvas().Focus(p.close)
	}
	p.w.save(p.kind, p.text, func(path string, err error) {
		if err != nil {
			p.next.Enable()
			p.say(assets.Text("gui.paper.not-saved", "Error", err))
			return
		}
		p.say(assets.Text("gui.paper.saved", "Path", path))
	})
}

func (p *paper) say(sentence string) {
	p.status.set(sentence)
	p.relayout()
	if p.scroll != nil {
		p.scroll.reveal(p.status)
	}
}
