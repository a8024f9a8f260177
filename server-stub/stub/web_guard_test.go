package stub

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
)

func TestWebToken(t *testing.T) {
	o := newOffice(t)
	o.allow(t, true)
	y := o.device(t, "lab-pc-7", o.nora)
	v := o.visitor(t, o.at.People).admin(o.ada).user(o.ben)
	for path, form := range map[string]url.Values{
		"/userconsole/signin": {"email": {o.ben.Email}, "password": {DemoUserPassword}}, "/userconsole/code": {"otp": {"000000"}},
		"/userconsole/key": {}, "/userconsole/signout": {},
		"/admin/signin": {"email": {o.ada.Email}, "password": {DemoAdminPassword}}, "/admin/signout": {},
		"/admin/devices/" + y.ID + "/bind": {"user": {o.nora.ID}}, "/admin/devices/" + y.ID + "/unbind": {"user": {o.nora.ID}},
		"/admin/devices/" + y.ID + "/delete": {}, "/admin/settings": {}, "/admin/announce": {"subject": {"a"}, "text": {"b"}, "do": {"send"}}, "/admin/ask": {"subject": {"a"}, "text": {"b"}, "do": {"send"}},
		"/admin/settings/reports": {"reports": {"yes"}}, "/admin/failures/delete": {}, "/_qa/phone": {"user": {o.nora.ID}, "answer": {"approve"}},
		"/_qa/console/clock": {"do": {"60"}}, "/_qa/console/fault": {"preset": {"maintenance"}}, "/_qa/console/fault/remove": {}, "/_qa/console/namespace": {"name": {"evil"}}, "/_qa/console/namespace/end": {"name": {"mine"}},
	} {
		for _, token := range []string{"", "0123456789"} {
			form.Set("xsrf", token)
			status, answer, _ := ask(t, v.Client, "POST", v.base+path, form)
			if status != http.StatusForbidden || !strings.Contains(answer, "This form is no longer valid") {
				t.Errorf("%s with the token %q: %d", path, token, status)
			}
		}
	}
	after := o.shot(t)
	if o.Settings().Reports || len(o.Faults()) > 0 || len(o.Namespaces()) > 0 || o.clock.ahead != 0 {
		t.Error("something was done below /_qa/")
	}
	if len(after.Systems) != 1 || len(after.Systems[0].BoundUserIDs) != 0 || !after.Organization.EnrollmentAllowed || len(after.Outbox) != 3 {
		t.Errorf("something changed: %+v", after)
	}
	if _, page, _ := v.get("/admin/devices"); !strings.Contains(page, "lab-pc-7") {
		t.Error("the admin was signed out")
	}
}

func TestWebHeaders(t *testing.T) {
	o := newOffice(t)
	o.allow(t, true)
	y := o.device(t, "lab-pc-7", o.nora)
	for _, base := range []string{o.at.People, o.at.Console} {
		v := o.visitor(t, base).admin(o.ada).user(o.ben)
		for path, want := range map[string]int{"/": 200, "/userconsole": 200, "/userconsole/": 200, "/admin": 303, "/admin/devices": 200, "/admin/devices/" + y.ID: 200,
			"/admin/devices/nowhere": 404, "/admin/nowhere": 404, "/admin/outbox/1": 200, "/admin/outbox/9999": 404, "/admin/settings": 200,
			"/static/style.css": 200, "/static/web.js": 200, "/static/icon.png": 200, "/static/layout.html": 404} {
			status, _, h := v.get(path)
			if status != want {
				t.Errorf("%s%s: %d, want %d", base, path, status, want)
			}
			if want == 404 && strings.HasPrefix(path, "/static") {
				continue
			}
			for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
				"Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"} {
				if h.Get(name) != value {
					t.Errorf("%s%s: %s is %q", base, path, name, h.Get(name))
				}
			}
			if !strings.HasPrefix(path, "/static") && h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s%s may be cached: %s", base, path, h.Get("Cache-Control"))
			}
		}
	}
}

func TestWebCookies(t *testing.T) {
	o := newOffice(t)
	for _, base := range []string{o.at.People, o.at.Console} {
		v := o.visitor(t, base)
		_, _, before := v.get("/admin/signin")
		_, _, after := v.send("/admin/signin", "/admin/signin", "email", o.ada.Email, "password", DemoAdminPassword)
		_, _, saved := v.send("/admin/settings", "/admin/settings")
		for when, h := range map[string]http.Header{"before signing in": before, "after signing in": after, "after saving": saved} {
			cookies := (&http.Response{Header: h}).Cookies()
			if len(cookies) != 1 {
				t.Fatalf("%s %s: %d cookies", base, when, len(cookies))
			}
			c := cookies[0]
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != (base == o.at.Console) || !strings.HasSuffix(c.Name, "_"+port(t, base)) || c.Domain != "" {
				t.Errorf("%s %s: %s", base, when, c)
			}
		}
	}
}

// The cookie that a browser had before is worth nothing after: who planted it is not signed in with it.
func TestWebFixation(t *testing.T) {
	o := newOffice(t)
	planted := o.visitor(t, o.at.People)
	planted.get("/admin/signin")
	planted.get("/userconsole")
	at, err := url.Parse(o.at.People)
	if err != nil {
		t.Fatal(err)
	}
	old := planted.Jar.Cookies(at)
	planted.admin(o.ada).user(o.ben)
	attacker := o.visitor(t, o.at.People)
	attacker.Jar.SetCookies(at, old)
	for path, marker := range map[string]string{"/admin/devices": "Ada Lindqvist", "/userconsole": "Ben Alvarez"} {
		if _, page, _ := planted.get(path); !strings.Contains(page, marker) {
			t.Errorf("%s: not signed in", path)
		}
		if _, page, _ := attacker.get(path); strings.Contains(page, marker) {
			t.Errorf("%s: the old cookie is signed in", path)
		}
	}
	if len(old) != 2 {
		t.Errorf("%d cookies before signing in, want one for each portal", len(old))
	}
}

func TestWebHostileNames(t *testing.T) {
	const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{.XSRF}}`
	o := newOffice(t)
	o.allow(t, true)
	u, err := o.AddUser(t.Context(), User{Username: "mal" + evil, Email: "mal@acme.example", FirstName: evil, LastName: evil}, DemoUserPassword, DemoTOTPSecret)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.AddAdmin(t.Context(), Admin{Email: "mal@acme.example", Name: evil, Role: RoleReadOnly}, DemoAdminPassword); err != nil {
		t.Fatal(err)
	}
	y := o.device(t, evil, u)
	if err := o.Bind(t.Context(), o.ada, y.ID, u.ID); err != nil {
		t.Fatal(err)
	}
	v := o.visitor(t, o.at.People).admin(o.ada)
	if status, _, h := v.send("/admin/devices", "/admin/devices/"+y.ID+"/unbind", "user", u.ID); status != http.StatusSeeOther {
		t.Errorf("unbinding: %d %v", status, h)
	}
	mails := o.shot(t).Outbox
	for _, path := range []string{"/admin/devices", "/admin/devices/" + y.ID, "/admin/devices/" + y.ID + "/delete", "/admin/users", "/admin/admins", "/admin/outbox",
		fmt.Sprintf("/admin/outbox/%d", mails[0].ID), "/_qa/phone", "/admin/signin?next=" + url.QueryEscape("/admin/"+evil)} {
		_, page, _ := v.get(path)
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img") {
			t.Errorf("%s: the name is HTML there", path)
		}
		if !strings.Contains(path, "signin") && !strings.Contains(html.UnescapeString(page), evil) {
			t.Errorf("%s does not show the name", path)
		}
	}
}

func TestWebNext(t *testing.T) {
	for given, want := range map[string]string{
		"/admin/devices/64930a6d": "/admin/devices/64930a6d", "/admin/outbox?a=b": "/admin/outbox?a=b", "": "/admin/devices", "/admin": "/admin/devices",
		"https://evil.example/admin/": "/admin/devices", "//evil.example/admin/": "/admin/devices", `/\evil.example/admin/`: "/admin/devices", `/admin/\..`: "/admin/devices",
		"/userconsole": "/admin/devices", "javascript:alert(1)": "/admin/devices", "/admin/\r\nSet-Cookie: a=b": "/admin/devices", "admin/devices": "/admin/devices",
		"/admin/../userconsole": "/admin/devices",
	} {
		if got := localPath(given); got != want {
			t.Errorf("after signing in for %q one comes to %q, want %q", given, got, want)
		}
	}
	o := newOffice(t)
	v := o.visitor(t, o.at.People)
	_, _, h := v.get("/admin/devices/64930a6d")
	if got := h.Get("Location"); got != "/admin/signin?next=%2Fadmin%2Fdevices%2F64930a6d" {
		t.Errorf("one is sent to %q", got)
	}
	if _, _, h = v.send(h.Get("Location"), "/admin/signin", "email", o.ada.Email, "password", DemoAdminPassword, "next", "//evil.example"); h.Get("Location") != "/admin/devices" {
		t.Errorf("after signing in one comes to %q", h.Get("Location"))
	}
}

func TestWebForgedFlash(t *testing.T) {
	o := newOffice(t)
	for _, value := range []string{`{"key":"web.key.off"}`, `{"key":"web.flash.nothing","args":["A",{}]}`, `{"key":"web.flash.announced","args":["Count","<b>"]}`, `{`, `{"key":"web.flash.bound","args":["User"]}`} {
		v := o.visitor(t, o.at.People).admin(o.ada)
		status, page, _ := ask(t, v.Client, "GET", v.base+"/admin/users", nil, "Cookie", "stub_flash_"+port(t, v.base)+"="+base64.RawURLEncoding.EncodeToString([]byte(value)))
		if status != http.StatusOK && status != http.StatusSeeOther || strings.Contains(page, "<b>") || strings.Contains(page, assets.Text("web.key.off")) {
			t.Errorf("%s: %d", value, status)
		}
	}
}

// What a role may not do is refused by the server too, whatever the pages offer.
func TestWebRoles(t *testing.T) {
	o := newOffice(t)
	for _, role := range []struct {
		admin   Admin
		refused []string
	}{{o.rita, []string{"bind", "unbind", "delete", "settings", "reports", "forget", "announce", "ask"}}, {o.hal, []string{"delete", "settings", "reports"}}, {o.ada, nil}} {
		y := o.device(t, "of-"+role.admin.Name, o.nora)
		v := o.visitor(t, o.at.People).admin(role.admin)
		for _, act := range []struct {
			name, path string
			form       []string
		}{
			{"bind", "/admin/devices/" + y.ID + "/bind", []string{"user", o.nora.ID}}, {"unbind", "/admin/devices/" + y.ID + "/unbind", []string{"user", o.nora.ID}},
			{"settings", "/admin/settings", nil}, {"reports", "/admin/settings/reports", nil}, {"forget", "/admin/failures/delete", nil}, {"announce", "/admin/announce", []string{"subject", "a", "text", "b", "do", "send"}}, {"ask", "/admin/ask", []string{"subject", "a", "text", "b", "do", "send", "user", o.nora.ID}}, {"delete", "/admin/devices/" + y.ID + "/delete", nil},
		} {
			want := http.StatusSeeOther
			if slices.Contains(role.refused, act.name) {
				want = http.StatusForbidden
			}
			if status, _, _ := v.send("/admin/users", act.path, act.form...); status != want {
				t.Errorf("%s, %s: %d, want %d", role.admin.Role, act.name, status, want)
			}
		}
		for _, path := range []string{"/admin/announce", "/admin/ask", "/admin/devices/" + y.ID + "/delete"} {
			if status, page, _ := v.get(path); role.admin.Role == RoleReadOnly && (status != http.StatusForbidden || strings.Contains(page, "<form")) {
				t.Errorf("%s: %s answers %d", role.admin.Role, path, status)
			}
		}
	}
}
