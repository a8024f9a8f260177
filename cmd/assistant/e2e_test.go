//go:build e2e && linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// A real window, keyboard alone: from the first page over a pasted key to online, then bound by an admin.
func TestE2E_PastedKey(t *testing.T) {
	d := newDesk(t)
	w := d.open()
	d.page("welcome")
	d.shot("1-welcome")
	secondStart(d)
	w.keys("space", "Tab", "space", "Return")
	d.page("login")
	d.shot("2-login")
	w.keys("Return")
	d.page("connect-key")
	if opened, err := os.ReadFile(d.file("opened")); err != nil || !strings.HasPrefix(string(opened), d.console+"/userconsole") {
		t.Errorf("the browser was told to open %q, %v", opened, err)
	}
	w.paste(noraKey(d))
	d.shot("3-connect-key")
	w.keys("Return")
	d.page("requirements")
	d.shot("4-requirements")
	w.keys("Return")
	d.page("plan")
	d.shot("5-plan")
	w.keys("Return")
	d.logged(time.Minute, "msg", "step", "step", "install")
	d.shot("6-install")
	d.page("done")
	d.shot("7-online")

	device := checkEnrolled(d)
	bind(d, device)
	d.logged(2*time.Minute, "msg", "verdict", "name", "bound", "yes", "true")
	d.shot("8-bound")
	w.keys("Return")
	w.closes()
}

// The same with the sign-in in the window, where the profile names the endpoint that issues a key.
func TestE2E_SignInHere(t *testing.T) {
	d := newDesk(t)
	w := d.open()
	d.page("welcome")
	w.keys("space", "Tab", "space", "Return")
	d.page("login")
	w.keys("shift+Tab", "shift+Tab", "Return") // sign in here, which is before Back
	d.shot("2b-sign-in-empty")
	w.types("nora@acme.example")
	w.keys("Tab", "Tab")
	w.types("demo-User-1")
	d.shot("2b-sign-in")
	w.keys("Return")
	d.page("login")
	w.types(d.code())
	d.shot("2c-code")
	w.keys("Return")
	d.page("requirements")
	w.keys("Return")
	d.page("plan")
	w.keys("Escape") // back, and forth again
	device := w.installs("s")
	ada := newVisitor(t)
	ada.signInAsAdmin(d.people, "ada@acme.example", stub.DemoAdminPassword)
	w.isBound(ada, device)
	d.shot("s9-bound")
	w.keys("Return")
	w.closes()
}

// A key that expires while the person is away: the window asks for another one, and goes on where it was.
func TestE2E_KeyExpires(t *testing.T) {
	d := newDesk(t)
	w := d.open()
	d.page("welcome")
	w.keys("space", "Tab", "space", "Return")
	d.page("login")
	w.keys("Return")
	d.page("connect-key")
	w.paste(noraKey(d))
	w.keys("Return")
	d.page("requirements")
	w.keys("Return")
	d.page("plan")
	d.advance(61 * time.Minute)
	w.keys("Return")
	d.page("connect-key")
	d.shot("k1-another-key")
	d.advance(-61 * time.Minute)
	w.paste(noraKey(d))
	w.keys("Return")
	d.page("done")
	d.shot("k2-online")
	checkEnrolled(d)
	w.keys("Return")
	w.closes()
}

// A server that is gone: the window says so, goes back, tries again, and ends without having changed anything.
func TestE2E_ServerGone(t *testing.T) {
	d := newDesk(t)
	w := d.open()
	d.page("welcome")
	w.keys("shift+Tab", "Return") // About is what stands before the page
	d.page("about")
	d.shot("1b-about")
	w.keys("Escape", "Tab", "space", "Tab", "space", "Return")
	d.page("login")
	key := noraKey(d)
	w.keys("shift+Tab", "shift+Tab", "shift+Tab", "Return") // a key is at hand already
	d.page("connect-key")
	w.types("curl --header 'x-connect-key: half")
	d.shot("3b-malformed")
	w.keys("ctrl+a", "BackSpace")
	w.types(key)
	w.keys("Return")
	d.page("requirements")
	d.stopServer()
	w.keys("Return")
	d.page("plan")
	w.keys("Return")
	d.page("problem")
	d.shot("9-problem")
	w.keys("Return") // once more
	d.page("problem")
	w.keys("Escape")
	d.page("plan")
	w.keys("Return")
	d.page("problem")
	w.keys("shift+Tab", "shift+Tab", "Return") // close the assistant, which is before Back
	w.closes()
	if _, err := os.Stat(d.file("root/opt/jc/jcagent.conf")); err == nil {
		t.Error("an agent was installed")
	}
}

// secondStart starts the window program once more: it brings the first window forward and ends at once.
func secondStart(d *desk) {
	d.t.Helper()
	d.run("", filepath.Join(d.bin, "assistant"), "--profile", d.file("profile.json"), "--root", d.file("root"))
	d.logged(10*time.Second, "msg", "another window is open and was brought forward")
}

// paste puts a text into the clipboard and pastes it.
func (w *screenWindow) paste(text string) {
	w.d.t.Helper()
	w.d.clip(text)
	w.keys("ctrl+v")
}

// checkEnrolled compares what the server knows with what an enrollment must leave, before anyone binds.
func checkEnrolled(d *desk) stub.System {
	d.t.Helper()
	s := d.awaited("online=1&mails=3")
	if len(s.Systems) != 1 {
		d.t.Fatalf("%d devices", len(s.Systems))
	}
	device := s.Systems[0]
	host, err := os.Hostname()
	must(d.t, err)
	if device.Hostname != host || !device.Active || device.ProvisionerName != "nora" && !strings.HasPrefix(device.ProvisionerName, "Nora") {
		d.t.Errorf("the device is %+v", device)
	}
	if len(device.BoundUserIDs) != 0 {
		d.t.Errorf("installing bound %v", device.BoundUserIDs)
	}
	var mailed, admins []string
	for _, m := range s.Outbox {
		mailed = append(mailed, m.To)
		if !strings.Contains(m.Text, host) {
			d.t.Errorf("a mail does not name the device:\n%s", m.Text)
		}
	}
	for _, a := range s.Admins {
		admins = append(admins, a.Email)
	}
	slices.Sort(mailed)
	slices.Sort(admins)
	if len(admins) != 3 || !slices.Equal(mailed, admins) {
		d.t.Errorf("mails went to %v, the admins are %v", mailed, admins)
	}
	return device
}
