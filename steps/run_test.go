package steps

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

func TestRun_Script(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Output = []string{"Checking local system time..."}
		computer.Hold = make(chan struct{})
		ui := &scripted{}
		c := config(t, computer)
		var log bytes.Buffer
		c.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		device, err := Run(t.Context(), c, ui)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := os.ReadFile(filepath.Join(c.StateDir, "run.json"))
		if err != nil {
			t.Fatal(err)
		}
		if all := ui.everything(t) + log.String() + string(saved); strings.Contains(all, "CANARY") || !strings.Contains(log.String(), "verdict") {
			t.Errorf("the key was told, or nothing was:\n%s", all)
		}
		want := []string{
			"step welcome", "step login", "step connect-key", "step requirements", "step plan", "step install",
			"phase consent waiting", "phase fetch-script waiting", "phase run-script waiting", "phase start-service waiting", "phase register waiting",
			"phase consent running", "phase consent done", "phase fetch-script running", "phase fetch-script done",
			"phase run-script running", "output Checking local system time...", "phase run-script done",
			"phase start-service running", "phase start-service done", "phase register running", "phase register done",
			"verdict installed yes", "verdict online yes", "verdict bound no",
			"step online", "step done", "finished",
		}
		// Once the agent may register, whoever watches it and whoever leads on tell what they see as it comes.
		got := ui.told()
		for _, told := range [][]string{got, want} {
			begin, end := slices.Index(told, "phase register running"), slices.Index(told, "step done")
			if begin >= 0 && begin < end {
				slices.Sort(told[begin:end])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("events:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if device.Hostname != "nora-laptop" || device.SystemKey != computer.SystemKey || device.AgentVersion != "2.166.2" ||
			device.Upgrade || device.Unchanged || !device.Installed.Yes || !device.Online.Yes || device.Bound.Yes || device.Finished.IsZero() {
			t.Errorf("device: %+v", device)
		}
		jobs := computer.Jobs()
		if len(jobs) != 1 {
			t.Fatalf("jobs: %d", len(jobs))
		}
		j := jobs[0]
		if j.Verb != platform.VerbInstall || j.Way != platform.WayScript || j.KickstartURL != "https://kickstart.jumpcloud.com" ||
			j.PrivateKickstartURL != "" || j.Package != nil || j.Root != "" {
			t.Errorf("job: %+v", j)
		}
		if !j.Key.Empty() {
			t.Error("the key was not wiped when the run ended")
		}
	})
}

// The order of questions and their going back.
func TestRun_Back(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		back := map[Step]int{Plan: 1, Requirements: 1, ConnectKey: 1}
		give := func(s Step) error {
			if back[s] > 0 {
				back[s]--
				return ErrBack
			}
			return nil
		}
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) { return Choice{}, give(q.Step) }
		ui.key = func(KeyQuestion) (platform.Secret, error) { return platform.NewSecret(goodKey), give(ConnectKey) }
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
		want := []Step{
			Welcome, Login, ConnectKey, Login, ConnectKey, Requirements, ConnectKey, Requirements, Plan, Requirements, Plan, Done,
		}
		if !slices.Equal(ui.asked, want) {
			t.Errorf("asked %v\nwant  %v", ui.asked, want)
		}
	})
}

// A second run on the same computer is an upgrade.
func TestRun_Upgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Agent = platform.AgentState{
			Installed: true, Version: "2.160.0", Certificate: true, SystemKey: "64930a6d00466f31842811a1",
			Service: platform.Service{Exists: true, Running: true, Since: time.Now().Add(-time.Hour)},
		}
		ui := &scripted{}
		var plan *InstallPlan
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Plan != nil {
				plan = q.Plan
			}
			return Choice{}, nil
		}
		device, err := Run(t.Context(), config(t, computer), ui)
		if err != nil {
			t.Fatal(err)
		}
		if !device.Upgrade || device.AgentVersion != "2.166.2" || device.Before != "2.160.0" || device.SameVersion() {
			t.Errorf("device: %+v", device)
		}
		// Once more, and nothing is newer than what is there.
		if again, err := Run(t.Context(), config(t, computer), ui); err != nil || !again.SameVersion() {
			t.Errorf("again: %+v, %v", again, err)
		}
		if !plan.Upgrade || !strings.Contains(strings.Join(plan.Notes, " "), "no mail is sent") {
			t.Errorf("plan: %+v", plan)
		}
	})
}

// An agent that was put there and never registered makes a new device: admins are mailed, so it is no upgrade.
func TestRun_UpgradeOfUnregistered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Agent = platform.AgentState{Installed: true, Version: "2.166.2"}
		host := computer.Host()
		elevate := host.Elevate
		host.Elevate = func(ctx context.Context, j platform.Job, report func(platform.Report)) error {
			report(platform.Report{Phase: platform.PhaseStartService, State: &platform.AgentState{Installed: true, Deep: true}})
			return elevate(ctx, j, report)
		}
		c := config(t, computer)
		c.Host = host
		device, err := Run(t.Context(), c, &scripted{})
		if err != nil || device.Upgrade {
			t.Errorf("device: %+v, %v", device, err)
		}
	})
}

// Every failure of the elevated side ends an unattended run with its own code.
// A consent that was refused is asked for again without anything else being asked again.
// A refused key is asked for again, with the reason; the keychain forgets it.
// What no key can mend is said at welcome, before anyone signs in.
// It is mended while the page is open: Check again goes on to the same page without the reason.
// Without a profile the person chooses the cloud, and its hosts are asked from then on.
// The key's own host wins over the region chosen.
// A profile's key leaves out login and connect-key; when it is refused the person is asked.
// A run that was cut short left a key in the keychain.
// A silent elevated side is not waited for for ever.
// The service never keeps running, and the elevated side says nothing about it.
// Installed, but never in contact: the deadline ends in a problem, and trying again goes on waiting for the same job.
// Only changes are reported, and that a service has run for long enough is none.
// The contact of the agent before an upgrade does not prove that the upgraded one is online.
// At the end the verdicts go on changing while the elevated side watches; after that, looking again is another job.
func TestRun_SecureToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Host.VerifyUser = func(_ context.Context, name string, pw platform.Secret) error {
			if name != "nora" || pw.Reveal() != "right" {
				return errors.New("wrong")
			}
			return nil
		}
		var given []platform.Secret
		ui := &scripted{token: func(q TokenQuestion) (TokenAnswer, error) {
			if len(q.Accounts) != 1 || q.Accounts[0].Name != "nora" || (q.Retry != "") != (len(given) == 1) {
				t.Errorf("question %+v", q)
			}
			pw := platform.NewSecret([]string{"wrong", "right"}[len(given)])
			given = append(given, pw)
			return TokenAnswer{Name: "nora", Password: pw}, nil
		}}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		if len(given) != 2 || !given[0].Empty() || !given[1].Empty() {
			t.Errorf("passwords were not wiped: %d", len(given))
		}
	})
}

// A damaged, unreadable or missing run.json costs only time.
func TestRun_RunFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(t, fake.Ubuntu2404())
		path := filepath.Join(c.StateDir, "run.json")
		if err := os.WriteFile(path, []byte(`{"id":`), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(t.Context(), c, &scripted{}); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Fatalf("run.json: %v, %v", info, err)
		}
		saved := openRunFile(c.StateDir, time.Now())
		if len(saved.Verdicts) != 3 || saved.Verdicts[0].Seen.IsZero() {
			t.Errorf("saved: %+v", saved)
		}
		left, err := filepath.Glob(filepath.Join(c.StateDir, "*"))
		if err != nil || len(left) != 1 {
			t.Errorf("files: %v, %v", left, err)
		}
	})
}

func TestRunFile_GoesOn(t *testing.T) {
	dir := t.TempDir()
	first := openRunFile(dir, time.Now())
	if err := first.save(); err != nil {
		t.Fatal(err)
	}
	if again := openRunFile(dir, time.Now()); again.ID != first.ID {
		t.Error("a run that was cut short got another id")
	}
	first.Finished = time.Now()
	if err := first.save(); err != nil {
		t.Fatal(err)
	}
	if next := openRunFile(dir, time.Now()); next.ID == first.ID {
		t.Error("a new run got the id of one that ended")
	}
}
