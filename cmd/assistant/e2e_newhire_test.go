//go:build e2e && linux

package main

import (
	"net/http"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// As a new hire does it: the window opens the browser, the section is not there before an admin switches it on, a key
// is made and copied in the browser, the window picks it up, and an admin binds the device in a browser too.
func TestE2E_NewHire(t *testing.T) {
	d := newDesk(t)
	d.call(http.MethodPost, d.console+"/_qa/enrollment", qaHeader, `{"allowed": false}`)
	d.furnish()
	w := d.open()
	d.page("welcome")
	w.keys("space", "Tab", "space", "Return")
	d.page("login")
	d.shot("h1-login")
	w.keys("Return")
	d.page("connect-key")

	nora := d.visitor(d.console + "/userconsole#/security")
	nora.signInAtPortal("nora@acme.example", stub.DemoUserPassword, d.code)
	if nora.has(agentSection) {
		t.Error("the section is there before an admin switched it on")
	}
	d.shot("h2-no-section")
	ada := newVisitor(t)
	ada.signInAsAdmin(d.people, "ada@acme.example", stub.DemoAdminPassword)
	ada.allowEnrollment()
	ada.picture("h3-settings")
	key := nora.generateKey()
	nora.copyKey()
	d.until("the key in the clipboard", func() bool { return d.clipboard() == key })
	d.shot("h4-copied")

	w.comeBack()
	d.shot("h5-picked-up")
	w.keys("Return")
	device := w.installs("h")
	d.until("a clipboard without the key", func() bool { return d.clipboard() != key })
	w.isBound(ada, device)
	ada.picture("h9-devices")
	d.shot("h10-bound")
	w.keys("Return")
	w.closes()
	nora.sees("Generate another key") // the browser outlives the window that opened it
}

// installs goes from the review of the computer to the last page, by the keyboard, and gives the device that the
// server knows then. shots begins the names of the pictures.
func (w *screenWindow) installs(shots string) stub.System {
	w.d.t.Helper()
	w.d.page("requirements")
	w.d.shot(shots + "6-requirements")
	w.keys("Return")
	w.d.page("plan")
	w.d.shot(shots + "7-plan")
	w.keys("Return")
	w.d.page("done")
	w.d.shot(shots + "8-online")
	return checkEnrolled(w.d)
}

// isBound has an admin bind the device to the user that the Devices list offers first, in a browser, and waits until
// the window says so: nobody touches it meanwhile.
func (w *screenWindow) isBound(admin *visitor, device stub.System) {
	w.d.t.Helper()
	w.d.still()
	before := w.picture()
	admin.bindFromList(device.DisplayName, "Nora Haddad")
	w.d.awaited("user=nora&bound=1")
	w.d.logged(2*time.Minute, "msg", "verdict", "name", "bound", "yes", "true")
	w.d.until("the window to say that the device is bound", func() bool { return w.picture() != before })
}
