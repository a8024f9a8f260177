//go:build laptop

package main

import (
	"strings"
	"testing"
	"time"
)

// inSession is a new hire's first day, at the screen of a laptop that an admin has prepared: the package from apt, a
// profile, nothing else. Nora starts the assistant from the menu and uses the keyboard alone; an administrator types a
// password into the dialog of the desktop, after somebody has closed it once.
func inSession(t *testing.T, l *lab) {
	image := l.findImage(t, "layer.sh", l.image, "desktop")
	g, s := l.bootFrom(t, image, "session"), l.serve(t, "session")
	s.qa("enrollment", `{"allowed":false}`)
	g.put(systemProfile, "root", "0644", s.profile(func(p map[string]any) {
		p["signIn"] = map[string]any{"portal": s.People + "/userconsole#/security"}
	}))
	deb, _ := l.pack(t)
	g.install(deb)
	g.check("desktop-file-validate /usr/share/applications/" + appID + ".desktop && appstreamcli validate --no-net /usr/share/metainfo/" + appID + ".metainfo.xml")
	g.put("/etc/chromium.d/laptop", "root", "0644", []byte(browserFlags))
	g.put("/etc/chromium/policies/managed/laptop.json", "root", "0644", []byte(browserPolicy))

	d := g.signIn()
	d.keys("super+e")
	d.page("welcome")
	d.window("^Enrollment Assistant$")
	d.shot("1-welcome")
	d.keys("space", "Tab", "space", "Return")
	d.page("login")
	d.shot("2-login")
	d.keys("Return")
	d.page("connect-key")
	d.copyKey(s)
	key := d.hands("", "xclip", "-selection", "clipboard", "-out")
	d.window("^Enrollment Assistant$")
	d.shot("6-connect-key")
	d.goOn("requirements")
	d.shot("7-requirements")
	d.keys("Return")
	d.page("plan")
	d.shot("8-plan")

	d.keys("Return")
	d.window("^Authenticate$")
	d.shot("9-consent")
	d.keys("Escape")
	d.page("problem")
	d.gone("^Authenticate$")
	d.shot("10-refused")
	if now := s.snapshot(); len(now.Systems) != 0 {
		t.Errorf("a refused consent made %d devices", len(now.Systems))
	}
	d.keys("Return") // once more
	d.consent(localAdminPass)
	d.page("done")
	d.shot("12-online")
	if d.hands("", "sh", "-c", "xclip -selection clipboard -out || true") == key {
		t.Error("the clipboard still holds the key")
	}

	row := onlyDevice(t, s.snapshot(), "", 3)
	s.bind(row.ID)
	if !d.logged(shownPage, "msg", "verdict", "name", "bound", "yes", "true") {
		t.Error("the window never learned that nora is bound")
	}
	d.shot("13-bound")
	d.keys("Return")
	d.gone("^Enrollment Assistant$")
	checkAgent(g, row.AgentVersion)
	checkBound(g, s)
	g.answerKey(key)                  // what the search for secrets has to find
	g.check("rm -r " + browserFolder) // what a browser keeps is not ours
	checkSecrets(g, s, key, demoPassword, localAdminPass)
	if said := g.check("cat " + d.folder + "/said"); strings.Contains(said, "Error in Fyne call thread") {
		t.Errorf("Fyne was called from a wrong goroutine:\n%s", said)
	}
}

// consent types a password into the dialog, once more where the dialog was not ready for all of it.
func (s *desktop) consent(password string) {
	s.g.t.Helper()
	for range 3 {
		s.window("^Authenticate$")
		s.keys("ctrl+a", "BackSpace")
		s.types(password)
		s.shot("11-consent-again")
		s.keys("Return")
		if s.left("^Authenticate$", 30*time.Second) {
			return
		}
	}
	s.shot("stuck")
	s.g.t.Fatal("the dialog did not take the password")
}

// goOn presses Enter until the next page comes: what was copied is picked up a moment after the window is turned to.
func (s *desktop) goOn(page string) {
	s.g.t.Helper()
	for range 6 {
		s.keys("Return")
		if s.logged(30*time.Second, "msg", "page", "page", page) {
			return
		}
	}
	s.shot("stuck")
	s.g.t.Fatalf("the page %s did not come", page)
}
