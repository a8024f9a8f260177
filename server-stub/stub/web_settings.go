package stub

import (
	"net/http"

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
