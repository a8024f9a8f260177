package stub

import (
	"net/http"
	"strings"

	"example.com/enrollment-assistant/assets"
)

func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	return s.render(w, r, adminPage(a, "settings", "settings", assets.Text("web.settings.title"), struct{ MayChange, MayAnnounce bool }{
		can(a.Role, actSettings), can(a.Role, actAnnounce)}))
}

func (s *Server) saveSettings(w http.ResponseWriter, r *http.Request, a Admin) error {
	allowed := r.PostFormValue("allow") == "yes"
	if err := s.SetEnrollment(r.Context(), a, allowed); err != nil {
		return err
	}
	said := "saved_off"
	if allowed {
		said = "saved_on"
	}
	return done(w, r, "/admin/settings", said)
}

// announceData is what announce.html shows.
type announceData struct {
	Subject, Text, Wrong string
	Count                int
}

func (s *Server) announcePage(w http.ResponseWriter, r *http.Request, a Admin) error {
	if !can(a.Role, actAnnounce) {
		return ErrForbidden
	}
	org, err := s.Organization(r.Context())
	if err != nil {
		return err
	}
	return s.announceForm(w, r, a, http.StatusOK, announceData{Subject: assets.Text("web.announce.template_subject"),
		Text: assets.Text("web.announce.template", "Organization", org.Name)})
}

func (s *Server) announceForm(w http.ResponseWriter, r *http.Request, a Admin, status int, d announceData) error {
	users, err := s.Users(r.Context())
	if err != nil {
		return err
	}
	d.Count = len(users)
	p := adminPage(a, "settings", "announce", assets.Text("web.announce.title"), d)
	p.Status = status
	return s.render(w, r, p)
}

func (s *Server) announce(w http.ResponseWriter, r *http.Request, a Admin) error {
	d := announceData{Subject: strings.TrimSpace(r.PostFormValue("subject")), Text: strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n"))}
	if d.Subject == "" || d.Text == "" {
		d.Wrong = assets.Text("web.announce.empty")
		return s.announceForm(w, r, a, http.StatusBadRequest, d)
	}
	users, err := s.Users(r.Context())
	if err != nil {
		return err
	}
	if err := s.Announce(r.Context(), a, d.Subject, d.Text); err != nil {
		return err
	}
	return done(w, r, "/admin/settings", "announced", "Count", len(users))
}
