package gui

import (
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// tokenPage asks for the password of a macOS account that holds a SecureToken.
type tokenPage struct {
	*page
	accounts []*tick
	chosen   func() int
	label    *text // of the password: names the chosen account
	password *field
	caps     *text   // says that Caps Lock is on
	request  *button // shows the request to IT; nil where there is none
	skip     *button
}

// showToken asks for an account and its password.
func (w *Wizard) showToken(q steps.TokenQuestion, a answer[steps.TokenAnswer]) {
	w.entered(steps.SecureToken)
	p := &tokenPage{}
	skip := func() {
		if p.password != nil {
			p.password.take()
		}
		p.wait(assets.Text("gui.wait"))
		a(steps.TokenAnswer{Skip: true}, nil)
	}
	title := "gui.secure-token.title"
	if q.Own != "" {
		title = "gui.secure-token.title-other"
	}
	p.page = newPage(steps.SecureToken, assets.Text(title), assets.Text("gui.secure-token.lead"))
	p.back = w.backButton(func() {
		if p.password != nil {
			p.password.take()
		}
		a(steps.TokenAnswer{}, steps.ErrBack)
	})
	if len(q.Accounts) == 0 {
		none := newRow(newMark(signInfo), assets.Text("gui.secure-token.none"), assets.Text("gui.secure-token.none-note"))
		p.offer(w, none, q.Request)
		p.body.Add(newCard(none.box))
		p.next = newButton(w.keys, assets.Text("gui.secure-token.skip"), primary, skip)
		w.show(p.page)
		return
	}
	if q.Own != "" {
		own := newRow(newMark(signInfo), q.Own, assets.Text("gui.secure-token.own"))
		p.offer(w, own, q.Request)
		p.body.Add(newCard(own.box))
	}
	p.choose(w, q.Accounts)
	p.ask(w)
	if q.Retry != "" {
		p.body.Add(newCard(newRow(newMark(signCross), q.Retry, "").box))
	}
	p.skip = newLink(w.keys, assets.Text("gui.secure-token.skip"), skip)
	notice := assets.Text("gui.secure-token.kept")
	if q.Without != "" {
		notice = q.Without
	}
	p.body.Add(newNoticeLink(newText(notice, 13, colorText), p.skip))
	p.next = newButton(w.keys, assets.Text("gui.secure-token.next"), primary, func() {
		if p.password.Text == "" {
			w.win.Canvas().Focus(p.password)
			return
		}
		p.wait(assets.Text("gui.secure-token.working"))
		a(steps.TokenAnswer{Name: q.Accounts[p.chosen()].Name, Password: platform.NewSecret(p.password.take())}, nil)
	})
	p.focus = p.password
	w.show(p.page)
}

// offer adds the request to IT to the row that says why one is needed.
func (p *tokenPage) offer(w *Wizard, r *row, request *steps.Request) {
	if request != nil {
		r.link(w.keys, assets.Text("gui.request.show"), func() { w.showRequest(*request) })
		p.request = r.action
	}
}

// choose lists the accounts, of which one is chosen.
func (p *tokenPage) choose(w *Wizard, accounts []steps.Account) {
	names := make([]string, len(accounts))
	for i, account := range accounts {
		names[i] = account.Name
	}
	p.accounts, p.chosen = newChoices(w.keys, names)
	card := newCard()
	for i, t := range p.accounts {
		t.note.set(accounts[i].Note)
		t.offer, t.taken = assets.Text("gui.secure-token.use"), assets.Text("gui.secure-token.selected")
		choose := t.changed
		t.changed = func() {
			choose()
			p.name()
			w.win.Canvas().Focus(p.password) // whose password it is was just said
		}
		addRow(card, t)
	}
	p.body.Add(card)
}

// ask adds the field for the password.
func (p *tokenPage) ask(w *Wizard) {
	var show *button
	p.password, show = newHidden(w.keys, "")
	p.label = newText("", sizeBody, colorMuted)
	p.name()
	show.about = p.password.name
	p.caps = newText("", sizeNote, colorWarn)
	p.password.caps = func(on bool) {
		words := ""
		if on {
			words = assets.Text("gui.secure-token.caps")
		}
		if p.caps.words != words {
			p.caps.set(words)
			p.relayout()
		}
	}
	p.body.Add(newColumn(6, container.New(&headLayout{}, p.label, show), p.password, p.caps))
	p.ready = p.name // another account may have been chosen before the language was
}

// name says whose password is asked for.
func (p *tokenPage) name() {
	p.password.name = assets.Text("gui.secure-token.password", "Name", p.accounts[p.chosen()].title.words)
	p.label.set(p.password.name)
}
