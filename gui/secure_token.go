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
	p.page = newPage(steps.SecureToken, assets.Text("gui.secure-token.title"), assets.Text("gui.secure-token.lead"))
	p.back = w.backButton(func() {
		if p.password != nil {
			p.password.take()
		}
		a(steps.TokenAnswer{}, steps.ErrBack)
	})
	if len(q.Accounts) == 0 {
		none := newRow(newMark(signInfo), assets.Text("gui.secure-token.none"), assets.Text("gui.secure-token.none-note"))
		p.body.Add(newCard(none.box))
		p.next = newButton(w.keys, assets.Text("gui.secure-token.skip"), primary, skip)
		w.show(p.page)
		return
	}
	p.choose(w, q.Accounts)
	p.ask(w)
	if q.Retry != "" {
		p.body.Add(newCard(newRow(newMark(signCross), q.Retry, "").box))
	}
	p.skip = newLink(w.keys, assets.Text("gui.secure-token.skip"), skip)
	p.body.Add(newNoticeLink(newText(assets.Text("gui.secure-token.kept"), 13, colorText), p.skip))
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
	p.body.Add(newColumn(6, container.New(&headLayout{}, p.label, show), p.password))
	p.ready = p.name // another account may have been chosen before the language was
}

// name says whose password is asked for.
func (p *tokenPage) name() {
	p.password.name = assets.Text("gui.secure-token.password", "Name", p.accounts[p.chosen()].title.words)
	p.label.set(p.password.name)
}
