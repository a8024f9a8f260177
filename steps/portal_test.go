package steps

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"example.com/enrollment-assistant/platform"
)

func serverPEM(s *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

// userPortal plays the calls of the vendor's page, as far as they are known.
type userPortal struct {
	portalMood
	mu sync.Mutex
}

// portalMood is how it answers.
type portalMood struct{ mfa, push, locked, off, strange bool }

func (u *userPortal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	var in struct{ Email, Password, OTP, Context string }
	if r.Method == http.MethodPost {
		if r.Header.Get("X-Xsrftoken") != "the-token" || r.Header.Get("X-Requested-With") != "XMLHttpRequest" || r.Header.Get("Content-Type") != "application/json" {
			answer(w, http.StatusForbidden, `{"message":"xsrf"}`)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			answer(w, http.StatusBadRequest, `{"message":"not JSON"}`)
			return
		}
	}
	session := ""
	if c, err := r.Cookie("_jumpcloud_user_console_"); err == nil {
		session = c.Value
	}
	set := func(value string) {
		http.SetCookie(w, &http.Cookie{Name: "_jumpcloud_user_console_", Value: value, Path: "/", Secure: true})
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /userconsole/xsrf":
		set("anonymous")
		answer(w, http.StatusOK, `{"xsrf":"the-token"}`)
	case "POST /userconsole/auth":
		switch {
		case u.strange:
			w.Header().Set("Location", "https://evil.example/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		case u.locked:
			answer(w, http.StatusUnauthorized, `{"message":"Account is locked."}`)
		case in.Email != "nora@acme.example" || in.Password != "pass-CANARY" || in.Context != "sso" || session != "anonymous":
			answer(w, http.StatusUnauthorized, `{"message":"Authentication failed."}`)
		case u.push:
			answer(w, http.StatusUnauthorized, `{"message":"MFA required.","factors":[{"type":"push","status":"available"}]}`)
		case u.mfa:
			set("half")
			answer(w, http.StatusUnauthorized, `{"message":"MFA required.","factors":[{"type":"totp","status":"available"},{"type":"duo","status":"unavailable"}]}`)
		default:
			set("full")
			answer(w, http.StatusOK, `{"redirectTo":"/"}`)
		}
	case "POST /userconsole/auth/totp":
		if session != "half" || in.OTP != "123456" {
			answer(w, http.StatusUnauthorized, `{"message":"Authentication failed."}`)
			return
		}
		set("full")
		answer(w, http.StatusOK, `{"redirectTo":"/"}`)
	case "POST /userconsole/api/connectkey":
		switch {
		case session != "full":
			answer(w, http.StatusUnauthorized, `{"message":"Unauthorized"}`)
		case u.off:
			answer(w, http.StatusForbidden, `{"message":"off"}`)
		default:
			answer(w, http.StatusOK, `{"connectKey":"`+goodKey+`","expiresAt":"2026-11-23T13:00:00Z"}`)
		}
	default:
		answer(w, http.StatusNotFound, `{}`)
	}
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func servePortal(t *testing.T, u *userPortal) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(u)
	t.Cleanup(s.Close)
	return s
}

func TestPortal(t *testing.T) {
	const right, keyPath = "pass-CANARY", "/userconsole/api/connectkey"
	for _, tc := range []struct {
		name    string
		portal  portalMood
		pass    string
		signIn  Refusal // of SignIn; empty when it goes well
		otp     string  // given when a factor is asked for
		code    Refusal // of OTP
		key     Refusal // of ConnectKey
		factors []string
	}{
		{name: "password alone", pass: right},
		{name: "wrong password", pass: "wrong", signIn: RefusedPassword},
		{name: "locked", portal: portalMood{locked: true}, pass: right, signIn: RefusedLocked},
		{name: "code", portal: portalMood{mfa: true}, pass: right, signIn: RefusedFactor, factors: []string{"totp"}, otp: " 123456 "},
		{name: "wrong code", portal: portalMood{mfa: true}, pass: right, signIn: RefusedFactor, factors: []string{"totp"}, otp: "000000", code: RefusedCode},
		{name: "switched off", portal: portalMood{off: true}, pass: right, key: RefusedOff},
		{name: "sent elsewhere", portal: portalMood{strange: true}, pass: right, signIn: RefusedOther},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := servePortal(t, &userPortal{portalMood: tc.portal})
			p := NewPortal(s.URL, keyPath, s.Client())
			err := p.SignIn(t.Context(), "nora@acme.example", platform.NewSecret(tc.pass))
			if factors := wantRefusal(t, err, tc.signIn); !slices.Equal(factors, tc.factors) {
				t.Errorf("factors %v", factors)
			}
			if tc.signIn == RefusedFactor {
				wantRefusal(t, p.OTP(t.Context(), platform.NewSecret(tc.otp)), tc.code)
			}
			if tc.code != "" || tc.signIn != "" && tc.signIn != RefusedFactor {
				return
			}
			key, err := p.ConnectKey(t.Context())
			wantRefusal(t, err, tc.key)
			if tc.key == "" && key.Reveal() != goodKey {
				t.Errorf("key %q", key.Reveal())
			}
		})
	}
}

// wantRefusal gives the second factors that were offered.
func wantRefusal(t *testing.T, err error, want Refusal) (factors []string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Fatal(err)
		}
		return nil
	}
	var refused *PortalError
	if !errors.As(err, &refused) || refused.Refusal != want {
		t.Fatalf("error %v, want %s", err, want)
	}
	return refused.Factors
}

// No session, no key.
func TestPortal_Session(t *testing.T) {
	s := servePortal(t, &userPortal{})
	p := NewPortal(s.URL, "/userconsole/api/connectkey", s.Client())
	p.token = "the-token"
	_, err := p.ConnectKey(t.Context())
	wantRefusal(t, err, RefusedSession)
}

// Two 401 mean the same everywhere else: what does not look like the portal is not taken for a wrong password.
func TestPortal_OtherServer(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "<html>hotel</html>") }))
	defer s.Close()
	err := NewPortal(s.URL, "/x", s.Client()).SignIn(t.Context(), "a", platform.NewSecret("b"))
	wantRefusal(t, err, RefusedOther)
}

// signInConfig is a run whose protected profile allows to sign in here.
// signer answers the sign-in question as given, one answer after another, then quits.
// Switched off says who can help, with the vendor's article.
// A portal that is gone is unreachable, and can be tried again.
// Going back from the key that was fetched to the sign-in, and then bringing one, uses the one that was brought.
