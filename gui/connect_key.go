package gui

import (
	"strings"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// keyPage asks for the connect key and judges it while the person types.
type keyPage struct {
	*page
	q        steps.KeyQuestion
	portal   *row
	key      *field
	show     *button
	paste    *button         // on a Mac only
	judgment *fyne.Container // the card of wrong
	wrong    *row
	notice   *text
	opened   bool
	copied   string // what came out of the clipboard
}

// clipboardMost is the longest text that a key is looked for in, in bytes.
const clipboardMost = 4096

// showKey asks for the connect key.
func (w *Wizard) showKey(q steps.KeyQuestion, a answer[platform.Secret]) {
	w.entered(steps.ConnectKey)
	p := newKeyPage(w, q)
	p.next = newButton(w.keys, assets.Text("gui.continue"), primary, func() {
		p.wait(assets.Text("gui.wait"))
		w.used = usedKey{}
		if p.key.pasted || p.copied != "" && p.copied == p.key.Text {
			w.remember(p.key.Text, q.Check)
		}
		p.copied = ""
		a(platform.NewSecret(p.key.take()), nil)
	})
	p.back = w.backButton(func() {
		p.key.take()
		a(platform.Secret{}, steps.ErrBack)
	})
	p.judge()
	if q.Retry != nil {
		p.refuse(q.Retry)
	}
	w.key = p
	w.show(p.page)
}

func newKeyPage(w *Wizard, q steps.KeyQuestion) *keyPage {
	p := &keyPage{q: q, opened: q.Opened || w.opened}
	p.portal = newRow(newMark(signGo), "", "")
	open := func() {
		p.opened, w.opened = true, true
		p.point(w)
		w.info.OpenURL(q.PortalURL)
	}
	p.portal.link(w.keys, assets.Text("gui.login.open"), open)
	p.point(w)
	p.key, p.show = newHidden(w.keys, assets.Text("gui.connect-key.label"))
	p.key.OnChanged = func(string) { p.judge() }
	links := []*button{p.show}
	if w.info.Mac && w.info.Clipboard != nil {
		p.paste = newLink(w.keys, assets.Text("gui.connect-key.paste"), func() { p.pasteKey(w) })
		links = append(links, p.paste)
	}
	p.wrong = newRow(newMark(signCross), "", "")
	p.judgment = newCard(p.wrong.box)
	p.notice = newText("", 13, colorText)
	p.page = newPage(steps.ConnectKey, assets.Text("gui.connect-key.title"), assets.Text("gui.connect-key.lead"),
		newCard(p.portal.box), labelled(p.key, links...), p.judgment, newNotice(p.notice))
	p.focus = p.key
	return p
}

// point says where the key is to be had.
func (p *keyPage) point(w *Wizard) {
	title, note, label := "gui.connect-key.portal", "gui.connect-key.portal-note", "gui.login.open"
	if p.opened {
		title, note, label = "gui.connect-key.opened", "gui.connect-key.opened-note", "gui.connect-key.open-again"
		if w.info.Mac {
			note = "gui.connect-key.opened-note-mac"
		}
	}
	p.portal.title.set(assets.Text(title, "Host", hostOf(p.q.PortalURL)))
	p.portal.note.set(assets.Text(note))
	p.portal.link(w.keys, assets.Text(label), p.portal.action.do)
	if p.page != nil {
		p.relayout()
	}
}

// judge says what the text is, without asking anyone: only the server makes a key valid.
func (p *keyPage) judge() {
	entered := p.key.Text
	if entered == "" {
		p.enableNext(false)
		p.verdict(assets.Text("gui.connect-key.caution"), nil)
		return
	}
	key, problem := p.q.Check(entered)
	if problem != nil {
		p.refuse(problem)
		return
	}
	host := hostOf(key.KickstartURL)
	if key.KickstartURL == "" && len(p.q.Hosts) > 0 {
		host = p.q.Hosts[0]
	}
	value := key.Value.Reveal()
	p.enableNext(true)
	p.verdict(assets.Text("gui.connect-key.good", "Host", host, "End", value[max(0, len(value)-4):]), nil)
}

// refuse says what is wrong with the key.
func (p *keyPage) refuse(problem *steps.Problem) {
	p.enableNext(false)
	p.verdict(assets.Text("gui.connect-key.caution"), problem)
}

func (p *keyPage) enableNext(yes bool) {
	if p.next != nil {
		p.next.enable(yes)
	}
}

// verdict shows what to know about the key and, below the field, what is wrong with it.
func (p *keyPage) verdict(notice string, problem *steps.Problem) {
	p.notice.set(notice)
	if problem == nil {
		p.judgment.Hide()
	} else {
		p.wrong.title.set(problem.Summary)
		p.wrong.note.set(problem.Hint)
		p.judgment.Show()
	}
	p.relayout()
}

// pickUp takes a key from the clipboard: only after the person opened the portal from here, only into an empty field,
// and it is used only after Continue.
func (p *keyPage) pickUp(w *Wizard) {
	if !p.opened || p.key.Text != "" || w.info.Clipboard == nil {
		return
	}
	copied := w.info.Clipboard()
	if copied == "" || len(copied) > clipboardMost {
		return
	}
	if _, problem := p.q.Check(copied); problem != nil {
		return
	}
	p.copied = copied
	p.key.put(copied)
	p.say(assets.Text("gui.connect-key.picked-up"))
	w.win.Canvas().Focus(p.key)
}

// pasteKey puts what the clipboard holds into the field, where it is judged as if it had been typed. A Mac asks for
// this instead of picking the key up: macOS tells the person, or asks, when a program looks at the clipboard unasked
// (https://developer.apple.com/documentation/appkit/nspasteboard/accessbehavior-swift.property).
func (p *keyPage) pasteKey(w *Wizard) {
	copied := strings.TrimSpace(w.info.Clipboard())
	switch {
	case copied == "":
		p.say(assets.Text("gui.connect-key.nothing"))
		return
	case len(copied) > clipboardMost:
		p.say(assets.Text("gui.connect-key.too-long"))
		return
	}
	p.copied = copied
	p.key.put(copied)
	p.say("")
	w.win.Canvas().Focus(p.key)
}
