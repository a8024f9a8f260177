package stub

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"example.com/enrollment-assistant/assets"
)

// webFunc answers a request, or gives the error for a page that says so; it must not have written anything then.
type webFunc func(http.ResponseWriter, *http.Request) error

// adminFunc is a webFunc for a signed-in admin.
type adminFunc func(http.ResponseWriter, *http.Request, Admin) error

const (
	// formLimit bounds what a form may send, in bytes.
	formLimit = 1 << 18
	// contentPolicy allows what the stub itself serves, and no script or style in a page.
	contentPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)

// webError is a refusal with sentences of its own.
type webError struct {
	status int
	key    string // of the sentence; the title has "_title" after it
	path   string // where the link leads
}

func (e webError) Error() string { return e.key }

func webHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would make the Origin of our own forms "null"
	h.Set("Cache-Control", "no-store")
}

// show wraps a page that is only looked at.
func (s *Server) show(f webFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		webHeaders(w)
		if err := f(w, r); err != nil {
			s.refuse(w, r, err)
		}
	}
}

// post wraps what changes something: it wants the token of the form.
func (s *Server) post(p portal, f webFunc) http.HandlerFunc {
	return s.show(func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, formLimit)
		if !s.xsrfOK(r, p) {
			return webError{http.StatusForbidden, "web.error.form", page{Portal: p}.Home()}
		}
		return f(w, r)
	})
}

// asAdmin wraps what only a signed-in admin sees, and does where act is not empty. Whoever is not signed in is sent to
// do it and comes back.
func (s *Server) asAdmin(act string, f adminFunc) webFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, ok := s.adminSession(r)
		if !ok {
			next := "/admin"
			if r.Method == http.MethodGet {
				next = r.URL.RequestURI()
			}
			http.Redirect(w, r, "/admin/signin?"+url.Values{"next": {next}}.Encode(), http.StatusSeeOther)
			return nil
		}
		if act != "" && !can(a.Role, act) {
			return ErrForbidden
		}
		return f(w, r, a)
	}
}

// refuse shows the page of an error.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var own webError
	switch {
	case errors.As(err, &own):
	case errors.Is(err, ErrForbidden):
		own = webError{http.StatusForbidden, "web.error.role", "/admin"}
	case errors.Is(err, ErrNotFound):
		own = webError{http.StatusNotFound, "web.error.nothing", "/"}
	default:
		own = webError{http.StatusInternalServerError, "web.error.broken", "/"}
		if r.Context().Err() == nil {
			s.log.Error("showing a page", "method", r.Method, "path", r.URL.Path, "err", err)
		}
	}
	err = s.render(w, r, page{Name: "message", Status: own.status, Title: assets.Text(own.key + "_title"), Data: struct{ Text, Path, Link string }{
		assets.Text(own.key), own.path, assets.Text("web.error.back")}})
	if err != nil {
		http.Error(w, assets.Text("web.error.broken"), http.StatusInternalServerError)
	}
}

// localPath gives next when it is a path of the Admin Portal, so that signing in leads nowhere else.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(path.Clean(u.Path), "/admin/") || strings.ContainsAny(next, "\\\r\n") {
		return "/admin/devices"
	}
	return u.RequestURI()
}

// flash is a sentence about what was just done, carried to the next page by a cookie. The cookie holds no text, only
// the key of the sentence and its values: another program on this computer can set cookies for loopback.
type flash struct {
	Key  string `json:"key"`
	Args []any  `json:"args"`
}

// Text is the sentence.
func (f flash) Text() string { return assets.Text(f.Key, f.Args...) }

// Kind is the colour and icon.
func (f flash) Kind() string {
	if strings.HasPrefix(f.Key, flashPrefix+"not_") {
		return "bad"
	}
	return "ok"
}

const flashPrefix = "web.flash."

// flashCookie fills in all but the value. It is Secure wherever there is TLS; the plain port is for loopback.
func flashCookie(r *http.Request, value string, maxAge int) *http.Cookie {
	//nolint:gosec // see above
	return &http.Cookie{Name: flashName(r), Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil, MaxAge: maxAge}
}

func flashName(r *http.Request) string { return "stub_flash_" + localPort(r) }

// done goes on to a page that says what was done.
func done(w http.ResponseWriter, r *http.Request, to, sentence string, args ...any) error {
	raw, err := json.Marshal(flash{flashPrefix + sentence, args})
	if err != nil {
		return fmt.Errorf("carrying a sentence: %w", err)
	}
	http.SetCookie(w, flashCookie(r, base64.RawURLEncoding.EncodeToString(raw), 60))
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func takeFlash(w http.ResponseWriter, r *http.Request) *flash {
	got, err := r.Cookie(flashName(r))
	if err != nil {
		return nil
	}
	http.SetCookie(w, flashCookie(r, "", -1))
	raw, err := base64.RawURLEncoding.DecodeString(got.Value)
	var f flash
	if err != nil || json.Unmarshal(raw, &f) != nil || !strings.HasPrefix(f.Key, flashPrefix) {
		return nil
	}
	for i, v := range f.Args {
		if n, ok := v.(float64); ok { // JSON has no whole numbers, plural forms want one
			f.Args[i] = int(n)
		}
	}
	return &f
}
