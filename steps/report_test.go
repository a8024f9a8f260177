package steps

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// logOf opens a log as the program does.
func logOf(t *testing.T) (Config, string, func()) {
	t.Helper()
	c := config(t, fake.Ubuntu2404())
	path := filepath.Join(c.StateDir, "assistant.log")
	log, closer, err := platform.OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	c.Log = log
	return c, path, func() {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestMakeReport_Failed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, path, done := logOf(t)
		computer := fake.Ubuntu2404()
		computer.Fail = &platform.JobError{Code: platform.JobServiceFailed, Phase: platform.PhaseStartService, Detail: "the service is failed/exit-code"}
		computer.Agent = platform.AgentState{Installed: true, Version: "2.160.0", Service: platform.Service{Exists: true, State: "failed/failed", Restarts: 3}}
		c.Host = computer.Host()
		if _, err := Run(t.Context(), c, &scripted{}); err == nil {
			t.Fatal("it did not fail")
		}
		done()
		run := RunID(c.StateDir)
		report := MakeReport(t.Context(), c, ReportInput{Version: "1.2.3 (test)", Log: path})
		for _, want := range []string{
			"Enrollment Assistant 1.2.3 (test), ", "Run: " + run, "\nThis computer\n", "Computer: nora-laptop", "System: Ubuntu 24.04, x86_64", "Free space: 84 GB, /opt",
			"\nLast problem\n", "Code: install-failed", "Step: install", "the service is failed/exit-code",
			"\nChecks, made anew\n", "ok system: Ubuntu 24.04 is supported [linux ubuntu 24.04]", "\nAgent\n", "Agent version: 2.160.0", "Service: failed/failed", "Restarts: 3",
			"\nSettings\n", "There is no profile", "\nLast seen\n  none", "\nLog, newest last\n", " step=install\n", " INFO check ", "code=install-failed step=install",
			"Log of the part with administrator rights",
		} {
			if !strings.Contains(report, want) {
				t.Errorf("it lacks %q", want)
			}
		}
		if run == "" || strings.Contains(report, "CANARY") || strings.Contains(report, "[note") || strings.Contains(report, "no value") || t.Failed() {
			t.Errorf("run %q:\n%s", run, report)
		}
	})
}

// A run that ended well leaves no problem behind, and a new one does not tell of the last one's.
func TestMakeReport_ProblemIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, done := logOf(t)
		defer done()
		computer := fake.Ubuntu2404()
		computer.Consent = platform.ErrDenied
		c.Host, c.Profile = computer.Host(), Profile{}
		ui := &scripted{confirm: func(Confirmation) (Choice, error) { return Choice{Region: platform.RegionEU}, nil }}
		ui.problem = func(Problem) error {
			computer.Change(func(c *fake.Computer) { c.Consent = nil })
			return nil
		}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		report := MakeReport(t.Context(), c, ReportInput{})
		if !strings.Contains(report, "agent.eu.jumpcloud.com") {
			t.Error("the hosts are not those of the region that was chosen")
		}
		if strings.Contains(report, "Last problem") || !strings.Contains(report, "Finished: ") || !strings.Contains(report, "Online: yes, ") || !strings.Contains(report, "Device: "+computer.SystemKey) {
			t.Error(report)
		}
	})
}

// Secrets and what a terminal would act on come out of nowhere: not of the log, its predecessor, the crash file, the
// facts, the agent's state, nor of a problem.
func TestMakeReport_Sealed(t *testing.T) {
	c, path, done := logOf(t)
	c.Log.Info("typed", "key", goodKey, "tenant", longKey, "password", "pass-canary", "wrapped", platform.NewSecret("canary-wrapped"))
	c.Log.Info("answer", "headers", "Set-Cookie: _jumpcloud_user_console_=cookie-canary; Path=/", "body", `{"password":"can\"ary"}`)
	c.Log.Info("\x1b[2Jcleared", "hidden", goodKey[:10]+"\x00\u200b"+goodKey[10:], "known", "known-canary")
	done()
	for name, text := range map[string]string{
		path + ".1":                            "not JSON: x-connect-key: canary\n{\"time\":\"2026\",\"Cookie\":\"canary\"}\n",
		filepath.Join(c.StateDir, "crash.txt"): "panic: " + goodKey + "\x1b]0;owned\x07\ngoroutine 1 password=canary\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	computer := fake.MacOS15()
	computer.Facts.Hostname = "evil\nLast problem\n  Code: none\x1b[31m"
	computer.Facts.User = goodKey
	computer.Facts.Proxy = "http://nora:canary@proxy:3128"
	computer.Agent = platform.AgentState{Installed: true, Version: "\u202e" + goodKey}
	c.Host = computer.Host()
	c.Profile.ConnectKey = platform.NewSecret("profile-canary")
	report := MakeReport(t.Context(), c, ReportInput{
		Version: "1 profile-canary", Log: path, Crash: filepath.Join(c.StateDir, "crash.txt"),
		Problem: &Problem{Code: CodeProfile, Summary: "No", Err: errors.New("token=canary")},
		Secrets: []platform.Secret{platform.NewSecret("known-canary")},
	})
	if strings.Contains(strings.ToLower(report), "canary") {
		t.Errorf("a secret is in it:\n%s", report)
	}
	if strings.ContainsAny(report, "\x1b\x00\x07\r\u202e\u200b") || strings.Contains(report, "\nLast problem") {
		t.Errorf("it is not plain: %q", report)
	}
	for _, want := range []string{"typed", "cleared", "goroutine 1", "Holds a SecureToken", "Why no enrollment can begin", "key=[secret]", "not JSON"} {
		if !strings.Contains(report, want) {
			t.Errorf("it lacks %q:\n%s", want, report)
		}
	}
}

// A report fits into a form, whatever the logs are, and has the end of them.
func TestMakeReport_Bounded(t *testing.T) {
	c, path, done := logOf(t)
	for i := range 5000 {
		c.Log.Info("output", "line", fmt.Sprintf("%d %s", i, strings.Repeat("long ü ", 40)))
	}
	done()
	crash := filepath.Join(c.StateDir, "crash.txt")
	if err := os.WriteFile(crash, []byte(strings.Repeat("panic at the disco\n", 50000)), 0o600); err != nil {
		t.Fatal(err)
	}
	report := MakeReport(t.Context(), c, ReportInput{Log: path, Crash: crash})
	if len(report) > reportMax || len(report) < logMax || !strings.Contains(report, "line=4999 long") || strings.Contains(report, "line=1 long") {
		t.Errorf("%d bytes", len(report))
	}
	if got := MakeReport(t.Context(), Config{}, ReportInput{Log: filepath.Join(c.StateDir, "none")}); !strings.Contains(got, "not known") || strings.Contains(got, "[note") {
		t.Errorf("of nothing:\n%s", got)
	}
}

// The log may be replaced by a link to a file that only an administrator can read, who makes the report.
func TestMakeReport_Link(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "shadow"), filepath.Join(dir, "assistant.log")
	if err := os.WriteFile(target, []byte("root only\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if got := MakeReport(t.Context(), Config{}, ReportInput{Log: link, Crash: link}); strings.Contains(got, "root only") || !strings.Contains(got, "administrators only") {
		t.Error(got)
	}
}

func TestReceipt(t *testing.T) {
	when := time.Date(2026, 11, 23, 9, 52, 45, 0, time.UTC)
	d := Device{
		Hostname: "nora-laptop", SystemKey: "64930a6d00466f31842811a1", AgentVersion: "2.166.2",
		Installed: Verdict{Name: Installed, Known: true, Yes: true, Seen: when},
		Online:    Verdict{Name: IsOnline, Known: true, Yes: true, Seen: when},
		Bound:     Verdict{Name: Bound},
		Left:      []Left{{Title: "The agent has no Full Disk Access"}},
	}
	want := `Computer: nora-laptop
Device: 64930a6d00466f31842811a1
Agent version: 2.166.2
Installed: yes, 2026-11-23 09:52:45 UTC
Online: yes, 2026-11-23 09:52:45 UTC
Bound: not known
Left to do: The agent has no Full Disk Access
Managed by: Acme Corporation
Run: ABC
Removal: To have the agent removed, ask your IT team to delete the device 64930a6d…11a1 in JumpCloud: the agent then removes itself. Removed here alone, the device stays listed.
`
	p := Profile{Organization: Organization{Name: "Acme\nCorporation"}}
	if got := Receipt(d, p, "ABC"); got != want {
		t.Errorf("%s", got)
	}
}
