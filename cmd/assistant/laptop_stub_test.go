//go:build laptop

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// The accounts of the stub's demo organization.
const (
	demoUser     = "nora@acme.example"
	demoPassword = "demo-User-1"
	demoTOTP     = "JBSWY3DPEHPK3PXP"
	demoAdmin    = "ada@acme.example"
	adminPass    = "demo-Admin-1"
)

// service is a running stub server with its demo organization.
type service struct {
	t       *testing.T
	Console string `json:"console"`
	Private string `json:"private"`
	People  string `json:"people"`
	CA      string `json:"ca"`
	log     string // file of what it printed
	client  *http.Client
	nora    *browser // that she is signed in with; nil before
}

// serve starts a stub server on free ports and waits until it listens. It ends with the test.
func (l *lab) serve(t *testing.T, name string, options ...string) *service {
	t.Helper()
	s := &service{t: t, log: filepath.Join(l.dir, name+".stub")}
	log, err := os.Create(s.log)
	must(t, err)
	defer func() { _ = log.Close() }()
	args := append([]string{"serve", "--demo", "--port", "0", "--data", filepath.Join(l.dir, name+".data")}, options...)
	cmd := exec.Command(filepath.Join(l.dir, "server-stub"), args...)
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	ended := make(chan struct{})
	end := sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	})
	l.onClose(end) // an interrupt leaves out what a test cleans up
	t.Cleanup(end)
	lines := bufio.NewReader(out)
	line, err := lines.ReadBytes('\n')
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		_ = cmd.Wait()
		close(ended)
	}()
	if err != nil || json.Unmarshal(line, s) != nil || s.Console == "" {
		text, _ := os.ReadFile(s.log)
		t.Fatalf("the stub did not say that it listens: %q %v\n%s", line, err, text)
	}
	pem, err := os.ReadFile(s.CA)
	must(t, err)
	s.client = clientTrusting(t, pem)
	return s
}

// clientTrusting gives a client with cookies of its own that knows one authority.
func clientTrusting(t *testing.T, pem []byte) *http.Client {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("the stub's authority is no PEM")
	}
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &http.Client{Jar: jar, Timeout: time.Minute,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
}

// authority gives the certificate authority as PEM.
func (s *service) authority() string {
	s.t.Helper()
	pem, err := os.ReadFile(s.CA)
	must(s.t, err)
	return string(pem)
}

// profile gives the profile that an admin ships for this stub. change may alter it.
func (s *service) profile(change func(map[string]any)) []byte {
	s.t.Helper()
	p := map[string]any{
		"organization": map[string]any{"name": "Acme Corporation"},
		"endpoints": map[string]any{"console": s.Console, "kickstart": s.Console, "packages": s.Console,
			"privateKickstart": s.Private, "agent": s.Private},
		"ca":     s.authority(),
		"signIn": map[string]any{"keyEndpoint": "/userconsole/api/connectkey"},
		"help":   map[string]any{"email": "it-help@acme.example"},
	}
	if change != nil {
		change(p)
	}
	text, err := json.MarshalIndent(p, "", "  ")
	must(s.t, err)
	return text
}

// byPackage changes a profile to one that installs the package which this stub's publisher signed.
func (s *service) byPackage(p map[string]any) {
	p["linux"] = map[string]any{"install": "package", "publisher": s.publisher()}
}

// publisher gives who signs the stub's packages, as a profile names them.
func (s *service) publisher() map[string]any {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.Console+"/_qa/publisher.asc", nil)
	must(s.t, err)
	req.Header.Set("X-QA", "1")
	res, err := s.client.Do(req)
	must(s.t, err)
	defer func() { _ = res.Body.Close() }()
	key, err := io.ReadAll(res.Body)
	must(s.t, err)
	return map[string]any{"key": string(key), "fingerprint": res.Header.Get("X-Fingerprint"), "signature": ".asc"}
}

// qa asks one of the addresses that only a stub has: with a body it changes something.
func (s *service) qa(path, body string) string {
	s.t.Helper()
	if body == "" {
		return s.ask(http.MethodGet, path, "")
	}
	return s.ask(http.MethodPost, path, body)
}

// heal removes all faults.
func (s *service) heal() {
	s.t.Helper()
	s.ask(http.MethodDelete, "faults", "")
}

// ask sends a request to one of these addresses.
func (s *service) ask(method, path, body string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 3*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.Console+"/_qa/"+path, strings.NewReader(body))
	must(s.t, err)
	req.Header.Set("X-QA", "1")
	return s.answer(s.client, req)
}

// set changes settings of the stub.
func (s *service) set(settings string) {
	s.t.Helper()
	s.qa("settings", settings)
}

// await waits until what is asked for is so, such as online=1, and gives what the stub knows then.
func (s *service) await(what string) stub.Snapshot {
	s.t.Helper()
	var snapshot stub.Snapshot
	must(s.t, json.Unmarshal([]byte(s.qa("await?timeout=60s&"+what, "")), &snapshot))
	return snapshot
}

// snapshot gives everything the stub knows.
func (s *service) snapshot() stub.Snapshot {
	s.t.Helper()
	var snapshot stub.Snapshot
	must(s.t, json.Unmarshal([]byte(s.qa("snapshot", "")), &snapshot))
	return snapshot
}

// answer sends a request and gives the body of an answer that must be a good one.
func (s *service) answer(c *http.Client, req *http.Request) string {
	s.t.Helper()
	res, err := c.Do(req)
	must(s.t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	must(s.t, err)
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %s\n%s", req.Method, req.URL.Path, res.Status, body)
	}
	return string(body)
}
