package stub

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// caller is a program that signs in by the portal's JSON.
type caller struct {
	t    *testing.T
	c    *http.Client
	base string
	xsrf string
}

func (o *office) caller(t *testing.T) *caller {
	t.Helper()
	k := &caller{t: t, c: o.trusting(t), base: o.at.Console + "/userconsole"}
	_, answer, _ := ask(t, k.c, "GET", k.base+"/xsrf", nil)
	var in struct{ XSRF string }
	if err := json.Unmarshal([]byte(answer), &in); err != nil {
		t.Fatal(err)
	}
	k.xsrf = in.XSRF
	return k
}

func (k *caller) call(method, path string, body any) (int, string) {
	k.t.Helper()
	status, answer, _ := ask(k.t, k.c, method, k.base+path, body, "X-Xsrftoken", k.xsrf)
	return status, answer
}

// pushed gives the password and asks on the phone.
func (k *caller) pushed() (id string) {
	k.t.Helper()
	if status, answer := k.call("POST", "/auth", map[string]string{"email": "nora@acme.example", "password": DemoUserPassword}); status != 401 || !strings.Contains(answer, `{"type":"push","status":"available"}`) {
		k.t.Fatalf("%d %s", status, answer)
	}
	status, answer := k.call("POST", "/auth/push", map[string]string{})
	var in struct{ ID, Status, ExpiresAt, InitiatedAt, UserID string }
	if err := json.Unmarshal([]byte(answer), &in); err != nil || status != 200 || in.Status != "pending" || in.ID == "" || in.UserID == "" || in.InitiatedAt >= in.ExpiresAt {
		k.t.Fatalf("%d %s %v", status, answer, err)
	}
	return in.ID
}

func (k *caller) signedIn() bool {
	status, _ := k.call("GET", "/api/self", nil)
	return status == http.StatusOK
}

func TestPush(t *testing.T) {
	o := newOffice(t)
	if err := o.ChangeSettings(func(c *Settings) { c.PushFactor = true }); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		answer func() // on the phone
		status string
		in     bool
	}{
		"approved": {func() { o.phone(t, "approve") }, "accepted", true},
		"denied":   {func() { o.phone(t, "deny") }, "denied", false},
		"expired":  {func() { o.MoveClock(time.Minute) }, "expired", false},
		"pending":  {func() {}, "pending", false},
	} {
		t.Run(name, func(t *testing.T) {
			o.MoveClock(0)
			k := o.caller(t)
			id := k.pushed()
			c.answer()
			if status, answer := k.call("GET", "/auth/push/"+id, nil); status != 200 || !strings.Contains(answer, `"status":"`+c.status+`"`) {
				t.Errorf("%d %s", status, answer)
			}
			stranger := o.caller(t)
			if status, _ := stranger.call("GET", "/auth/push/"+id, nil); status != 404 {
				t.Errorf("another browser sees it: %d", status)
			}
			if status, _ := stranger.call("POST", "/auth/push/"+id+"/login", map[string]string{}); status != 401 || stranger.signedIn() {
				t.Errorf("another browser signs in with it: %d", status)
			}
			status, answer := k.call("POST", "/auth/push/"+id+"/login", map[string]string{})
			if (status == 200) != c.in || k.signedIn() != c.in {
				t.Errorf("signing in: %d %s", status, answer)
			}
			if status, _ := k.call("POST", "/auth/push/"+id+"/login", map[string]string{}); status == 200 {
				t.Error("a push was good twice")
			}
		})
	}
}

// phone presses a button on the page that plays the phone.
func (o *office) phone(t *testing.T, button string) {
	t.Helper()
	v := o.visitor(t, o.at.People)
	if _, page, _ := v.get("/_qa/phone"); !strings.Contains(page, "Is it Nora Haddad who signs in?") {
		t.Errorf("the phone asks nothing: %s", page)
	}
	if status, _, h := v.send("/_qa/phone", "/_qa/phone", "user", o.nora.ID, "answer", button); status != http.StatusSeeOther || h.Get("Location") != "/_qa/phone" {
		t.Errorf("%s: %d", button, status)
	}
	if _, page, _ := v.get("/_qa/phone"); strings.Contains(page, "who signs in?") {
		t.Error("the phone still asks")
	}
}

func TestPush_Refused(t *testing.T) {
	o := newOffice(t)
	k := o.caller(t)
	if status, answer := k.call("POST", "/auth", map[string]string{"email": "nora@acme.example", "password": DemoUserPassword}); status != 401 || strings.Contains(answer, "push") {
		t.Errorf("an organization without push offers it: %s", answer)
	}
	if status, _ := k.call("POST", "/auth/push", map[string]string{}); status != 401 {
		t.Errorf("switched off: %d", status)
	}
	if err := o.ChangeSettings(func(c *Settings) { c.PushFactor = true }); err != nil {
		t.Fatal(err)
	}
	if status, _ := o.caller(t).call("POST", "/auth/push", map[string]string{}); status != 401 {
		t.Errorf("without a password: %d", status)
	}
	if status, answer := o.qa(t, "POST", "push", `{"user":"nora","approve":true}`); status != 404 {
		t.Errorf("nothing was asked: %d %s", status, answer)
	}
	first := k.pushed()
	second := k.pushed() // a phone shows the newest only
	if status, answer := o.qa(t, "POST", "push", `{"user":"nora","approve":true}`); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
	if status, _ := k.call("GET", "/auth/push/"+first, nil); status != 404 {
		t.Errorf("the first is still there: %d", status)
	}
	if status, _ := k.call("POST", "/auth/push/"+second+"/login", map[string]string{}); status != 200 || !k.signedIn() {
		t.Errorf("the second: %d", status)
	}
	for _, wrong := range []string{`{}`, `{"user":"nora"}`, `{"user":"x","approve":true}`} {
		if status, _ := o.qa(t, "POST", "push", wrong); status != 400 && status != 404 {
			t.Errorf("%s: %d", wrong, status)
		}
	}
}
