package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// tokenPage asks for the password of a macOS account that holds a SecureToken.
type tokenPage struct {
	*page
	accounts []*tick
	password *field
	skip     *button
}

// showToken asks for an account and its password.
func (w *Wizard) showToken(q steps.TokenQuestion, a answer[steps.TokenAnswer]) {
	w.entered(steps.SecureToken)
	p := &tokenPage{}
	names := make([]string, len(q.Accounts))
	for i, account := range q.Accounts {
		names[i] = account.Name
	}
	accounts, chosen := newChoices(w.keys, names)
	p.accounts = accounts
	rows := make([]fyne.CanvasObject, len(accounts))
	for i, t := range accounts {
		rows[i] = t
	}
	var show *button
	p.password, show = newHidden(w.keys, assets.Text("gui.secure-token.password"))
	p.skip = newLink(w.keys, assets.Text("gui.secure-token.skip"), func() {
		p.password.take()
		p.wait(assets.Text("gui.wait"))
		a(steps.TokenAnswer{Skip: true}, nil)
	})
	body := []fyne.CanvasObject{newCard(rows...), labelled(p.password, show)}
	if q.Retry != "" {
		body = append(body, newCard(newRow(newMark(signCross), q.Retry, "").box))
	}
	body = append(body, newNotice(newText(assets.Text("gui.secure-token.kept"), 13, colorText)),
		newInset(0, -5, 0, 0, container.New(leading{}, p.skip)))
	p.page = newPage(steps.SecureToken, assets.Text("gui.secure-token.title"), assets.Text("gui.secure-token.lead"), body...)
	p.next = newButton(w.keys, assets.Text("gui.secure-token.next"), primary, func() {
		if p.password.Text == "" || len(q.Accounts) == 0 {
			w.win.Canvas().Focus(p.password)
			return
		}
		p.wait(assets.Text("gui.secure-token.working"))
		a(steps.TokenAnswer{Name: q.Accounts[chosen()].Name, Password: platform.NewSecret(p.password.take())}, nil)
	})
	p.back = w.backButton(func() {
		p.password.take()
		a(steps.TokenAnswer{}, steps.ErrBack)
	})
	p.focus = p.password
	w.show(p.page)
}
