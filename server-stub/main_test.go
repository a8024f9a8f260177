package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
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
)

// built holds the programs that tests start, made once.
var built struct {
	dir  string
	stub func() (string, error)
	cli  func() (string, error)
}

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if built.dir, err = os.MkdirTemp("", "server-stub-test-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() {
			if err := os.RemoveAll(built.dir); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
		built.stub = sync.OnceValues(func() (string, error) { return goBuild("server-stub", ".") })
		built.cli = sync.OnceValues(func() (string, error) { return goBuild("assistant-cli", "../cmd/assistant", "-tags", "nogui,qa") })
		return m.Run()
	}())
}

func goBuild(name, folder string, flags ...string) (string, error) {
	path := filepath.Join(built.dir, name)
	cmd := exec.Command("go", append(append([]string{"build", "-o", path}, flags...), folder)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", name, err, out)
	}
	return path, nil
}

// stubProgram gives the path of this command, built.
func stubProgram(t *testing.T) string {
	t.Helper()
	path, err := built.stub()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// patience is how long anything may take before a test fails; a loaded machine is slow.
const patience = time.Minute

// eventually waits until a condition of the world outside this process holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("not in time: %s", what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	must(t, err)
	return string(raw)
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		args   string
		code   int
		stderr string
		stdout string
	}{
		{"", 2, "Usage: server-stub COMMAND", ""},
		{"nonsense", 2, "Usage: server-stub COMMAND", ""},
		{"help", 0, "", "Usage: server-stub COMMAND"},
		{"version", 0, "", "server-stub unknown go1."},
		{"version surplus", 2, "Usage: server-stub version", ""},
		{"serve -h", 0, "-private-port", ""},
		{"serve --nonsense", 2, "-nonsense", ""},
		{"serve --port 0 --seed /nonexistent", 1, "no such file", ""},
		{"serve --port 0 --journal /nonexistent/x", 1, "opening the journal", ""},
		{"serve --address 0.0.0.0 --port 0", 1, "can be reached from other computers", ""},
		{"ca", 2, "Usage: server-stub ca", ""},
		{"ca --data /nonexistent", 1, "no such file", ""},
		{"artifacts", 2, "Usage: server-stub artifacts", ""},
		{"artifacts --data /dev/null/x", 1, "making the data folder", ""},
		{"agent", 2, "server-stub agent run", ""},
		{"agent dance", 2, "server-stub agent run", ""},
		{"agent install --root /tmp", 2, "server-stub agent run", ""},
		{"agent run --root /nonexistent", 1, "no stub server installed this agent", ""},
		{"demo", 2, "Usage: server-stub demo", ""},
	} {
		t.Run(c.args, func(t *testing.T) {
			cmd := exec.Command(stubProgram(t), strings.Fields(c.args)...)
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			_ = cmd.Run() // the exit code is looked at
			if cmd.ProcessState.ExitCode() != c.code {
				t.Errorf("exit code %d, want %d", cmd.ProcessState.ExitCode(), c.code)
			}
			if !strings.Contains(errs.String(), c.stderr) || c.stderr == "" && errs.Len() > 0 {
				t.Errorf("stderr %q, want %q in it", errs.String(), c.stderr)
			}
			if !strings.Contains(out.String(), c.stdout) || c.stdout == "" && out.Len() > 0 {
				t.Errorf("stdout %q, want %q in it", out.String(), c.stdout)
			}
		})
	}
}

// startServe starts a server on free ports and waits until it listens; lines is what else it says.
func startServe(t *testing.T, args ...string) (cmd *exec.Cmd, said listening, lines *bufio.Scanner) {
	t.Helper()
	return startServeFor(t, patience, args...)
}

// startServeFor is startServe of a server that may run so long.
func startServeFor(t *testing.T, most time.Duration, args ...string) (cmd *exec.Cmd, said listening, lines *bufio.Scanner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), most)
	cmd = exec.CommandContext(ctx, stubProgram(t), append([]string{"serve", "--port", "0"}, args...)...)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // an error where the test waited already
	})
	if lines = bufio.NewScanner(out); !lines.Scan() {
		t.Fatal("it said nothing")
	}
	must(t, json.Unmarshal(lines.Bytes(), &said))
	return cmd, said, lines
}

func TestServe(t *testing.T) {
	data := t.TempDir()
	cmd, said, lines := startServe(t, "--demo", "--data", data, "--host", "stub.example", "--agent-version", "2.170.1")
	if said.Event != "listening" || said.Data != data || said.CA != filepath.Join(data, "ca.crt") {
		t.Errorf("it said %+v", said)
	}
	ca, err := exec.Command(stubProgram(t), "ca", "--data", data).Output()
	must(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatalf("ca printed %q", ca)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	for _, url := range []string{said.Console + "/readyz", said.People + "/readyz"} {
		resp, err := client.Get(url)
		must(t, err)
		must(t, resp.Body.Close())
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, resp.Status)
		}
	}
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	if lines.Scan() {
		t.Errorf("more than one line on stdout: %q", lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("told to end, it ended with %v", err)
	}
}

// A client that puts its password into an address is what a strict server ends badly for. The journal does not have it.
func TestServe_Strict(t *testing.T) {
	dir := t.TempDir()
	seed, journal := filepath.Join(dir, "seed.yaml"), filepath.Join(dir, "journal.jsonl")
	must(t, os.WriteFile(seed, []byte("users: [{username: ana, email: ana@example.test, password: correct-horse}]"), 0o600))
	for _, leak := range []bool{false, true} {
		cmd, said, _ := startServe(t, "--seed", seed, "--journal", journal, "--strict")
		signInByJSON(t, said.People, `{"email":"ana@example.test","password":"correct-horse"}`)
		if leak {
			resp, err := http.Get(said.People + "/found/correct-horse")
			must(t, err)
			must(t, resp.Body.Close())
		}
		must(t, cmd.Process.Signal(syscall.SIGTERM))
		want := 0
		if leak {
			want = 3
		}
		if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != want {
			t.Errorf("leak %t: exit code %d, want %d", leak, cmd.ProcessState.ExitCode(), want)
		}
	}
	written, err := os.ReadFile(journal)
	must(t, err)
	if !bytes.Contains(written, []byte(`"path":"/userconsole/auth"`)) || !bytes.Contains(written, []byte(`"kind":"violation"`)) || bytes.Contains(written, []byte("correct-horse")) {
		t.Errorf("the journal:\n%s", written)
	}
}

// signInByJSON signs in at the User Portal as a program does.
func signInByJSON(t *testing.T, base, account string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	client := &http.Client{Jar: jar}
	defer client.CloseIdleConnections()
	resp, err := client.Get(base + "/userconsole/xsrf")
	must(t, err)
	var token struct {
		XSRF string `json:"xsrf"`
	}
	must(t, json.NewDecoder(resp.Body).Decode(&token))
	must(t, resp.Body.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/userconsole/auth", strings.NewReader(account))
	must(t, err)
	req.Header.Set("X-Xsrftoken", token.XSRF)
	req.Header.Set("Content-Type", "application/json")
	resp, err = client.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("signing in: %s", resp.Status)
	}
}
