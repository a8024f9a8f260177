//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// playsKey is where a script's play lies.
type playsKey struct{}

// play is the server of one script and the secrets that were used in it.
type play struct {
	console, private string
	ca               []byte
	client           *http.Client
	secrets          []string
}

func playOf(ts *testscript.TestScript) *play { return ts.Value(playsKey{}).(*play) }

// startStub starts a server with the demo organization: "stub [flags]". Its end is awaited when the script ends, and
// so is that of the agent it has to do with.
func startStub(ts *testscript.TestScript, _ bool, args []string) {
	data := ts.MkAbs("stub")
	cmd := exec.CommandContext(context.Background(), filepath.Join(ts.Getenv("BIN"), "server-stub"),
		append([]string{"serve", "--port", "0", "--demo", "--data", data}, args...)...)
	log, err := os.Create(ts.MkAbs("stub.log"))
	ts.Check(err)
	cmd.Stderr = log
	cmd.Env = []string{"HOME=" + data, "PATH=" + os.Getenv("PATH")}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // ended by the signal
		_ = log.Close()
		endAgent(ts.Getenv("ROOT"))
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		ts.Fatalf("starting the stub: %v\n%s", err, text)
	}
	var listening struct{ Console, Private, CA string }
	ts.Check(json.Unmarshal(line, &listening))
	p := playOf(ts)
	p.console, p.private = listening.Console, listening.Private
	p.ca, err = os.ReadFile(listening.CA)
	ts.Check(err)
	p.client = p.newClient()
	ts.Setenv("CONSOLE", p.console)
	ts.Setenv("PRIVATE", p.private)
}

// newClient trusts the stub and keeps cookies.
func (p *play) newClient() *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.ca)
	jar, _ := cookiejar.New(nil) // fails never without options
	return &http.Client{Jar: jar, Timeout: time.Minute,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
}

// endAgent ends the agent of a sandbox, which is a process in a session of its own, so that nothing writes into the
// folder any more.
func endAgent(root string) {
	text, err := os.ReadFile(filepath.Join(root, "var/run/jcagent.pid"))
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return
	}
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil || !strings.HasPrefix(exe, root) {
		return // ended, and the number belongs to somebody else
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	for syscall.Kill(pid, 0) == nil && processLives(pid) {
		continue
	}
}

// processLives is false for a process that nobody waited for.
func processLives(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(text, []byte(") Z "))
}

// writeProfile writes the profile of the stub: "profile FILE [MORE.json]", where the second file's keys win.
func writeProfile(ts *testscript.TestScript, _ bool, args []string) {
	p := playOf(ts)
	profile := map[string]any{
		"organization": map[string]any{"name": "Acme Corporation"},
		"endpoints": map[string]any{"console": p.console, "kickstart": p.console, "privateKickstart": p.private,
			"agent": p.private, "packages": p.console},
		"ca":     string(p.ca),
		"signIn": map[string]any{"keyEndpoint": "/userconsole/api/connectkey"},
		"help":   map[string]any{"email": "it-help@acme.example"},
	}
	if len(args) > 1 {
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &profile))
	}
	if linux, ok := profile["linux"].(map[string]any); ok && linux["install"] == "package" {
		key, fingerprint, err := p.publisher()
		ts.Check(err)
		linux["publisher"] = map[string]string{"key": key, "fingerprint": fingerprint, "signature": ".asc"}
	}
	text, err := json.Marshal(profile)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// publisher gives the key that signs the stub's packages, and its fingerprint.
func (p *play) publisher() (key, fingerprint string, err error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.console+"/_qa/publisher.asc", nil)
	if err != nil {
		return "", "", err
	}
	req.Header.Set("X-QA", "1")
	resp, err := p.client.Do(req)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return string(text), resp.Header.Get("X-Fingerprint"), err
}

// writeKey signs ben in, who has no second factor, and writes answers with a fresh connect key: "key FILE". With
// "bare" as second argument it writes the key alone, as a person would paste it.
func writeKey(ts *testscript.TestScript, _ bool, args []string) {
	p := playOf(ts)
	client := p.newClient()
	var token struct{ XSRF string }
	ts.Check(p.call(client, http.MethodGet, "/userconsole/xsrf", "", nil, &token))
	ts.Check(p.call(client, http.MethodPost, "/userconsole/auth", token.XSRF,
		map[string]string{"email": "ben@acme.example", "password": "demo-User-1"}, nil))
	var key struct{ ConnectKey string }
	ts.Check(p.call(client, http.MethodPost, "/userconsole/api/connectkey", token.XSRF, struct{}{}, &key))
	if key.ConnectKey == "" {
		ts.Fatalf("the stub gave no key")
	}
	p.secrets = append(p.secrets, key.ConnectKey)
	text := []byte(key.ConnectKey + "\n")
	if !slices.Contains(args, "bare") {
		var err error
		text, err = json.Marshal(map[string]string{"connectKey": key.ConnectKey})
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// askStub calls one of the stub's test endpoints: "qa METHOD PATH [JSON]"; the answer is on stdout, in one
// line. With "!" the answer is expected not to be 2xx.
func askStub(ts *testscript.TestScript, neg bool, args []string) {
	p := playOf(ts)
	var body json.RawMessage
	if len(args) > 2 {
		body = json.RawMessage(args[2])
	}
	var answer json.RawMessage
	err := p.call(p.client, args[0], args[1], "", body, &answer)
	if (err != nil) != neg {
		ts.Fatalf("%v: %v", args, err)
	}
	if neg {
		return
	}
	var line bytes.Buffer
	ts.Check(json.Compact(&line, answer))
	_, err = ts.Stdout().Write(line.Bytes())
	ts.Check(err)
}

// call sends JSON and reads JSON.
func (p *play) call(client *http.Client, method, path, xsrf string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.Background(), method, p.console+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-QA", "1")
	if xsrf != "" {
		req.Header.Set("X-Xsrftoken", xsrf)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err = io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
