//go:build laptop

package main

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/chromedp/cdproto/target"

	"example.com/enrollment-assistant/assets"
)

// browserFolder is where nora's browser keeps what it knows. Chromium lets itself be watched only where that is not the
// usual place.
const browserFolder = "/home/nora/.config/browser"

// browserFlags makes the browser of the laptop one that a test can drive: on a port of loopback, which a machine shares
// with this computer.
const browserFlags = `export CHROMIUM_FLAGS="$CHROMIUM_FLAGS --remote-debugging-port=0 --user-data-dir=` + browserFolder + ` --no-first-run \
 --password-store=basic --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
`

// browserPolicy keeps the browser from asking whether it shall save the password, over the page.
const browserPolicy = `{"PasswordManagerEnabled":false}`

// atBrowser waits for the browser that somebody opened on the desktop, and sits down before its page.
func (s *desktop) atBrowser() *visitor {
	s.g.t.Helper()
	address := "127.0.0.1:" + s.next(s.g.follow("tail", "--follow=name", "--retry", "--lines=+1", browserFolder+"/DevToolsActivePort"))
	s.window("Chromium$")
	return joinVisitor(s.g.t, "ws://"+address, s.firstPage(address))
}

// firstPage gives the page that the browser has.
func (s *desktop) firstPage(address string) target.ID {
	s.g.t.Helper()
	req, err := http.NewRequestWithContext(s.g.t.Context(), http.MethodGet, "http://"+address+"/json/list", http.NoBody)
	must(s.g.t, err)
	res, err := http.DefaultClient.Do(req)
	must(s.g.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	must(s.g.t, err)
	var pages []struct {
		ID   target.ID
		Type string
	}
	must(s.g.t, json.Unmarshal(text, &pages))
	for _, p := range pages {
		if p.Type == "page" {
			return p.ID
		}
	}
	s.g.t.Fatalf("the browser shows no page: %s", text)
	return ""
}

// copyKey has nora sign in where the assistant opened her portal, make a key and copy it. At first her portal lacks the
// section for that, until an administrator has switched it on.
func (s *desktop) copyKey(srv *service) {
	s.g.t.Helper()
	nora := s.atBrowser()
	nora.sees(assets.Text("web.signin.user_title"))
	s.shot("3-portal-sign-in")
	nora.signInAtPortal(demoUser, demoPassword, srv.code)
	if nora.has(agentSection) {
		s.g.t.Error("the portal has the section before it was switched on")
	}
	s.shot("4-portal-without")
	srv.allowEnrollment()
	nora.generateKey()
	nora.copyKey()
	s.shot("5-portal-copied")
}

// allowEnrollment has an administrator switch on what users need for enrolling a computer.
func (s *service) allowEnrollment() {
	s.t.Helper()
	b := s.browser()
	b.submit(b.get("/admin/signin"), "/admin/signin", map[string]string{"email": demoAdmin, "password": adminPass})
	b.submit(b.get("/admin/settings"), "/admin/settings", map[string]string{"allow": "yes"})
}
