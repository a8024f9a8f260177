package gui

import (
	"net/http"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/steps"
)

// Every kind of Mac goes from the first page to the last by keyboard, and the last page says how its service account
// stands.
func TestRun_Macs(t *testing.T) {
	for name, mac := range fake.Macs() {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(i *Info) { i.Mac = true })
			mac.Hold = make(chan struct{})
			ends := enroll(b, mac, func(c *steps.Config) { c.Client = &http.Client{Transport: anyPackage{}} })
			b.page("welcome")
			b.press(fyne.KeySpace, fyne.KeyTab, fyne.KeySpace, fyne.KeyReturn)
			b.page("login")
			b.tap("I have a connect key already")
			b.page("connect-key")
			b.typed(aKey)
			b.press(fyne.KeyReturn)
			b.page("requirements")
			b.press(fyne.KeyReturn)
			b.password(name, mac)
			b.page("plan")
			b.lacks("nora's", "it-admin's", aKey)
			b.press(fyne.KeyReturn)
			if mac.Access != nil {
				b.page(pageAccess)
				b.press(fyne.KeyReturn) // opens the settings
				if len(b.opened) == 0 || b.opened[len(b.opened)-1] != platform.FullDiskAccessSettings {
					t.Errorf("opened %q", b.opened)
				}
				close(mac.Access)
			}
			b.page("done")
			switch name {
			case "no token", "other MDM":
				b.reads("The service account is not ready", "Show the request")
			default:
				b.reads("The service account is ready")
			}
			b.press(fyne.KeyReturn)
			close(mac.Hold)
			if e := b.end(ends); e.err != nil || !e.device.Online.Yes {
				t.Errorf("got %+v", e)
			}
		})
	}
}

// password answers the question for an account, where it is asked.
func (b *bench) password(name string, mac *fake.Computer) {
	b.t.Helper()
	switch name {
	case "earlier agent":
		return // it has all that it needs
	case "no token":
		b.page("secure-token")
		b.reads("is known to hold a SecureToken")
		b.tap("Show the request")
		if said := b.dialogWords(); !strings.Contains(said, "JumpCloud Service Account app") || !strings.Contains(said, "Write the mail") {
			b.t.Errorf("the request says %s", said)
		}
		b.press(fyne.KeyReturn)
		if len(b.opened) == 0 || !strings.HasPrefix(b.opened[len(b.opened)-1], "mailto:") {
			b.t.Errorf("opened %q", b.opened)
		}
		b.press(fyne.KeyEscape)
		b.tap("Go on without")
		return
	}
	b.page("secure-token")
	own := "nora"
	if name == "standard user" {
		own = "it-admin"
		b.reads("Your account, guest-desk, is not an administrator")
	}
	b.typed("WRONG")
	b.reads("Caps Lock is on")
	b.press(fyne.KeyReturn)
	b.page("secure-token")
	b.reads("The password for " + own + " is wrong")
	b.typed(mac.Passwords[own])
	b.lacks("Caps Lock is on")
	b.press(fyne.KeyReturn)
}
