package stub

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/enrollment-assistant/assets"
)

// webRoutes adds the pages that people use in a browser to a mux (plain loopback and public TLS alike).
func (s *Server) webRoutes(mux *http.ServeMux) {
	static, err := fs.Sub(assets.Stub, "web")
	if err != nil {
		static = assets.Stub // "web" is a valid path, so this cannot happen
	}
	for _, name := range []string{"style.css", "web.js"} {
		mux.HandleFunc("GET /static/"+name, func(w http.ResponseWriter, r *http.Request) { serveStatic(w, r, static, name) })
	}
	mux.HandleFunc("GET /static/icon.png", func(w http.ResponseWriter, r *http.Request) { serveStatic(w, r, assets.Files, "icon.png") })

	mux.HandleFunc("GET /{$}", s.show(s.startPage))
	mux.HandleFunc("GET /live", s.serveLive)
	s.consoleRoutes(mux)
	mux.HandleFunc("GET /_qa/phone", s.show(s.phonePage))
	mux.HandleFunc("POST /_qa/phone", s.post(portalUser, s.phoneAnswer))

	mux.HandleFunc("GET /userconsole", s.show(s.portalPage))
	mux.HandleFunc("GET /userconsole/{$}", s.show(s.portalPage))
	mux.HandleFunc("POST /userconsole/signin", s.post(portalUser, s.portalSignIn))
	mux.HandleFunc("POST /userconsole/code", s.post(portalUser, s.portalCode))
	mux.HandleFunc("POST /userconsole/key", s.post(portalUser, s.portalKey))
	mux.HandleFunc("POST /userconsole/signout", s.post(portalUser, s.portalSignOut))

	mux.HandleFunc("GET /admin", s.show(s.adminHome))
	mux.HandleFunc("GET /admin/{$}", s.show(s.adminHome))
	mux.HandleFunc("GET /admin/signin", s.show(s.adminSignInPage))
	mux.HandleFunc("POST /admin/signin", s.post(portalAdmin, s.adminSignIn))
	mux.HandleFunc("POST /admin/signout", s.post(portalAdmin, s.adminSignOut))
	for path, page := range map[string]adminFunc{
		"devices": s.devicesPage, "devices/{id}": s.devicePage, "devices/{id}/delete": s.deletePage,
		"users": s.usersPage, "admins": s.adminsPage, "settings": s.settingsPage, "announce": s.announcePage,
		"outbox": s.outboxPage, "outbox/{id}": s.mailPage, "outbox/{id}/mail.eml": s.mailFile, "ask": s.askPage,
		"failures": s.failuresPage, "failures/{id}": s.failurePage, "{rest...}": s.noPage,
	} {
		mux.HandleFunc("GET /admin/"+path, s.show(s.asAdmin("", page)))
	}
	for _, p := range []struct {
		path, act string
		do        adminFunc
	}{
		{"devices/{id}/bind", actBind, s.bind}, {"devices/{id}/unbind", actBind, s.unbind}, {"devices/{id}/delete", actDelete, s.deleteDevice},
		{"settings", actSettings, s.saveSettings}, {"announce", actAnnounce, s.announce}, {"ask", actAnnounce, s.ask},
		{"settings/reports", actSettings, s.saveReports}, {"failures/delete", actBind, s.deleteFailures},
	} {
		mux.HandleFunc("POST /admin/"+p.path, s.post(portalAdmin, s.asAdmin(p.act, p.do)))
	}
}

func serveStatic(w http.ResponseWriter, r *http.Request, from fs.FS, name string) {
	webHeaders(w)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, from, name)
}

// page is what layout.html shows; Data is the page's own.
type page struct {
	Name         string // of the template: "devices" is assets/web/devices.html
	Title        string
	Portal       portal // empty: neither
	Status       int    // zero is 200
	Wide         bool
	Organization Organization
	Menu         []menuItem // empty: a page that stands alone
	Person, Role string     // who is signed in
	XSRF         string
	Flash        *flash
	Stream       string // what its parts follow; empty is /live
	Data         any
}

type menuItem struct {
	Path, Icon, Label string
	Current           bool
}

// Home is where the organization's name leads to.
func (p page) Home() string {
	switch p.Portal {
	case portalUser:
		return "/userconsole"
	case portalAdmin:
		return "/admin"
	}
	return "/"
}

// SignOut is where the form of that name goes.
func (p page) SignOut() string { return p.Home() + "/signout" }

// PortalName is the name of the portal for people.
func (p page) PortalName() string {
	switch p.Portal {
	case portalUser:
		return assets.Text("web.portal.user")
	case portalAdmin:
		return assets.Text("web.portal.admin")
	}
	return assets.Text("web.portal.none")
}

// Initial stands in for a logo.
func (p page) Initial() string {
	for _, r := range p.Organization.Name {
		return strings.ToUpper(string(r))
	}
	return "?"
}

// webTime is a time for people, in this computer's zone, which is that of the browser on loopback.
func webTime(t time.Time) string {
	if t.IsZero() {
		return assets.Text("web.never")
	}
	return t.Local().Format("2 Jan 2006, 15:04 MST")
}

// webSize is a number of bytes for people.
func webSize(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// webTemplates holds every page with the layout, parsed once, by its name.
var webTemplates = sync.OnceValues(func() (map[string]*template.Template, error) {
	funcs := template.FuncMap{"t": assets.Text, "when": webTime, "stamp": when, "clock": func(t time.Time) string { return t.UTC().Format(consoleTime) }, "size": webSize}
	layout, err := template.New("").Funcs(funcs).ParseFS(assets.Stub, "web/layout.html", "web/icons.html", "web/bound.html")
	if err != nil {
		return nil, fmt.Errorf("reading the layout: %w", err)
	}
	names, err := fs.Glob(assets.Stub, "web/*.html")
	if err != nil {
		return nil, fmt.Errorf("listing the pages: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, name := range names {
		one, err := layout.Clone()
		if err == nil {
			_, err = one.ParseFS(assets.Stub, name)
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		pages[strings.TrimSuffix(strings.TrimPrefix(name, "web/"), ".html")] = one
	}
	return pages, nil
})

// render writes a page. It fills in what every page shows and takes the flash off the browser.
func (s *Server) render(w http.ResponseWriter, r *http.Request, p page) error {
	all, err := webTemplates()
	if err != nil {
		return err
	}
	if p.Organization.ID == "" {
		if p.Organization, err = s.Organization(r.Context()); err != nil {
			return err
		}
	}
	if p.Portal != "" {
		p.XSRF = s.xsrf(w, r, p.Portal)
	}
	if p.Flash == nil && !follows(r) {
		p.Flash = takeFlash(w, r)
	}
	var b bytes.Buffer
	if err := all[p.Name].ExecuteTemplate(&b, "layout", p); err != nil {
		return fmt.Errorf("filling the page %s: %w", p.Name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if p.Status != 0 {
		w.WriteHeader(p.Status)
	}
	_, _ = w.Write(b.Bytes()) // the browser went away
	return nil
}
