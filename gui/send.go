package gui

import (
	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// sending is a dialog that shows what would be told to the admins, and sends just that.
type sending struct {
	*dialog
	w           *Wizard
	text        string
	sent        bool
	reader      *reader
	log, serial *tick
	close       *button
	status      *text
}

// newSendLink offers to tell the admins of a problem; nil where no profile says how.
func (w *Wizard) newSendLink() fyne.CanvasObject {
	if w.info.Compose == nil || w.info.Send == nil {
		return nil
	}
	return newNoticeLink(newText(assets.Text("gui.send.why"), 13, colorText), newLink(w.keys, assets.Text("gui.send.show"), w.showSend))
}

// showSend shows what would be sent, as it is sent, and what can be added.
func (w *Wizard) showSend() {
	title := assets.Text("gui.send.title")
	p := &sending{w: w, status: newText("", sizeNote, colorMuted)}
	p.reader = newReader(w.keys, title)
	p.log = newTick(w.keys, assets.Text("gui.send.log"), "", p.compose)
	body := []fyne.CanvasObject{newText(assets.Text("gui.send.lead", "Host", w.info.SendTo), sizeBody, colorMuted), p.reader, p.log}
	if p.serial = newTick(w.keys, assets.Text("gui.send.serial"), "", p.compose); w.info.SerialNumber {
		body = append(body, p.serial)
	}
	p.dialog = w.newDialog("send", title, "", append(body, p.status)...)
	p.width, p.focus = readerWidth, p.reader
	p.next = newButton(w.keys, assets.Text("gui.send.send"), primary, p.send)
	p.close = newButton(w.keys, assets.Text("gui.close"), plain, p.dialog.close)
	p.others = []*button{p.close}
	p.show()
	p.compose()
}

// compose has the text made anew; nothing can be sent meanwhile.
func (p *sending) compose() {
	if p.sent {
		return
	}
	p.next.enable(false)
	add := steps.Extras{Log: p.log.on, SerialNumber: p.serial.on}
	p.w.compose(add, func(text string, err error) {
		if add.Log != p.log.on || add.SerialNumber != p.serial.on {
			return // another one is being made
		}
		if err != nil {
			p.say(assets.Text("gui.report.failed", "Error", err))
			return
		}
		p.text = text
		p.reader.set(text)
		p.next.enable(true)
		p.say("")
	})
}

// send sends what is shown, once, and says how that went.
func (p *sending) send() {
	p.next.Disable()
	p.w.win.Canvas().Focus(p.close)
	p.say(assets.Text("gui.wait"))
	p.w.send(p.text, func(problem *steps.Problem) {
		if p.sent = problem == nil; !p.sent {
			p.next.Enable()
			p.say(problem.Summary + ". " + problem.Hint)
			return
		}
		for _, o := range []fyne.CanvasObject{p.reader, p.log, p.serial} { // there is nothing left to do with them
			o.Hide()
		}
		p.say(assets.Text("gui.send.sent", "Host", p.w.info.SendTo))
	})
}

func (p *sending) say(sentence string) {
	p.status.set(sentence)
	p.relayout()
	if sentence != "" && p.scroll != nil {
		p.scroll.reveal(p.status)
	}
}
