//go:build e2e && linux

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// stubServer is the server that the people of a run share: each has an organization of its own in it.
var stubServer struct {
	sync.Mutex
	Console, CA string
}

// sharedStub starts that server, once, and gives its address and the file of its authority.
func sharedStub(t *testing.T, programs string) (console, ca string) {
	t.Helper()
	stubServer.Lock()
	defer stubServer.Unlock()
	if stubServer.Console != "" {
		return stubServer.Console, stubServer.CA
	}
	data, err := os.MkdirTemp("", "stub") //nolint:usetesting // it outlives the test that is the first to ask for it
	must(t, err)
	cmd := exec.CommandContext(context.Background(), filepath.Join(programs, "server-stub"), "serve", "--port", "0", "--data", data)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	endings = append(endings, func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()
		_ = os.RemoveAll(data)
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	must(t, err)
	must(t, json.Unmarshal(line, &stubServer))
	return stubServer.Console, stubServer.CA
}

// serve makes an organization of this person's own, as the demo has it, and writes the profile that names its server.
// In the end, nothing that must never happen may have happened there.
func (d *desk) serve() {
	d.t.Helper()
	home, ca := sharedStub(d.t, d.bin)
	authority, err := os.ReadFile(ca)
	must(d.t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	jar, err := cookiejar.New(nil)
	must(d.t, err)
	d.client = &http.Client{Jar: jar, Timeout: 2 * time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	var at struct{ Name, Console, Private, People string }
	must(d.t, json.Unmarshal(d.call(http.MethodPost, home+"/_qa/namespaces", qaHeader, `{"demo":true}`), &at))
	d.console, d.people = at.Console, at.People
	d.endServer = func() { d.call(http.MethodDelete, home+"/_qa/namespaces/"+at.Name, qaHeader, "") }
	d.t.Cleanup(func() {
		endAgent(d.file("root"))
		if d.endServer == nil {
			return
		}
		var rules struct{ Violations []stub.Violation }
		d.qa("invariants", &rules)
		for _, v := range rules.Violations {
			d.t.Errorf("the server saw what must never happen: %s: %s", v.Invariant, v.Text)
		}
		d.endServer()
	})
	profile, err := json.Marshal(map[string]any{
		"organization": map[string]string{"name": "Acme Corporation"},
		"endpoints":    map[string]string{"console": at.Console, "kickstart": at.Console, "packages": at.Console, "privateKickstart": at.Private, "agent": at.Private},
		"ca":           string(authority),
		"signIn":       map[string]string{"keyEndpoint": "/userconsole/api/connectkey"},
		"help":         map[string]string{"email": "it-help@acme.example"},
	})
	must(d.t, err)
	must(d.t, os.WriteFile(d.file("profile.json"), profile, 0o600))
}

// stopServer ends the stub, as far as this person sees it.
func (d *desk) stopServer() {
	d.t.Helper()
	d.endServer()
	d.endServer = nil
}

// qaHeader is what a request shows that only a stub answers.
var qaHeader = map[string]string{"X-QA": "1"}

// call asks the stub and gives the body of a good answer. It works in a cleanup too; the client has a limit.
func (d *desk) call(method, address string, header map[string]string, body string) []byte {
	d.t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(d.t.Context()), method, address, strings.NewReader(body))
	must(d.t, err)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := d.client.Do(req)
	must(d.t, err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	must(d.t, err)
	if res.StatusCode != http.StatusOK {
		d.t.Fatalf("%s %s: %s\n%s", method, address, res.Status, answer)
	}
	return answer
}

// qa asks what only a stub answers.
func (d *desk) qa(path string, into any) {
	d.t.Helper()
	must(d.t, json.Unmarshal(d.call(http.MethodGet, d.console+"/_qa/"+path, qaHeader, ""), into))
}

// snapshot is what the stub knows.
func (d *desk) snapshot() (s stub.Snapshot) {
	d.t.Helper()
	d.qa("snapshot", &s)
	return s
}

// awaited waits until the stub has so many of what the query names.
func (d *desk) awaited(query string) (s stub.Snapshot) {
	d.t.Helper()
	d.qa("await?timeout=30s&"+query, &s)
	return s
}

// advance moves the stub's clock.
func (d *desk) advance(by time.Duration) {
	d.t.Helper()
	d.call(http.MethodPost, d.console+"/_qa/clock", qaHeader, fmt.Sprintf(`{"advanceSeconds":%d}`, int(by.Seconds())))
}

// code is what nora's authenticator shows now.
func (d *desk) code() string {
	d.t.Helper()
	var codes []struct{ Username, Code string }
	d.qa("totp", &codes)
	for _, c := range codes {
		if c.Username == "nora" {
			return c.Code
		}
	}
	d.t.Fatalf("nora has no second factor: %+v", codes)
	return ""
}

// noraKey makes a connect key through the User Portal's session, with nora's second factor.
func noraKey(d *desk) string {
	d.t.Helper()
	var token struct{ XSRF string }
	must(d.t, json.Unmarshal(d.call(http.MethodGet, d.console+"/userconsole/xsrf", nil, ""), &token))
	header := map[string]string{"X-Xsrftoken": token.XSRF, "Content-Type": "application/json"}
	d.call(http.MethodPost, d.console+"/userconsole/auth", header, `{"email":"nora@acme.example","password":"demo-User-1","otp":"`+d.code()+`"}`)
	var key struct{ ConnectKey string }
	must(d.t, json.Unmarshal(d.call(http.MethodPost, d.console+"/userconsole/api/connectkey", header, "{}"), &key))
	return key.ConnectKey
}

// bind has an admin bind the device to the user that the Admin Portal offers first: nora, who installed it.
func bind(d *desk, device stub.System) {
	d.t.Helper()
	page := d.submit(d.visit("/admin/signin"), "/admin/signin", "email", "ada@acme.example", "password", "demo-Admin-1")
	action := "/admin/devices/" + device.ID + "/bind"
	form := regexp.MustCompile(`(?s)action="` + action + `".*?</form>`).FindString(page)
	offered := regexp.MustCompile(`<option value="([^"]*)" selected>`).FindStringSubmatch(form)
	if offered == nil {
		d.t.Fatalf("the list of devices offers nobody:\n%s", page)
	}
	d.submit(page, action, "user", offered[1])
	d.awaited("bound=1")
	s := d.snapshot()
	for _, u := range s.Users {
		if slices.Contains(s.Systems[0].BoundUserIDs, u.ID) && u.Username != "nora" {
			d.t.Errorf("bound to %s", u.Username)
		}
	}
}

// visit reads a page as a browser does.
func (d *desk) visit(path string) string {
	d.t.Helper()
	return string(d.call(http.MethodGet, d.people+path, nil, ""))
}

// submit sends the form of a page that goes to action, with its hidden fields, and gives the page that follows.
func (d *desk) submit(page, action string, fields ...string) string {
	d.t.Helper()
	form := regexp.MustCompile(`(?s)<form[^>]* action="` + regexp.QuoteMeta(action) + `".*?</form>`).FindString(page)
	if form == "" {
		d.t.Fatalf("no form goes to %s:\n%s", action, page)
	}
	values := url.Values{}
	for _, hidden := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(form, -1) {
		values.Set(html.UnescapeString(hidden[1]), html.UnescapeString(hidden[2]))
	}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return string(d.call(http.MethodPost, d.people+action, map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": d.people}, values.Encode()))
}
