//go:build e2e && linux

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
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
	"syscall"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// serve starts the stub with its demo organization and writes the profile that names it.
func (d *desk) serve() {
	d.t.Helper()
	cmd := exec.CommandContext(context.Background(), filepath.Join(d.bin, "server-stub"), "serve", "--demo", "--port", "0", "--data", d.file("data"))
	log, err := os.Create(d.file("stub.log"))
	ok(d.t, err)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	ok(d.t, err)
	d.background(cmd)
	d.server = cmd
	d.t.Cleanup(func() { endAgent(d.file("root")) })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	ok(d.t, err)
	var at struct{ Console, Private, People, CA string }
	ok(d.t, json.Unmarshal(line, &at))
	d.console, d.people = at.Console, at.People
	authority, err := os.ReadFile(at.CA)
	ok(d.t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	jar, err := cookiejar.New(nil)
	ok(d.t, err)
	d.client = &http.Client{Jar: jar, Timeout: 2 * time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	profile, err := json.Marshal(map[string]any{
		"organization": map[string]string{"name": "Acme Corporation"},
		"endpoints":    map[string]string{"console": at.Console, "kickstart": at.Console, "packages": at.Console, "privateKickstart": at.Private, "agent": at.Private},
		"ca":           string(authority),
		"signIn":       map[string]string{"keyEndpoint": "/userconsole/api/connectkey"},
		"help":         map[string]string{"email": "it-help@acme.example"},
	})
	ok(d.t, err)
	ok(d.t, os.WriteFile(d.file("profile.json"), profile, 0o600))
}

// stopServer ends the stub.
func (d *desk) stopServer() {
	d.t.Helper()
	ok(d.t, d.server.Process.Signal(syscall.SIGTERM))
	_ = d.server.Wait()
}

// call asks the stub and gives the body of a good answer.
func (d *desk) call(method, address string, header map[string]string, body string) []byte {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, address, strings.NewReader(body))
	ok(d.t, err)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := d.client.Do(req)
	ok(d.t, err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	ok(d.t, err)
	if res.StatusCode != http.StatusOK {
		d.t.Fatalf("%s %s: %s\n%s", method, address, res.Status, answer)
	}
	return answer
}

// qa asks what only a stub answers.
func (d *desk) qa(path string, into any) {
	d.t.Helper()
	ok(d.t, json.Unmarshal(d.call(http.MethodGet, d.console+"/_qa/"+path, map[string]string{"X-QA": "1"}, ""), into))
}

// snapshot is what the stub knows.
func (d *desk) snapshot() (s stub.Snapshot) {
	d.t.Helper()
	d.qa("snapshot", &s)
	return s
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
	ok(d.t, json.Unmarshal(d.call(http.MethodGet, d.console+"/userconsole/xsrf", nil, ""), &token))
	header := map[string]string{"X-Xsrftoken": token.XSRF, "Content-Type": "application/json"}
	d.call(http.MethodPost, d.console+"/userconsole/auth", header, `{"email":"nora@acme.example","password":"demo-User-1","otp":"`+d.code()+`"}`)
	var key struct{ ConnectKey string }
	ok(d.t, json.Unmarshal(d.call(http.MethodPost, d.console+"/userconsole/api/connectkey", header, "{}"), &key))
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
	d.qa("await?bound=1&timeout=30s", &stub.Snapshot{})
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
