package stub

import (
	"net/http"

	"example.com/enrollment-assistant/assets"
)

func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	return s.render(w, r, adminPage(a, "settings", "settings", assets.Text("web.settings.title"), struct{ MayChange, MayAnnounce, Reports bool }{
		can(a.Role, actSettings), can(a.Role, actAnnounce), s.Settings().Reports}))
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

// saveReports switches the inbox for reports of failed enrollments on or off.
func (s *Server) saveReports(w http.ResponseWriter, r *http.Request, _ Admin) error {
	on := r.PostFormValue("reports") == "yes"
	if err := s.ChangeSettings(func(c *Settings) { c.Reports = on }); err != nil {
		return err
	}
	said := "reports_off"
	if on {
		said = "reports_on"
	}
	return done(w, r, "/admin/settings", said)
}
