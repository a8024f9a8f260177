package stub

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/enrollment-assistant/assets"
)

// letterData is what letter.html shows: a mail that an admin writes, to whom, and how it will look.
type letterData struct {
	Action, Lead, Back, BackLabel string
	Subject, Text, Wrong          string
	Everyone                      bool // may be sent to everyone, and will be
	MayEveryone                   bool
	People                        []letterPerson
	Systems                       []letterChoice // of the request to install; none in an announcement
	Links                         []letterChoice
	Download                      string // address of the assistant
	Preview                       *Mail  // as the first of them gets it
	Count                         int    // who get it
}

// letterPerson is a user who may be chosen.
type letterPerson struct {
	User
	Name   string
	Chosen bool
}

// letterChoice is one of several.
type letterChoice struct {
	Value, Label string
	Chosen       bool
}

// askedSystems are what a user may have, as the form names it.
var askedSystems = []string{"macos", "windows", "linux"}

// helpArticle is the vendor's for users; the seed of a request to install names it.
const helpArticle = "https://jumpcloud.com/support/install-the-agent-from-the-user-portal"

// letter reads the form of either letter.
func (s *Server) letter(r *http.Request, d letterData) (letterData, []string, error) {
	d.Subject = strings.TrimSpace(r.PostFormValue("subject"))
	d.Text = strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n"))
	d.Everyone = d.MayEveryone && r.PostFormValue("who") != "some"
	return s.withPeople(r, d, r.PostForm["user"])
}

// withPeople fills in who may be chosen, and gives the IDs of those who are; none is everyone.
func (s *Server) withPeople(r *http.Request, d letterData, chosen []string) (letterData, []string, error) {
	all, err := s.Users(r.Context())
	if err != nil {
		return d, nil, err
	}
	var ids []string
	for _, u := range all {
		p := letterPerson{User: u, Name: u.displayName(), Chosen: slices.Contains(chosen, u.ID)}
		if p.Chosen && !d.Everyone {
			ids = append(ids, u.ID)
		}
		d.People = append(d.People, p)
	}
	if d.Count = len(ids); d.Everyone {
		d.Count = len(all)
	}
	return d, ids, nil
}

// wrong says what of a letter is missing; empty for nothing.
func (d letterData) wrong() string {
	switch {
	case d.Subject == "" || d.Text == "":
		return assets.Text("web.letter.empty")
	case d.Count == 0:
		return assets.Text("web.letter.nobody")
	}
	return ""
}

// preview fills in how the first of those who are chosen gets the letter.
func (d letterData) preview() letterData {
	for _, p := range d.People {
		if d.Everyone || p.Chosen {
			d.Preview = &Mail{To: p.Email, From: mailFrom, Subject: oneLine(d.Subject, 200), Text: personal(d.Text, p.User)}
			return d
		}
	}
	return d
}

func (s *Server) letterPage(w http.ResponseWriter, r *http.Request, a Admin, area, title string, status int, d letterData) error {
	p := adminPage(a, area, "letter", title, d)
	p.Status = status
	return s.render(w, r, p)
}

func announcement() letterData {
	return letterData{Action: "/admin/announce", Lead: assets.Text("web.announce.lead"), Back: "/admin/settings",
		BackLabel: assets.Text("web.settings.title"), MayEveryone: true, Everyone: true}
}

func (s *Server) announcePage(w http.ResponseWriter, r *http.Request, a Admin) error {
	if !can(a.Role, actAnnounce) {
		return ErrForbidden
	}
	org, err := s.Organization(r.Context())
	if err != nil {
		return err
	}
	d := announcement()
	d.Subject, d.Text = assets.Text("web.announce.template_subject"), assets.Text("web.announce.template", "Organization", org.Name)
	if d, _, err = s.withPeople(r, d, nil); err != nil {
		return err
	}
	return s.letterPage(w, r, a, "settings", assets.Text("web.announce.title"), http.StatusOK, d)
}

func (s *Server) announce(w http.ResponseWriter, r *http.Request, a Admin) error {
	d, ids, err := s.letter(r, announcement())
	if err != nil {
		return err
	}
	status := http.StatusOK
	switch d.Wrong = d.wrong(); {
	case d.Wrong != "":
		status = http.StatusBadRequest
	case r.PostFormValue("do") == "send":
		n, err := s.Announce(r.Context(), a, d.Subject, d.Text, ids...)
		if err != nil {
			return err
		}
		return done(w, r, "/admin/settings", "announced", "Count", n)
	default:
		d = d.preview()
	}
	return s.letterPage(w, r, a, "settings", assets.Text("web.announce.title"), status, d)
}

// request makes the form of a request to install: for one system, with the help article or the assistant's address.
func (s *Server) request(r *http.Request, system, with, download string) (letterData, error) {
	d := letterData{Action: "/admin/ask", Lead: assets.Text("web.ask.lead"), Back: "/admin/users", BackLabel: assets.Text("web.users.title"), Download: download}
	if !slices.Contains(askedSystems, system) {
		system = askedSystems[0]
	}
	for _, one := range askedSystems {
		d.Systems = append(d.Systems, letterChoice{one, assets.Text("web.ask.system." + one), one == system})
	}
	for _, one := range []string{"article", "assistant"} {
		d.Links = append(d.Links, letterChoice{one, assets.Text("web.ask.with." + one), one == with || one == "article" && with != "assistant"})
	}
	org, err := s.Organization(r.Context())
	if err != nil {
		return d, err
	}
	how := assets.Text("web.ask.how."+system, "Portal", s.Addresses().People+securityPath, "Article", helpArticle)
	if with == "assistant" {
		how = assets.Text("web.ask.how.assistant", "Download", download)
	}
	d.Subject, d.Text = assets.Text("web.ask.template_subject"), assets.Text("web.ask.template", "Organization", org.Name, "How", how)
	return d, nil
}

func (s *Server) askPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	if !can(a.Role, actAnnounce) {
		return ErrForbidden
	}
	q := r.URL.Query()
	d, err := s.request(r, q.Get("system"), q.Get("with"), q.Get("download"))
	if err == nil {
		d, _, err = s.withPeople(r, d, q["user"])
	}
	if err != nil {
		return err
	}
	return s.letterPage(w, r, a, "users", assets.Text("web.ask.title"), http.StatusOK, d)
}

// ask writes the text for what was chosen, shows how it looks, or sends it.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, a Admin) error {
	system, with, download := r.PostFormValue("system"), r.PostFormValue("with"), strings.TrimSpace(r.PostFormValue("download"))
	made, err := s.request(r, system, with, download)
	if err != nil {
		return err
	}
	d, ids, err := s.letter(r, made)
	if err != nil {
		return err
	}
	do, status := r.PostFormValue("do"), http.StatusOK
	if with == "assistant" && !webLink(download) {
		d.Wrong = assets.Text("web.ask.no_download")
	} else if do != "write" {
		d.Wrong = d.wrong()
	}
	switch {
	case d.Wrong != "":
		status = http.StatusBadRequest
	case do == "write":
		d.Subject, d.Text = made.Subject, made.Text
	case do == "send":
		n, err := s.AskToInstall(r.Context(), a, system, d.Subject, d.Text, ids...)
		if err != nil {
			return err
		}
		return done(w, r, "/admin/users", "asked", "Count", n)
	default:
		d = d.preview()
	}
	return s.letterPage(w, r, a, "users", assets.Text("web.ask.title"), status, d)
}

// webLink tells whether a text is an address that a mail may name.
func webLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(text, " \t\r\n")
}

// mailFile gives a mail as a file that mail programs open.
func (s *Server) mailFile(w http.ResponseWriter, r *http.Request, _ Admin) error {
	m, err := s.mail(r)
	if errors.Is(err, ErrNotFound) {
		return webError{http.StatusNotFound, "web.mail.gone", "/admin/outbox"}
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Disposition", `attachment; filename="mail.eml"`)
	_, _ = w.Write(m.Message()) // the browser went away
	return nil
}
