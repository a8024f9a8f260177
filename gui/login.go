package gui

import (
	"net/url"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// loginPage is the sign-in: in the browser, or, where a protected profile says how a key is issued, in the window.
type loginPage struct {
	*page
	email, password, code *field
	here, haveKey         *button
}

// showLogin asks how the person signs in.
func (w *Wizard) showLogin(q steps.LoginQuestion, a answer[steps.LoginAnswer]) {
	w.entered(steps.Login)
	if q.Wizard && (q.Retry != "" || len(q.Factors) > 0 || w.draft.fields(steps.Login)) {
		w.showSignIn(q, a)
		return
	}
	p := &loginPage{}
	host := hostOf(q.PortalURL)
	second := newRow(newNumber("2"), assets.Text("gui.login.section"), assets.Text("gui.login.section-note"))
	if w.info.Help.Email != "" {
		second.link(w.keys, assets.Text("gui.login.tell"), func() { w.info.OpenURL(askForSection(w.info.Help.Email)) })
	}
	card := newCard(
		newRow(newNumber("1"), assets.Text("gui.login.portal", "Host", host), assets.Text("gui.login.portal-note")).box,
		second.box,
		newRow(newNumber("3"), assets.Text("gui.login.copy"), assets.Text("gui.login.copy-note")).box)
	p.haveKey = newLink(w.keys, assets.Text("gui.login.have-key"), func() {
		w.signedIn = false
		p.wait("")
		a(steps.LoginAnswer{HaveKey: true}, nil)
	})
	links := []fyne.CanvasObject{container.New(leading{}, p.haveKey)}
	if q.Wizard {
		p.here = newLink(w.keys, assets.Text("gui.login.here"), func() { w.showSignIn(q, a) })
		links = append(links, container.New(leading{}, p.here))
	}
	p.page = newPage(steps.Login, assets.Text("gui.login.title"), assets.Text("gui.login.lead"),
		card, newInset(0, -5, 0, 0, newColumn(4, links...)))
	if q.Retry != "" {
		p.status.words = q.Retry
	}
	p.next = newButton(w.keys, assets.Text("gui.login.open"), primary, func() {
		w.signedIn = false
		p.wait(assets.Text("gui.login.opening"))
		a(steps.LoginAnswer{Browser: true}, nil)
	})
	p.back = w.backButton(func() { a(steps.LoginAnswer{}, steps.ErrBack) })
	w.login = p
	w.show(p.page)
}

// askForSection is a mail to the help desk.
func askForSection(email string) string {
	text := url.Values{"subject": {assets.Text("gui.login.mail-subject")}, "body": {assets.Text("gui.login.mail-body")}}
	// RFC 6068 wants %20: a plus sign stays one in a mail.
	return "mailto:" + url.PathEscape(email) + "?" + strings.ReplaceAll(text.Encode(), "+", "%20")
}

// showSignIn asks for email and password, or for the code of the second factor.
func (w *Wizard) showSignIn(q steps.LoginQuestion, a answer[steps.LoginAnswer]) {
	p := &loginPage{}
	var fields []fyne.CanvasObject
	var show *button
	host := hostOf(q.PortalURL)
	if len(q.Factors) > 0 {
		p.code = newField(w.keys, assets.Text("gui.sign-in.code"))
		fields = append(fields, labelled(p.code, nil))
	} else {
		p.email = newField(w.keys, assets.Text("gui.sign-in.email"))
		p.email.Text = w.email
		p.password, show = newHidden(w.keys, assets.Text("gui.sign-in.password"))
		fields = append(fields, labelled(p.email, nil), labelled(p.password, show))
	}
	if q.Retry != "" {
		r := newRow(newMark(signCross), q.Retry, "")
		fields = append([]fyne.CanvasObject{newCard(r.box)}, fields...)
	}
	if p.code == nil {
		browser := newLink(w.keys, assets.Text("gui.sign-in.browser"), func() {
			w.showLogin(steps.LoginQuestion{PortalURL: q.PortalURL, Wizard: q.Wizard}, a)
		})
		fields = append(fields, newInset(0, -5, 0, 0, container.New(leading{}, browser)))
	}
	lead := assets.Text("gui.sign-in.lead", "Host", host)
	if p.code != nil {
		lead = assets.Text("gui.sign-in.code-lead")
	}
	p.page = newPage(steps.Login, assets.Text("gui.sign-in.title"), lead, fields...)
	p.next = newButton(w.keys, assets.Text("gui.sign-in.next"), primary, func() { p.submit(w, a) })
	p.back = w.backButton(func() { a(steps.LoginAnswer{}, steps.ErrBack) })
	switch {
	case p.code != nil:
		p.focus = p.code
	case w.email != "":
		p.focus = p.password
	default:
		p.focus = p.email
	}
	w.login = p
	w.show(p.page)
}

// submit answers when everything is filled in, else goes to what is missing.
func (p *loginPage) submit(w *Wizard, a answer[steps.LoginAnswer]) {
	for _, f := range []*field{p.email, p.password, p.code} {
		if f != nil && f.Text == "" {
			w.win.Canvas().Focus(f)
			return
		}
	}
	w.signedIn = true
	p.wait(assets.Text("gui.sign-in.working"))
	if p.code != nil {
		a(steps.LoginAnswer{OTP: platform.NewSecret(p.code.take())}, nil)
		return
	}
	w.email = p.email.Text
	a(steps.LoginAnswer{Email: w.email, Password: platform.NewSecret(p.password.take())}, nil)
}

// backButton is what goes to the step before.
func (w *Wizard) backButton(do func()) *button {
	return newButton(w.keys, assets.Text("gui.back"), plain, do)
}
