package stub

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/enrollment-assistant/assets"
)

func (s *Server) adminHome(w http.ResponseWriter, r *http.Request) error {
	to := "/admin/devices"
	if _, ok := s.adminSession(r); !ok {
		to = "/admin/signin"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) adminSignInPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if _, ok := s.adminSession(r); ok {
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // localPath leads nowhere else
		return nil
	}
	return s.adminSignInForm(w, r, http.StatusOK, signInData{Next: next})
}

func (s *Server) adminSignInForm(w http.ResponseWriter, r *http.Request, status int, d signInData) error {
	d.Action = "/admin/signin"
	return s.render(w, r, page{Name: "signin", Portal: portalAdmin, Status: status, Title: assets.Text("web.signin.admin_title"), Data: d})
}

func (s *Server) adminSignIn(w http.ResponseWriter, r *http.Request) error {
	email, next := strings.TrimSpace(r.PostFormValue("email")), localPath(r.PostFormValue("next"))
	_, err := s.signInAdmin(w, r, email, r.PostFormValue("password"))
	if err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	status, wrong, err := signInProblem(err, "web.signin.wrong")
	if err != nil {
		return err
	}
	return s.adminSignInForm(w, r, status, signInData{Email: email, Next: next, Wrong: wrong})
}

func (s *Server) adminSignOut(w http.ResponseWriter, r *http.Request) error {
	s.signOut(w, r, portalAdmin)
	http.Redirect(w, r, "/admin/signin", http.StatusSeeOther)
	return nil
}

// adminPage fills in what every page of the Admin Portal shows.
func adminPage(a Admin, area, name, title string, data any) page {
	p := page{Name: name, Portal: portalAdmin, Title: title, Person: a.displayName(), Role: roleText("web.role.", a.Role), Data: data}
	for _, item := range []string{"devices", "users", "admins", "settings", "outbox", "failures"} {
		p.Menu = append(p.Menu, menuItem{Path: "/admin/" + item, Icon: item, Label: assets.Text("web." + item + ".title"), Current: item == area})
	}
	return p
}

func roleText(prefix string, r Role) string {
	return assets.Text(prefix + strings.ReplaceAll(string(r), " ", "_"))
}

// peopleData is what people.html shows; the first cell of a row names it.
type peopleData struct {
	Lead    string
	Columns []string
	Rows    [][]string
}

func texts(keys ...string) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = assets.Text(k)
	}
	return list
}

func (s *Server) adminsPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	admins, err := s.Admins(r.Context())
	if err != nil {
		return err
	}
	d := peopleData{Lead: assets.Text("web.admins.lead"), Columns: texts("web.people.name", "web.people.email", "web.people.role", "web.people.may")}
	for _, one := range admins {
		d.Rows = append(d.Rows, []string{one.displayName(), one.Email, roleText("web.role.", one.Role), roleText("web.may.", one.Role)})
	}
	return s.render(w, r, adminPage(a, "admins", "people", assets.Text("web.admins.title"), d))
}

func (s *Server) outboxPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	mails, err := s.Outbox(r.Context())
	if err != nil {
		return err
	}
	slices.Reverse(mails)
	return s.render(w, r, adminPage(a, "outbox", "outbox", assets.Text("web.outbox.title"), mails))
}

// mailData is what mail.html shows: a mail whose links to this server can be followed.
type mailData struct {
	Mail
	Parts []mailPart
	Relay string // what became of it at the relay; empty where there is none
}

type mailPart struct{ Text, Path string }

func (s *Server) mailPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	m, err := s.mail(r)
	if errors.Is(err, ErrNotFound) {
		return webError{http.StatusNotFound, "web.mail.gone", "/admin/outbox"}
	}
	if err != nil {
		return err
	}
	all, err := s.relayed(r.Context())
	if err != nil {
		return err
	}
	d := mailData{Mail: m, Parts: s.mailParts(m.Text)}
	if failed, tried := all[m.ID]; tried && failed != "" {
		d.Relay = assets.Text("web.mail.relay_failed", "Why", failed)
	} else if tried {
		d.Relay = assets.Text("web.mail.relay_took")
	}
	return s.render(w, r, adminPage(a, "outbox", "mail", m.Subject, d))
}

// mail finds the mail that a path names.
func (s *Server) mail(r *http.Request) (Mail, error) {
	mails, err := s.Outbox(r.Context())
	if err != nil {
		return Mail{}, err
	}
	for _, m := range mails {
		if strconv.FormatInt(m.ID, 10) == r.PathValue("id") {
			return m, nil
		}
	}
	return Mail{}, ErrNotFound
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)

// mailParts cuts a mail into text and the links that lead to this server; others stay text.
func (s *Server) mailParts(text string) []mailPart {
	a := s.Addresses()
	var parts []mailPart
	for {
		at := webAddress.FindStringIndex(text)
		if at == nil {
			return append(parts, mailPart{Text: text})
		}
		link := mailPart{Text: text[at[0]:at[1]]}
		if u, err := url.Parse(link.Text); err == nil {
			if base := u.Scheme + "://" + u.Host; base == a.People || base == a.Console {
				link.Path = u.RequestURI()
			}
		}
		parts = append(parts, mailPart{Text: text[:at[0]]}, link)
		text = text[at[1]:]
	}
}

func (s *Server) noPage(http.ResponseWriter, *http.Request, Admin) error {
	return webError{http.StatusNotFound, "web.error.nothing", "/admin/devices"}
}

// startItem is one of the places that the start page leads to.
type startItem struct{ Path, Icon, Label, Note string }

// startData is what start.html shows.
type startData struct {
	Places   []startItem
	Accounts []demoAccount
}

func (s *Server) startPage(w http.ResponseWriter, r *http.Request) error {
	list := []startItem{
		{securityPath, "security", assets.Text("web.portal.user"), assets.Text("web.start.user_note")},
		{"/admin", "devices", assets.Text("web.portal.admin"), assets.Text("web.start.admin_note")},
		{"/admin/outbox", "outbox", assets.Text("web.start.outbox"), assets.Text("web.start.outbox_note")},
	}
	var accounts []demoAccount
	if r.TLS == nil { // others may reach the TLS port
		var err error
		if accounts, err = s.demoAccounts(r.Context()); err != nil {
			return err
		}
		list = slices.Insert(list, 2, startItem{"/_qa/phone", "phone", assets.Text("web.start.phone"), assets.Text("web.start.phone_note")})
		list = append(list, startItem{consolePath, "console", assets.Text("web.start.console"), assets.Text("web.start.console_note")})
	}
	return s.render(w, r, page{Name: "start", Wide: true, Title: assets.Text("web.start.title"), Data: startData{list, accounts}})
}

// phoneData is what phone.html shows.
type phoneData struct {
	XSRF      string
	Questions []phoneEntry // who is asked whether it is them
	Codes     []phoneEntry
}

// phoneEntry is one account of the authenticator app; Left is in seconds.
type phoneEntry struct {
	ID, Name, Email, Code string
	Left                  int
}

// phonePage plays the phone. It is for people at this computer only, so the TLS port does not have it.
func (s *Server) phonePage(w http.ResponseWriter, r *http.Request) error {
	if r.TLS != nil {
		return ErrNotFound
	}
	users, err := s.Users(r.Context())
	if err != nil {
		return err
	}
	d := phoneData{XSRF: s.xsrf(w, r, portalUser)}
	now := s.now()
	for _, p := range s.pushes.waiting(now) {
		if i := slices.IndexFunc(users, func(u User) bool { return u.ID == p.UserID }); i >= 0 {
			d.Questions = append(d.Questions, phoneEntry{ID: p.UserID, Name: users[i].displayName(), Email: users[i].Email, Left: int(p.ExpiresAt.Sub(now).Seconds())})
		}
	}
	for _, u := range users {
		code, left, err := s.TOTPNow(r.Context(), u.ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		d.Codes = append(d.Codes, phoneEntry{u.ID, u.displayName(), u.Email, code, int(left.Seconds())})
	}
	return s.render(w, r, page{Name: "phone", Title: assets.Text("web.phone.title"), Data: d})
}
