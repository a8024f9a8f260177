package stub

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// browser is a program that keeps a session of the User Portal.
type browser struct {
	t    *testing.T
	c    *http.Client
	base string
	xsrf string
}

func newBrowser(t *testing.T, s *Server) *browser {
	t.Helper()
	b := &browser{t: t, c: s.trusting(t), base: s.Addresses().Console + "/userconsole"}
	_, answer, _ := ask(t, b.c, "GET", b.base+"/xsrf", nil)
	b.xsrf = between(answer, `"xsrf":"`, `"`)
	if len(b.xsrf) < 32 {
		t.Fatalf("xsrf: %s", answer)
	}
	return b
}

func (b *browser) post(path string, body any) (int, string) {
	b.t.Helper()
	status, answer, _ := ask(b.t, b.c, "POST", b.base+path, body, "X-Xsrftoken", b.xsrf, "X-Requested-With", "XMLHttpRequest")
	return status, answer
}

func (b *browser) cookie() string {
	u, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.c.Jar.Cookies(u) {
		if strings.HasPrefix(c.Name, "_jumpcloud_user_console_") {
			return c.Name + "=" + c.Value
		}
	}
	b.t.Fatal("no session cookie")
	return ""
}

func TestSignInWithCode(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	b := newBrowser(t, s)
	before := b.cookie()
	if !strings.HasPrefix(before, "_jumpcloud_user_console_"+port(t, s.Addresses().Console)+"=") {
		t.Errorf("cookie %s", before)
	}
	login := map[string]string{"email": "nora@acme.example", "password": DemoUserPassword, "context": "sso"}
	status, answer := b.post("/auth", login)
	if status != 401 || answer != `{"factors":[{"type":"totp","status":"available"}],"message":"MFA required."}` {
		t.Fatalf("%d %s", status, answer)
	}
	if status, answer, _ := ask(t, b.c, "GET", b.base+"/api/self", nil); status != 401 || answer != `{"message":"Unauthorized"}` {
		t.Errorf("half signed in: %d %s", status, answer)
	}
	if status, _ := b.post("/api/connectkey", nil); status != 401 {
		t.Errorf("a key when half signed in: %d", status)
	}
	if status, answer := b.post("/auth/totp", map[string]string{"otp": "000000"}); status != 401 || answer != `{"message":"Authentication failed."}` {
		t.Errorf("a wrong code: %d %s", status, answer)
	}
	code, _, err := s.TOTPNow(t.Context(), s.person(t, "nora").ID)
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := b.post("/auth/totp", map[string]string{"otp": code}); status != 200 || answer != `{"redirectTo":"/userconsole"}` {
		t.Fatalf("%d %s", status, answer)
	}
	if b.cookie() == before {
		t.Error("the session before sign-in is the session after it")
	}
	if status, _, _ := ask(t, s.trusting(t), "GET", b.base+"/api/self", nil, "Cookie", before); status != 401 {
		t.Error("the session before sign-in is signed in")
	}
	status, answer, _ = ask(t, b.c, "GET", b.base+"/api/self", nil)
	var self map[string]any
	if err := json.Unmarshal([]byte(answer), &self); err != nil || status != 200 || self["username"] != "nora" || self["email"] != "nora@acme.example" || self["_id"] != self["id"] {
		t.Errorf("self: %d %s", status, answer)
	}
	status, answer = b.post("/api/connectkey", nil)
	var key struct {
		ConnectKey string
		ExpiresAt  time.Time
	}
	if err := json.Unmarshal([]byte(answer), &key); err != nil || status != 200 || !bareKey.MatchString(key.ConnectKey) || !key.ExpiresAt.Equal(s.now().Add(time.Hour)) {
		t.Errorf("connectkey: %d %s", status, answer)
	}
	if err := s.setEnrollment(t.Context(), "", false); err != nil {
		t.Fatal(err)
	}
	if status, answer := b.post("/api/connectkey", nil); status != 403 || !strings.Contains(answer, `"message"`) {
		t.Errorf("switched off: %d %s", status, answer)
	}
	s.MoveClock(31 * time.Minute)
	if status, _, _ := ask(t, b.c, "GET", b.base+"/api/self", nil); status != 401 {
		t.Errorf("after half an hour: %d", status)
	}
}

func TestSignInAtOnce(t *testing.T) {
	s := running(t)
	code, _, err := s.TOTPNow(t.Context(), s.person(t, "nora").ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, login := range []map[string]string{
		{"email": "nora@acme.example", "password": DemoUserPassword, "otp": code},
		{"email": "ben@acme.example", "password": DemoUserPassword},
	} {
		if status, answer := newBrowser(t, s).post("/auth", login); status != 200 {
			t.Errorf("%s: %d %s", login["email"], status, answer)
		}
	}
}

// Signing in again, and signing out, ends the session before.
func TestSessionEnds(t *testing.T) {
	s := running(t)
	b := newBrowser(t, s)
	signIn := func() string {
		if status, answer := b.post("/auth", map[string]string{"email": "ben@acme.example", "password": DemoUserPassword}); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
		return b.cookie()
	}
	self := func(cookie string) int {
		status, _, _ := ask(t, s.trusting(t), "GET", b.base+"/api/self", nil, "Cookie", cookie)
		return status
	}
	first := signIn()
	if got := self(first); got != 200 {
		t.Fatalf("signed in: %d", got)
	}
	second := signIn()
	if got := []int{self(first), self(second)}; got[0] != 401 || got[1] != 200 {
		t.Errorf("signed in again: %v", got)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil)
	name, value, _ := strings.Cut(second, "=")
	r.AddCookie(&http.Cookie{Name: "_jumpcloud_user_console_", Value: value}) // a request without a connection has no port
	s.signOut(w, r, portalUser)
	if got := self(name + "=" + value); got != 401 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("signed out: %d", got)
	}
}

// Where to go next is a path of ours, whatever was asked for.
func TestRedirectTo(t *testing.T) {
	s := running(t)
	for to, want := range map[string]string{"/userconsole#/security": "/userconsole#/security", "": "/userconsole", "https://evil.example": "/userconsole",
		"//evil.example": "/userconsole", `/\evil.example`: "/userconsole", "javascript:alert(1)": "/userconsole"} {
		_, answer := newBrowser(t, s).post("/auth", map[string]string{"email": "ben@acme.example", "password": DemoUserPassword, "redirectTo": to})
		var got struct{ RedirectTo string }
		if err := json.Unmarshal([]byte(answer), &got); err != nil || got.RedirectTo != want {
			t.Errorf("%q: %s", to, answer)
		}
	}
}

func TestXSRF(t *testing.T) {
	s := running(t)
	b, other := newBrowser(t, s), newBrowser(t, s)
	login := map[string]string{"email": "ben@acme.example", "password": DemoUserPassword}
	for name, token := range map[string]string{"none": "", "another session's": other.xsrf, "guessed": strings.Repeat("0", len(b.xsrf))} {
		for _, path := range []string{"/auth", "/auth/totp", "/api/connectkey"} {
			if status, _, _ := ask(t, b.c, "POST", b.base+path, login, "X-Xsrftoken", token); status != 403 {
				t.Errorf("token %s, %s: %d", name, path, status)
			}
		}
	}
	if status, _, _ := ask(t, s.trusting(t), "POST", b.base+"/auth", login, "X-Xsrftoken", b.xsrf); status != 403 {
		t.Error("a token without its session")
	}
	if status, _, _ := ask(t, b.c, "POST", b.base+"/auth", url.Values{"xsrf": {b.xsrf}}); status != 403 {
		t.Error("a form, which another site can send, in place of the header")
	}
}

func TestLockedAccount(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	b := newBrowser(t, s)
	for range 5 {
		if status, answer := b.post("/auth", map[string]string{"email": "ben@acme.example", "password": "wrong"}); status != 401 || answer != `{"message":"Authentication failed."}` {
			t.Fatalf("%d %s", status, answer)
		}
	}
	if status, answer := b.post("/auth", map[string]string{"email": "ben@acme.example", "password": DemoUserPassword}); status != 429 {
		t.Errorf("%d %s", status, answer)
	}
}

// Many visitors do not take all memory, and do not throw the latest out.
func TestSessionsAreBounded(t *testing.T) {
	var c sessions
	at := clock()()
	last := ""
	for i := range maxSessions + 10 {
		last = c.replace("", session{portal: portalUser, seen: at.Add(time.Duration(i))})
	}
	if _, ok := c.get(last, portalUser, at, time.Hour); !ok || len(c.all) != maxSessions {
		t.Errorf("%d sessions, the last there: %t", len(c.all), ok)
	}
	if _, ok := c.get(last, portalAdmin, at, time.Hour); ok {
		t.Error("a user's session is an admin's")
	}
}
