package stub

import (
	"crypto/tls"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWebLockout(t *testing.T) {
	o := newOffice(t)
	v := o.visitor(t, o.at.People)
	for range o.Settings().LockoutAfter {
		if status, _, _ := v.send("/userconsole", "/userconsole/signin", "email", o.ben.Email, "password", "wrong"); status != http.StatusUnauthorized {
			t.Errorf("a wrong password: %d", status)
		}
	}
	status, page, _ := v.send("/userconsole", "/userconsole/signin", "email", o.ben.Email, "password", DemoUserPassword)
	if status != http.StatusTooManyRequests || !strings.Contains(page, "Too many wrong tries") {
		t.Errorf("the account is not locked: %d", status)
	}
	v.user(o.nora)
	for range o.Settings().LockoutAfter {
		if status, page, _ = v.send("/userconsole", "/userconsole/code", "otp", "000000"); status != http.StatusUnauthorized || !strings.Contains(page, "That code is wrong") {
			t.Errorf("a wrong code: %d", status)
		}
	}
	status, page, _ = v.send("/userconsole", "/userconsole/code", "otp", o.codeOf(t, o.nora))
	if status != http.StatusTooManyRequests || !strings.Contains(page, "Too many wrong tries") {
		t.Errorf("the account is not locked: %d", status)
	}
	if status, page, _ = v.send("/userconsole", "/userconsole/code", "otp", o.codeOf(t, o.nora)); status != http.StatusUnauthorized || !strings.Contains(page, "Sign in again") {
		t.Errorf("a code without a password: %d", status)
	}
	o.MoveClock(o.Settings().LockoutFor + time.Minute)
	v.user(o.ben)
}

func TestWebKeySwitchedOff(t *testing.T) {
	o := newOffice(t)
	v := o.visitor(t, o.at.People).user(o.ben)
	status, page, _ := v.send("/userconsole", "/userconsole/key")
	if status != http.StatusForbidden || !strings.Contains(page, "Your organization does not let users enroll devices") {
		t.Errorf("a key while it is switched off: %d", status)
	}
	o.allow(t, true)
	if status, _, h := v.send("/userconsole", "/userconsole/key"); status != http.StatusSeeOther || h.Get("Location") != "/userconsole#/security" {
		t.Errorf("a key while it is switched on: %d, %s", status, h.Get("Location"))
	}
	_, page, _ = v.get("/userconsole")
	if !strings.Contains(page, "x-connect-key: ") || !strings.Contains(page, o.at.Console+"/Kickstart") {
		t.Error("the page does not show the command")
	}
	link := regexp.MustCompile(`href="(/production/[^"]+)"`).FindStringSubmatch(page)
	if link == nil {
		t.Fatal("no package to download")
	}
	if status, content, _ := v.get(link[1]); status != 200 || !strings.HasPrefix(content, "!<arch>\ndebian-binary") {
		t.Errorf("the first package: %d, %.20q", status, content)
	}
	o.MoveClock(61 * time.Minute)
	v = o.visitor(t, o.at.People).user(o.ben)
	if _, page, _ = v.get("/userconsole"); strings.Contains(page, "x-connect-key") || !strings.Contains(page, "Generate key") {
		t.Error("after an hour the key is still shown")
	}
}

func TestWebTenantKey(t *testing.T) {
	o := newOffice(t)
	o.allow(t, true)
	if err := o.ChangeSettings(func(s *Settings) { s.TenantKeys, s.KeyLife = true, 20*time.Minute }); err != nil {
		t.Fatal(err)
	}
	v := o.visitor(t, o.at.Console).user(o.ben)
	if _, page, _ := v.get("/userconsole"); !strings.Contains(page, "It works for 20 minutes.") {
		t.Error("the page does not say how long a key works")
	}
	v.send("/userconsole", "/userconsole/key")
	_, page, _ := v.get("/userconsole")
	shown := html.UnescapeString(between(page, `id="key" readonly value="`, `"`))
	if !tenantKey.MatchString(shown) {
		t.Fatalf("the key is %q", shown)
	}
	if bare, ok := bareOf(shown); !ok || !bareKey.MatchString(bare) {
		t.Errorf("%q has no bare key", shown)
	}
}

func TestWebPhoneIsForPeopleHere(t *testing.T) {
	o := newOffice(t)
	if status, page, _ := o.visitor(t, o.at.Console).get("/_qa/phone"); status != http.StatusNotFound || strings.Contains(page, o.nora.Email) {
		t.Errorf("on the TLS port: %d", status)
	}
	status, page, _ := o.visitor(t, o.at.People).get("/_qa/phone")
	if status != 200 || !strings.Contains(page, o.codeOf(t, o.nora)) {
		t.Errorf("on the people's port: %d", status)
	}
	if status, page, _ := ask(t, o.trusting(t), "GET", o.at.People+"/_qa/phone", nil, "Host", "evil.example"); status != http.StatusMisdirectedRequest || strings.Contains(page, o.nora.Email) {
		t.Errorf("under a foreign name: %d", status)
	}
}

func TestWebMailLinks(t *testing.T) {
	o := newOffice(t)
	text := "See " + o.at.People + "/admin/devices/1.\nNot https://evil.example/x, not javascript:alert(1), not " + o.at.People + ".evil.example/; but (" + o.at.Console + "/userconsole)"
	var all strings.Builder
	var links []string
	for _, p := range o.mailParts(text) {
		all.WriteString(p.Text)
		if p.Path != "" {
			links = append(links, p.Path)
		}
	}
	if all.String() != text {
		t.Errorf("the mail became %q", all.String())
	}
	if want := []string{"/admin/devices/1", "/userconsole"}; !slices.Equal(links, want) {
		t.Errorf("the links are %q, want %q", links, want)
	}
}

func TestWebCommand(t *testing.T) {
	for path, want := range map[string]string{"/tmp/a b/ca.crt": `'/tmp/a b/ca.crt'`, "/srv/stub/ca.crt": "/srv/stub/ca.crt", "/tmp/it's/$(id)": `'/tmp/it'\''s/$(id)'`, "": "''"} {
		if got := shellQuote(path); got != want {
			t.Errorf("%q becomes %s, want %s", path, got, want)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "https://stub.acme.example:1/userconsole", nil)
	r.TLS = &tls.ConnectionState{}
	o := newOffice(t)
	o.Hosts = []string{"stub.acme.example"}
	list, err := o.osSections(r, &Key{Value: "abc"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://stub.acme.example:" + port(t, o.at.Console) + "/Kickstart | sudo bash"; !strings.HasSuffix(list[0].Command, want) {
		t.Errorf("who knows the server by another name gets %q", list[0].Command)
	}
}

// A server without people says what to do, and an announcement wants words.
func TestWebEmpty(t *testing.T) {
	o := &office{Server: &Server{Data: t.TempDir()}}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	var err error
	if o.at, err = o.Start(Ports{}); err != nil {
		t.Fatal(err)
	}
	if o.ada, err = o.AddAdmin(t.Context(), Admin{Email: "ada@acme.example", Role: RoleAdministrator}, DemoAdminPassword); err != nil {
		t.Fatal(err)
	}
	v := o.visitor(t, o.at.People).admin(o.ada)
	for path, want := range map[string]string{"/admin/devices": "No devices yet", "/admin/users": "No users yet", "/admin/outbox": "No mail yet", "/_qa/phone": "Nobody has a second factor"} {
		if _, page, _ := v.get(path); !strings.Contains(page, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	if status, page, _ := v.send("/admin/announce", "/admin/announce", "subject", "  ", "text", "kept"); status != http.StatusBadRequest || !strings.Contains(page, "needs a subject") || !strings.Contains(page, ">kept</textarea>") {
		t.Errorf("an announcement without a subject: %d", status)
	}
}

// The start page tells the demo organization's passwords to people at this computer, and those of nobody else to anyone.
func TestWebAccounts(t *testing.T) {
	o := newOffice(t)
	if _, err := o.AddUser(t.Context(), User{Username: "zoe", Email: "zoe@acme.example"}, "hers-alone-1", ""); err != nil {
		t.Fatal(err)
	}
	_, page, _ := o.visitor(t, o.at.People).get("/")
	for _, want := range []string{"<dt>User with a phone</dt><dd>nora@acme.example<br>", "<dt>User</dt><dd>ben@acme.example<br>", "<dt>Read only</dt><dd>rita@acme.example<br>", DemoUserPassword, DemoAdminPassword} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "zoe") {
		t.Error("the page names somebody else")
	}
	if _, page, _ := o.visitor(t, o.at.Console).get("/"); strings.Contains(page, "demo-") || strings.Contains(page, "ben@") {
		t.Error("the TLS port tells passwords")
	}
	if err := o.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, page, _ := o.visitor(t, o.at.People).get("/"); strings.Contains(page, "Who can sign in") || strings.Contains(page, "demo-") {
		t.Error("the page tells passwords of people who are not there")
	}
}

// Who binds what is gone, or was bound meanwhile, is told.
func TestWebBindMissing(t *testing.T) {
	o := newOffice(t)
	y := o.device(t, "lab-pc-7", o.nora)
	v := o.visitor(t, o.at.People).admin(o.ada)
	for _, c := range []struct {
		path, user, says string
		status           int
	}{
		{"/admin/devices/" + y.ID + "/bind", "", "No such user", http.StatusBadRequest},
		{"/admin/devices/64930a6d/bind", o.nora.ID, "No such device", http.StatusNotFound},
		{"/admin/devices/64930a6d/delete", "", "No such device", http.StatusNotFound},
		{"/admin/devices/" + y.ID + "/bind", o.nora.ID, "", http.StatusSeeOther},
		{"/admin/devices/" + y.ID + "/bind", o.nora.ID, "", http.StatusSeeOther},
	} {
		if status, page, _ := v.send("/admin/users", c.path, "user", c.user); status != c.status || !strings.Contains(page, c.says) {
			t.Errorf("%s with the user %q: %d", c.path, c.user, status)
		}
	}
	if _, page, _ := v.get("/admin/devices"); !strings.Contains(page, "Nora Haddad was bound to lab-pc-7 already.") {
		t.Error("binding twice is not told")
	}
}
