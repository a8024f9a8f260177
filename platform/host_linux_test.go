package platform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// TestFacts gathers those of the computer that runs the tests.
func TestFacts(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://nora:swordfish@proxy.example:3128")
	t.Setenv("NO_PROXY", "")
	h := New(Options{})
	f, err := h.Facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if f.OS != runtime.GOOS || f.Distribution == "" || f.Name == "" || f.Hostname != name || f.Arch == "" || f.User == "" ||
		f.DiskFree == 0 || f.Memory == 0 || f.Admin == "" || !exists(f.DiskPath) {
		t.Errorf("%+v", f)
	}
	if os.Getuid() == 0 && f.Admin != AdminYou {
		t.Errorf("root is %q", f.Admin)
	}
	if f.Proxy != "http://proxy.example:3128" {
		t.Errorf("proxy %q", f.Proxy)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.AgentState(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a state that nobody waits for: %v", err)
	}
}

func TestProxyShown(t *testing.T) {
	for _, c := range []struct {
		config httpproxy.Config
		want   string
	}{
		{httpproxy.Config{}, ""},
		{httpproxy.Config{HTTPSProxy: "http://nora:pw@proxy.example:3128"}, "http://proxy.example:3128"},
		{httpproxy.Config{HTTPSProxy: "proxy.example:3128"}, "http://proxy.example:3128"},
		{httpproxy.Config{HTTPProxy: "http://proxy.example"}, ""},
		{httpproxy.Config{HTTPSProxy: "http://proxy.example", NoProxy: ".jumpcloud.com"}, ""},
		{httpproxy.Config{HTTPSProxy: "://"}, ""},
	} {
		if got := proxyShown(&c.config); got != c.want {
			t.Errorf("%+v is %q, want %q", c.config, got, c.want)
		}
	}
}

func TestNearestParent(t *testing.T) {
	dir := t.TempDir()
	if got := nearestParent(filepath.Join(dir, "a", "b")); got != dir {
		t.Errorf("%q", got)
	}
	if got := nearestParent("/"); got != "/" {
		t.Errorf("%q", got)
	}
}

// TestSandboxState: in a sandbox the agent is a plain process.
func TestSandboxState(t *testing.T) {
	root := t.TempDir()
	state := func() AgentState {
		t.Helper()
		s, err := shallowState(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := state(); s.Installed || s.Service.Exists || s.Service.Running {
		t.Errorf("an empty sandbox: %+v", s)
	}
	for path, text := range map[string]string{agentVersion: "2.166.2\n", agentBinary: "", agentPID: "999999999"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(root+path), 0o700), os.WriteFile(root+path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if s := state(); !s.Installed || s.Version != "2.166.2" || !s.Service.Exists || s.Service.Running || s.Service.State != "inactive/dead" {
		t.Errorf("a dead agent: %+v", s)
	}
	if err := os.WriteFile(root+agentPID, []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := state(); !s.Service.Running || s.Service.Steady(time.Now()) || !s.Service.Steady(time.Now().Add(ActiveFor+time.Second)) {
		t.Errorf("a running agent: %+v", s)
	}
}

// TestServiceJudge: a service that crash-loops is told from one that takes its time.
func TestServiceJudge(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	up := Service{Exists: true, Running: true, State: "active/running", Since: now.Add(-time.Minute)}
	fresh := up
	fresh.Since = now.Add(-time.Second)
	loop := func(n int) Service { return Service{Exists: true, State: "activating/auto-restart", Restarts: n} }
	failed := Service{Exists: true, State: "failed/failed"}
	for _, c := range []struct {
		what  string
		looks []Service
		done  bool
		code  JobCode
	}{
		{"runs", []Service{up}, true, ""},
		{"comes up", []Service{{}, {Exists: true, State: "activating/start"}, fresh, fresh, up}, true, ""},
		{"still fresh", []Service{fresh, fresh, fresh, fresh, fresh, fresh}, false, ""},
		{"restarted once, then runs", []Service{loop(4), loop(5), {Exists: true, Running: true, State: "active/running", Restarts: 5, Since: now.Add(-time.Minute)}}, true, ""},
		{"crash-loops", []Service{loop(4), loop(5), loop(6), loop(7)}, false, JobServiceFailed},
		{"comes late", append(slices.Repeat([]Service{{}}, maxMissing-1), fresh, Service{}, up), true, ""},
		{"has given up", []Service{failed, failed, failed, failed, failed}, false, JobServiceFailed},
		{"had failed, and is started again", []Service{failed, failed, failed, failed, fresh, failed}, false, ""},
	} {
		j := &serviceJudge{now: func() time.Time { return now }}
		var done bool
		var err error
		for _, s := range c.looks {
			if done, err = j.settled(AgentState{Service: s}); done || err != nil {
				break
			}
		}
		if done != c.done || codeOf(t, err) != c.code {
			t.Errorf("%s: %t %v", c.what, done, err)
		}
	}
	j := &serviceJudge{now: func() time.Time { return now }}
	for look := range maxMissing {
		if _, err := j.settled(AgentState{}); errors.Is(err, errNoAgent) != (look == maxMissing-1) {
			t.Errorf("nothing was installed, look %d: %v", look, err)
		}
	}
}

// TestOpenURL starts a browser that prints, and one that does not end.
func TestOpenURL(t *testing.T) {
	bin, out, ended := t.TempDir(), filepath.Join(t.TempDir(), "opened"), filepath.Join(t.TempDir(), "ended")
	script := "#!/bin/sh\necho chatter\necho \"$1\" > " + out + "\nread end < " + ended + "\n"
	if err := syscall.Mkfifo(ended, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Opened for both, it does not wait for the browser, and lets it end.
		if f, err := os.OpenFile(ended, os.O_RDWR, 0); err == nil {
			_, _ = f.WriteString("\n")
			_ = f.Close()
		}
	})
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	if err := openURL("https://console.jumpcloud.com/userconsole#/security"); err != nil {
		t.Fatal(err)
	}
	await(t, out)
	until(t, "the address is not the one", func() bool {
		return readText(out) == "https://console.jumpcloud.com/userconsole#/security\n"
	})
	for _, address := range []string{"file:///etc/passwd", "javascript:alert(1)", "--help", "", "https://%zz"} {
		if err := openURL(address); err == nil {
			t.Errorf("%q was opened", address)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if err := openURL("https://console.jumpcloud.com"); err == nil {
		t.Error("without a browser nothing is said")
	}
}

// TestServeElevatedRefuses: somebody who runs the command by hand, without a channel of theirs, gets nowhere.
func TestServeElevatedRefuses(t *testing.T) {
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "channel", filepath.Join(t.TempDir(), "none", "channel")} {
		if err := ServeElevated(t.Context(), address, nil); err == nil {
			t.Errorf("%q was served", address)
		}
	}
	if now, err := os.Getwd(); err != nil || now != before {
		t.Errorf("a refused call moved the process to %s: %v", now, err)
	}
}
