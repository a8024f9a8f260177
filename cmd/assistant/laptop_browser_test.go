//go:build laptop

package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// browser is a person's browser: cookies, forms, no scripts.
type browser struct {
	s      *service
	client *http.Client
}

// browser opens a browser at the stub's pages for people.
func (s *service) browser() *browser {
	return &browser{s: s, client: clientTrusting(s.t, []byte(s.authority()))}
}

// get reads a page.
func (b *browser) get(path string) string {
	b.s.t.Helper()
	req, err := http.NewRequestWithContext(b.s.t.Context(), http.MethodGet, b.s.People+path, http.NoBody)
	must(b.s.t, err)
	return b.s.answer(b.client, req)
}

// The parts of a form that a browser sends without a person's doing.
var (
	formPattern   = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
	hiddenPattern = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// submit fills in the form of a page that is sent to action, and gives the page that follows.
func (b *browser) submit(page, action string, fields map[string]string) string {
	b.s.t.Helper()
	for _, form := range formPattern.FindAllStringSubmatch(page, -1) {
		if html.UnescapeString(form[1]) != action {
			continue
		}
		values := url.Values{}
		for _, hidden := range hiddenPattern.FindAllStringSubmatch(form[2], -1) {
			values.Set(html.UnescapeString(hidden[1]), html.UnescapeString(hidden[2]))
		}
		for name, value := range fields {
			if !strings.Contains(form[2], `name="`+name+`"`) {
				b.s.t.Fatalf("the form %s has no field %s:\n%s", action, name, form[2])
			}
			values.Set(name, value)
		}
		req, err := http.NewRequestWithContext(b.s.t.Context(), http.MethodPost, b.s.People+action, strings.NewReader(values.Encode()))
		must(b.s.t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", b.s.People)
		return b.s.answer(b.client, req)
	}
	b.s.t.Fatalf("no form %s on this page:\n%s", action, page)
	return ""
}

// signInUser makes a connect key for nora in the User Portal, where she stays signed in: a code is good once, and there
// is a new one every half minute. It gives the Security page that shows the key.
func (s *service) signInUser() string {
	s.t.Helper()
	if s.nora == nil {
		s.nora = s.browser()
	}
	b := s.nora
	page := b.get("/userconsole")
	if strings.Contains(page, `action="/userconsole/signin"`) { // not yet, or no longer
		page = b.submit(page, "/userconsole/signin", map[string]string{"email": demoUser, "password": demoPassword})
		page = b.submit(page, "/userconsole/code", map[string]string{"otp": s.code()})
	}
	b.submit(page, "/userconsole/key", nil)
	return b.get("/userconsole")
}

// code gives nora's code of this moment, as her phone shows it; or the next one, which is accepted too, when this one
// was used: a code is good once.
func (s *service) code() string {
	s.t.Helper()
	var codes []struct{ Email, Code string }
	must(s.t, json.Unmarshal([]byte(s.qa("totp", "")), &codes))
	for _, c := range codes {
		if c.Email == demoUser {
			return c.Code
		}
	}
	s.t.Fatalf("%s has no second factor", demoUser)
	return ""
}

// element gives the text of a field of a page: an input's value or a textarea's content.
func (s *service) element(page, id string) string {
	s.t.Helper()
	for _, pattern := range []string{`<input id="%s"[^>]* value="([^"]*)"`, `(?s)<textarea id="%s"[^>]*>(.*?)</textarea>`} {
		if m := regexp.MustCompile(fmt.Sprintf(pattern, id)).FindStringSubmatch(page); m != nil {
			return html.UnescapeString(m[1])
		}
	}
	s.t.Fatalf("nothing called %s on this page:\n%s", id, page)
	return ""
}

// newKey gives a connect key of nora's, as the User Portal shows it.
func (s *service) newKey() string {
	s.t.Helper()
	return s.element(s.signInUser(), "key")
}

// bind has an administrator bind the device to the user that the list of devices offers first.
func (s *service) bind(deviceID string) {
	s.t.Helper()
	b := s.browser()
	b.submit(b.get("/admin/signin"), "/admin/signin", map[string]string{"email": demoAdmin, "password": adminPass})
	page := b.get("/admin/devices")
	form := regexp.MustCompile(`(?s)action="/admin/devices/` + deviceID + `/bind".*?</form>`).FindString(page)
	offered := regexp.MustCompile(`<option value="([^"]*)" selected>`).FindStringSubmatch(form)
	if offered == nil {
		s.t.Fatalf("the list of devices offers nobody for %s:\n%s", deviceID, page)
	}
	b.submit(page, "/admin/devices/"+deviceID+"/bind", map[string]string{"user": offered[1]})
}
