//go:build linux

package gui

import (
	"net/http"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/server-stub/stubtest"
	"example.com/enrollment-assistant/steps"
)

// Every kind of Mac goes from the first page to the last by keyboard against the stub, whose own agent stands for the
// vendor's and presents itself as that Mac. The last page says how its service account stands, as the server has it.
func TestRun_Macs(t *testing.T) {
	server := stubtest.Demo(t)
	program := stubtest.Program(t)
	profile := steps.Profile{Organization: steps.Organization{Name: "Acme Corporation"}, Protected: true, CA: string(server.CA), Endpoints: &server.Endpoints}
	for name, mac := range fake.Macs() {
		t.Run(name, func(t *testing.T) {
			stop := mac.StubAgent(program, t.TempDir(), server.CA)
			t.Cleanup(func() {
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
			key := server.Key(t, "nora")
			b := newBench(t, func(i *Info) { i.Mac = true })
			mac.Hold = make(chan struct{})
			ends := enroll(b, mac, func(c *steps.Config) {
				c.Profile, c.Host.Probe = profile, platform.New(platform.Options{RootsPEM: server.CA}).Probe
				c.Client = &http.Client{Transport: stubtest.MacShelf{Stub: profile.HTTPClient().Transport, Package: []byte(macPackage)}}
			})
			b.page("welcome")
			b.press(fyne.KeySpace, fyne.KeyTab, fyne.KeySpace, fyne.KeyReturn)
			b.page("login")
			b.tap("I have a connect key already")
			b.page("connect-key")
			b.typed(key)
			b.press(fyne.KeyReturn)
			b.page("requirements")
			b.press(fyne.KeyReturn)
			b.password(name, mac)
			b.page("plan")
			b.lacks("nora's", "it-admin's", key)
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
			e := b.end(ends)
			if e.err != nil || !e.device.Online.Yes {
				t.Fatalf("got %+v", e)
			}
			known, err := server.System(t.Context(), e.device.SystemKey)
			if err != nil || known.OSFamily != "darwin" || known.Hostname != mac.Facts.Hostname || known.ProvisionerID != server.Person(t, "nora").ID {
				t.Errorf("the server has %+v, %v", known, err)
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
