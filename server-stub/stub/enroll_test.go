package stub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Every admin of whatever role gets one mail, which names hostname, user and system, says that it can now be bound to
// that user, and links to it. Nobody is bound.
func TestNewDeviceIsToldToEveryAdmin(t *testing.T) {
	s := running(t)
	nora := s.person(t, "nora")
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	shot := s.shot(t)
	if len(shot.Systems) != 1 {
		t.Fatalf("%d systems", len(shot.Systems))
	}
	y := shot.Systems[0]
	if y.ID != d.system || y.Hostname != "nora-laptop" || y.ProvisionerType != OwnerUser || y.ProvisionerID != nora.ID || y.ProvisionerName != "Nora Haddad" ||
		y.CertUUID != d.uuid || y.AgentVersion != "2.166.2" || y.OS != "Ubuntu" || y.TemplateName != "ubuntu-24.04-x86_64" || !y.Active || y.RemoteIP != "127.0.0.1" {
		t.Errorf("system: %+v", y)
	}
	if len(y.BoundUserIDs) != 0 {
		t.Errorf("installing bound %v", y.BoundUserIDs)
	}
	var to []string
	for _, m := range shot.Outbox {
		to = append(to, m.To)
		for _, want := range []string{"nora-laptop", "Ubuntu 24.04", "It can now be bound to Nora Haddad in the Admin Portal", s.Addresses().People + "/admin/devices/" + y.ID} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("the mail to %s does not say %q:\n%s", m.To, want, m.Text)
			}
		}
		if m.SystemID != y.ID || m.UserID != nora.ID || !strings.Contains(m.Subject, "nora-laptop") {
			t.Errorf("mail: %+v", m)
		}
	}
	if want := []string{"ada@acme.example", "hal@acme.example", "rita@acme.example"}; !slices.Equal(to, want) {
		t.Errorf("mails to %v, want %v", to, want)
	}
	if n := count(shot.Events, eventSystemCreate, y.ID); n != 1 {
		t.Errorf("%d events %s", n, eventSystemCreate)
	}
	if n := count(shot.Events, eventAssociation, y.ID); n != 0 {
		t.Errorf("%d associations", n)
	}
}

func count(all []Event, kind, systemID string) (n int) {
	for _, e := range all {
		if e.Type == kind && e.SystemID == systemID {
			n++
		}
	}
	return n
}

// The same certificate again is an upgrade: the same device, its new version, no mail and no event.
func TestUpgradeTellsNobody(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	before := s.shot(t)
	first := d.system
	d.facts.AgentVersion = "2.167.0"
	d.register(t)
	after := s.shot(t)
	if d.system != first || len(after.Systems) != 1 || after.Systems[0].AgentVersion != "2.167.0" {
		t.Errorf("after the upgrade: %s, %+v", d.system, after.Systems)
	}
	if len(after.Outbox) != len(before.Outbox) || len(after.Events) != len(before.Events) {
		t.Errorf("mails %d to %d, events %d to %d", len(before.Outbox), len(after.Outbox), len(before.Events), len(after.Events))
	}
	d.facts.AgentVersion = "2.168.0" // an agent that kept its systemKey only polls
	d.poll(t, "")
	if got := s.shot(t).Systems[0].AgentVersion; got != "2.168.0" {
		t.Errorf("the poll left the version at %s", got)
	}
}

// The same computer with another certificate is a second device, of which the admins are told again.
func TestAnotherCertificateIsAnotherDevice(t *testing.T) {
	s := running(t)
	key := s.userKey(t, "nora")
	one, two := enrolled(t, s, "nora-laptop", key), enrolled(t, s, "nora-laptop", key)
	shot := s.shot(t)
	if one.system == two.system || len(shot.Systems) != 2 || len(shot.Outbox) != 6 {
		t.Errorf("%s and %s: %d systems, %d mails", one.system, two.system, len(shot.Systems), len(shot.Outbox))
	}
	if one.poll(t, "").Uninstall || two.poll(t, "").Uninstall {
		t.Error("one of them is gone")
	}
}

// An install that fails after the certificate, or whose facts are refused, leaves no device and no mail.
func TestFailedInstallTellsNobody(t *testing.T) {
	s := running(t)
	d := newDevice(t, s, "nora-laptop")
	d.sign(t, s.userKey(t, "nora"))
	if status, _ := d.private(t, "GET", "/CheckAccess", nil); status != http.StatusOK {
		t.Fatalf("CheckAccess: %d", status)
	}
	for name, facts := range map[string]any{
		"no hostname":           agentFacts{OS: "Ubuntu"},
		"another's certificate": agentFacts{Hostname: "h", CertUUID: "00000000-0000-0000-0000-000000000000"},
		"not JSON":              "hello",
	} {
		if status, answer := d.private(t, "POST", "/poll/", facts); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if shot := s.shot(t); len(shot.Systems) != 0 || len(shot.Outbox) != 0 {
		t.Errorf("%d systems, %d mails", len(shot.Systems), len(shot.Outbox))
	}
}

// With an admin's key the admin is the installer, and the mail offers no user.
func TestAdminKey(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	ada := s.boss(t, RoleAdministrator)
	s.MoveClock(1000 * 3600 * 1e9) // it never expires
	enrolled(t, s, "lab-1", ada.ConnectKey)
	shot := s.shot(t)
	if y := shot.Systems[0]; y.ProvisionerType != OwnerAdministrator || y.ProvisionerID != ada.ID || y.ProvisionerName != "Ada Lindqvist" {
		t.Errorf("system: %+v", y)
	}
	if len(shot.Outbox) != 3 || shot.Outbox[0].UserID != "" || !strings.Contains(shot.Outbox[0].Text, "connect key of Ada Lindqvist") {
		t.Errorf("mails: %+v", shot.Outbox)
	}
}

// What an agent says of its computer ends up in mails and pages: it must not add lines or headers to them.
func TestHostileFacts(t *testing.T) {
	s := running(t)
	d := newDevice(t, s, "evil\r\nBcc: all@example.com\x00\u202etxt")
	d.facts.OS = strings.Repeat("x", 5000)
	d.sign(t, s.userKey(t, "nora"))
	d.register(t)
	shot := s.shot(t)
	if got := shot.Systems[0].Hostname; strings.ContainsAny(got, "\r\n\x00\u202e") {
		t.Errorf("hostname %q", got)
	}
	if got := len(shot.Systems[0].OS); got > 253 {
		t.Errorf("an OS of %d characters", got)
	}
	if strings.Contains(shot.Outbox[0].Subject, "\n") {
		t.Errorf("subject %q", shot.Outbox[0].Subject)
	}
}

// One device does not speak for another, and a certificate of the same authority that was not signed for an agent
// is nobody's.
func TestForeignCertificates(t *testing.T) {
	s := running(t)
	key := s.userKey(t, "nora")
	one, two := enrolled(t, s, "one", key), enrolled(t, s, "two", key)
	if status, _ := one.private(t, "GET", "/poll/"+two.system, nil); status != http.StatusForbidden {
		t.Errorf("polling for another: %d", status)
	}
	if status, _ := one.private(t, "POST", "/GetAgentInstall", map[string]string{"certuuid": two.uuid}); status != http.StatusForbidden {
		t.Errorf("installing for another: %d", status)
	}
	leaf, err := s.ca.serverCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	stranger := running(t)
	foreign := enrolled(t, stranger, "three", stranger.userKey(t, "nora"))
	for name, c := range map[string]*http.Client{"none": s.trusting(t), "a server's": s.trusting(t, leaf), "another authority's": s.trusting(t, foreign.cert)} {
		if resp, err := c.Get(s.Addresses().Private + "/CheckAccess"); err == nil {
			closing(t, resp.Body)
			t.Errorf("certificate %s: %s", name, resp.Status)
		}
	}
}

// Many computers at once, some of them twice: each is one device and one mail for each admin.
func TestConcurrentEnrollments(t *testing.T) {
	s := running(t)
	key := s.userKey(t, "nora")
	var wg sync.WaitGroup
	const computers = 6
	for i := range computers {
		d := newDevice(t, s, fmt.Sprintf("pc-%d", i))
		d.sign(t, key)
		for range 2 { // a service that was started twice
			twin := *d
			wg.Go(func() {
				twin.register(t)
				twin.poll(t, "")
			})
		}
	}
	if err := s.Await(soon(t), func(shot Snapshot) bool {
		online := 0
		for _, y := range shot.Systems {
			if y.Active {
				online++
			}
		}
		return online == computers
	}); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	shot := s.shot(t)
	if len(shot.Systems) != computers || len(shot.Outbox) != 3*computers {
		t.Errorf("%d systems, %d mails", len(shot.Systems), len(shot.Outbox))
	}
}
