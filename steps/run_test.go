package steps

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
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
		if got := ui.told(); !slices.Equal(got, want) {
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
		if !device.Upgrade || device.AgentVersion != "2.166.2" {
			t.Errorf("device: %+v", device)
		}
		if !plan.Upgrade || !strings.Contains(strings.Join(plan.Notes, " "), "nobody is mailed") {
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

func TestRun_Bound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Hold = make(chan struct{})
		computer.Bind = []string{"nora"}
		c := config(t, computer)
		c.Until = Bound
		device, err := Run(t.Context(), c, &scripted{})
		if err != nil || !device.Bound.Yes || !strings.Contains(device.Bound.Proof, "nora") {
			t.Errorf("device: %+v, %v", device, err)
		}
	})
}

func TestRun_NotBoundInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Hold = make(chan struct{})
		c := config(t, computer)
		c.Until, c.BoundWithin = Bound, time.Minute
		start := time.Now()
		device, err := Run(t.Context(), c, &scripted{})
		wantCode(t, err, CodeNotBound, 53)
		if !device.Online.Yes || time.Since(start) < time.Minute {
			t.Errorf("device after %v: %+v", time.Since(start), device)
		}
	})
}

// Every failure of the elevated side ends an unattended run with its own code.
func TestRun_JobProblems(t *testing.T) {
	fail := func(p platform.Phase, c platform.JobCode) *platform.JobError {
		return &platform.JobError{Phase: p, Code: c, Detail: "detail"}
	}
	for _, tc := range []struct {
		name    string
		consent error
		fail    *platform.JobError
		code    Code
		exit    int
	}{
		{"denied", platform.ErrDenied, nil, CodeDenied, 30},
		{"dialog left open", platform.ErrTimeout, nil, CodeDenied, 30},
		{"nobody to ask", platform.ErrNoConsent, nil, CodeNeedsAdmin, 31},
		{"busy", platform.ErrBusy, nil, CodeBusy, 32},
		{"key refused by the script", nil, fail(platform.PhaseFetchScript, platform.JobKeyRefused), CodeKeyRefused, 12},
		{"key refused to the agent", nil, fail(platform.PhaseRegister, platform.JobKeyRefused), CodeKeyRefused, 12},
		{"unreachable", nil, fail(platform.PhaseFetchScript, platform.JobUnreachable), CodeUnreachable, 20},
		{"no script", nil, fail(platform.PhaseFetchScript, platform.JobBadScript), CodeUntrusted, 50},
		{"host not allowed", nil, fail(platform.PhaseConsent, platform.JobUntrusted), CodeUntrusted, 50},
		{"script failed", nil, fail(platform.PhaseRunScript, platform.JobScriptFailed), CodeInstallFailed, 51},
		{"service", nil, fail(platform.PhaseStartService, platform.JobServiceFailed), CodeInstallFailed, 51},
		{"unsupported", nil, fail(platform.PhaseRunScript, platform.JobUnsupported), CodeUnsupported, 41},
		{"clock", nil, fail(platform.PhaseRunScript, platform.JobClock), CodeClock, 21},
		{"not registered", nil, fail(platform.PhaseRegister, platform.JobNotRegistered), CodeNotOnline, 52},
		{"defect", nil, fail(platform.PhaseConsent, platform.JobInternal), CodeInternal, 1},
		{"an error of no kind", errors.New("x"), nil, CodeInternal, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				computer := fake.Ubuntu2404()
				computer.Consent, computer.Fail = tc.consent, tc.fail
				ui := &scripted{}
				_, err := Run(t.Context(), config(t, computer), ui)
				wantCode(t, err, tc.code, tc.exit)
				told := ui.told()
				n := 0
				for _, w := range told {
					if strings.HasPrefix(w, "problem ") {
						n++
					}
				}
				if n != 1 || told[len(told)-1] != "finished "+string(tc.code) {
					t.Errorf("events:\n%s", strings.Join(told, "\n"))
				}
				if strings.Contains(ui.everything(t), "[problem") {
					t.Error("a sentence is missing")
				}
			})
		})
	}
}

func wantCode(t *testing.T, err error, code Code, exit int) {
	t.Helper()
	var p *Problem
	if !errors.As(err, &p) {
		t.Fatalf("error %v is no problem", err)
	}
	if p.Code != code || ExitCode(err) != exit {
		t.Errorf("code %s, exit %d; want %s, %d", p.Code, ExitCode(err), code, exit)
	}
	if p.Summary == "" || p.Hint == "" || strings.HasPrefix(p.Summary, "[") || strings.HasPrefix(p.Hint, "[") {
		t.Errorf("sentences: %q, %q", p.Summary, p.Hint)
	}
}

// A consent that was refused is asked for again without anything else being asked again.
func TestRun_RetryKeepsTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Consent = platform.ErrDenied
		ui := &scripted{}
		ui.problem = func(Problem) error {
			computer.Change(func(c *fake.Computer) { c.Consent = nil })
			return nil
		}
		device, err := Run(t.Context(), config(t, computer), ui)
		if err != nil || !device.Online.Yes || device.Upgrade {
			t.Fatalf("device: %+v, %v", device, err)
		}
		if !slices.Equal(ui.asked, []Step{Welcome, Login, ConnectKey, Requirements, Plan, Done}) {
			t.Errorf("asked %v", ui.asked)
		}
	})
}

// A refused key is asked for again, with the reason; the keychain forgets it.
func TestRun_KeyRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Fail = &platform.JobError{Code: platform.JobKeyRefused, Phase: platform.PhaseFetchScript}
		host := computer.Host()
		ui := &scripted{}
		var retries []*Problem
		ui.key = func(q KeyQuestion) (platform.Secret, error) {
			retries = append(retries, q.Retry)
			if q.Retry != nil {
				if kept, err := host.Recall(); err != nil || !kept.Key.Empty() {
					t.Errorf("the keychain still has %v, %v", kept, err)
				}
				computer.Change(func(c *fake.Computer) { c.Fail = nil })
			}
			return platform.NewSecret(goodKey), nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
		if len(retries) != 2 || retries[0] != nil || retries[1] == nil || retries[1].Code != CodeKeyRefused {
			t.Errorf("retries: %v", retries)
		}
		if !slices.Contains(ui.told(), "problem key-refused") {
			t.Errorf("events: %v", ui.told())
		}
	})
}

func TestRefuseKey_NamesTheHour(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		from keySource
		age  time.Duration
		want string
	}{
		{"old, made here", keyOfSession, 73 * time.Minute, "This key is 73 minutes old; keys live one hour."},
		{"young, made here", keyOfSession, 3 * time.Minute, "only 3 minutes old"},
		{"pasted", keyOfPerson, time.Minute, "works for one hour"},
		{"pasted long ago", keyOfPerson, 61 * time.Minute, "entered 61 minutes ago"},
		{"of the profile", keyOfProfile, 0, "organization's profile"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEnrollment(Config{Now: func() time.Time { return now }}.withDefaults(), &scripted{})
			e.acceptKey(Key{Value: platform.NewSecret(goodKey)}, tc.from)
			now = now.Add(tc.age)
			if p := e.refuseKey(nil); !strings.Contains(p.Hint, tc.want) {
				t.Errorf("hint %q lacks %q", p.Hint, tc.want)
			}
		})
	}
}

// What no key can mend is said at welcome, before anyone signs in.
func TestRun_BlockedAtWelcome(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*platform.Facts)
		code   Code
		exit   int
	}{
		{"system", func(f *platform.Facts) { f.Distribution, f.Name, f.Version = "centos", "CentOS Stream", "9" }, CodeUnsupported, 41},
		{"processor", func(f *platform.Facts) { f.Arch = "i686" }, CodeUnsupported, 41},
		{"container", func(f *platform.Facts) { f.Container = "docker" }, CodeUnsupported, 41},
		{"rights", func(f *platform.Facts) { f.Admin = platform.AdminNobody }, CodeBlocked, 40},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				computer := fake.Ubuntu2404()
				tc.change(&computer.Facts)
				ui := &scripted{}
				again := 1
				ui.confirm = func(q Confirmation) (Choice, error) {
					if q.Welcome.Blocked == nil {
						t.Error("not blocked")
					}
					if again > 0 {
						again--
						return Choice{Again: true}, nil
					}
					return Choice{}, ErrQuit
				}
				_, err := Run(t.Context(), config(t, computer), ui)
				wantCode(t, err, tc.code, tc.exit)
				if !slices.Equal(ui.asked, []Step{Welcome, Welcome}) {
					t.Errorf("asked %v", ui.asked)
				}
				if len(computer.Jobs()) != 0 {
					t.Error("a job was started")
				}
			})
		})
	}
}

func isBlocked(q Confirmation) bool { return q.Welcome != nil && q.Welcome.Blocked != nil }

// It is mended while the page is open: Check again goes on to the same page without the reason.
func TestRun_WelcomeMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Facts.Admin = platform.AdminNobody
		ui := &scripted{}
		var blocked []bool
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Step != Welcome {
				return Choice{}, ErrQuit
			}
			blocked = append(blocked, isBlocked(q))
			if blocked[len(blocked)-1] {
				computer.Change(func(c *fake.Computer) { c.Facts.Admin = platform.AdminAnother })
				return Choice{Again: true}, nil
			}
			return Choice{}, nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); !errors.Is(err, ErrQuit) {
			t.Errorf("error %v", err)
		}
		if !slices.Equal(blocked, []bool{true, false}) {
			t.Errorf("blocked %v", blocked)
		}
	})
}

func TestRun_Requirements(t *testing.T) {
	unreachable := platform.HostAnswer{Failure: platform.FailConnect}
	t.Run("unattended", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			computer := fake.Ubuntu2404()
			computer.Answers = map[string]platform.HostAnswer{"https://agent.jumpcloud.com": unreachable}
			_, err := Run(t.Context(), config(t, computer), &scripted{})
			wantCode(t, err, CodeUnreachable, 20)
		})
	})
	t.Run("quit on the page", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			computer := fake.Ubuntu2404()
			computer.Facts.DiskFree = 180 << 20
			ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
				if q.Step == Requirements {
					return Choice{}, ErrQuit
				}
				return Choice{}, nil
			}}
			_, err := Run(t.Context(), config(t, computer), ui)
			wantCode(t, err, CodeBlocked, 40)
		})
	})
	t.Run("check one again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			computer := fake.Ubuntu2404()
			computer.Answers = map[string]platform.HostAnswer{"https://agent.jumpcloud.com": unreachable}
			var levels []Level
			ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
				if q.Step != Requirements {
					return Choice{}, nil
				}
				levels = append(levels, check(t, q.Checks, CheckHosts).Level)
				if len(levels) == 1 {
					computer.Change(func(c *fake.Computer) { c.Answers = nil })
					return Choice{Again: true, Check: CheckHosts}, nil
				}
				return Choice{}, nil
			}}
			if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(levels, []Level{LevelBlock, LevelOK}) {
				t.Errorf("levels %v", levels)
			}
		})
	})
}

// Without a profile the person chooses the cloud, and its hosts are asked from then on.
func TestRun_Region(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Profile = Profile{}
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Welcome != nil {
				if !slices.Equal(q.Welcome.Regions, platform.Regions) {
					t.Errorf("regions %v", q.Welcome.Regions)
				}
				return Choice{Region: platform.RegionEU}, nil
			}
			if q.Step == Requirements && !strings.Contains(check(t, q.Checks, CheckHosts).Detail, "agent.eu.jumpcloud.com") {
				t.Errorf("hosts: %+v", check(t, q.Checks, CheckHosts))
			}
			return Choice{}, nil
		}
		ui.login = func(q LoginQuestion) (LoginAnswer, error) {
			if q.Wizard || q.PortalURL != "https://console.eu.jumpcloud.com/userconsole#/security" {
				t.Errorf("login: %+v", q)
			}
			return LoginAnswer{Browser: true}, nil
		}
		ui.key = func(q KeyQuestion) (platform.Secret, error) {
			if !q.Opened {
				t.Error("the portal was opened, and the page does not know")
			}
			return platform.NewSecret(goodKey), nil
		}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		if got := computer.Jobs()[0].KickstartURL; got != "https://kickstart.eu.jumpcloud.com" {
			t.Errorf("kickstart %s", got)
		}
		if !slices.Equal(computer.Opened(), []string{"https://console.eu.jumpcloud.com/userconsole#/security"}) {
			t.Errorf("opened %v", computer.Opened())
		}
	})
}

// The key's own host wins over the region chosen.
func TestRun_KeyNamesRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Profile = Profile{}
		ui := &scripted{key: func(KeyQuestion) (platform.Secret, error) {
			return platform.NewSecret("curl -H 'x-connect-key: " + goodKey + "' https://kickstart.in.jumpcloud.com/Kickstart | sudo bash"), nil
		}}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Step == Requirements && !strings.Contains(check(t, q.Checks, CheckHosts).Detail, "agent.in.jumpcloud.com") {
				t.Errorf("hosts: %+v", check(t, q.Checks, CheckHosts))
			}
			return Choice{}, nil
		}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		if got := computer.Jobs()[0].KickstartURL; got != "https://kickstart.in.jumpcloud.com" {
			t.Errorf("kickstart %s", got)
		}
	})
}

// A profile's key leaves out login and connect-key; when it is refused the person is asked.
func TestRun_ProfileKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Fail = &platform.JobError{Code: platform.JobKeyRefused, Phase: platform.PhaseFetchScript}
		c := config(t, computer)
		c.Profile.ConnectKey = platform.NewSecret(goodKey)
		ui := &scripted{}
		ui.key = func(q KeyQuestion) (platform.Secret, error) {
			if q.Retry == nil || !strings.Contains(q.Retry.Hint, "profile") {
				t.Errorf("retry: %+v", q.Retry)
			}
			computer.Change(func(c *fake.Computer) { c.Fail = nil })
			return platform.NewSecret(goodKey), nil
		}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(ui.asked, []Step{Welcome, Requirements, Plan, ConnectKey, Requirements, Plan, Done}) {
			t.Errorf("asked %v", ui.asked)
		}
		if c.Profile.ConnectKey.Reveal() != goodKey {
			t.Error("the caller's key was wiped")
		}
	})
}

// A run that was cut short left a key in the keychain.
func TestRun_Recall(t *testing.T) {
	for _, tc := range []struct {
		name  string
		age   time.Duration
		asked bool
	}{
		{"young", 20 * time.Minute, false},
		{"an hour old", time.Hour, true},
		{"from the future", -time.Minute, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				computer := fake.Ubuntu2404()
				c := config(t, computer)
				if err := c.Host.Remember(platform.Remembered{Key: platform.NewSecret(goodKey), Kept: time.Now().Add(-tc.age)}); err != nil {
					t.Fatal(err)
				}
				ui := &scripted{}
				if _, err := Run(t.Context(), c, ui); err != nil {
					t.Fatal(err)
				}
				if slices.Contains(ui.asked, ConnectKey) != tc.asked {
					t.Errorf("asked %v", ui.asked)
				}
				if kept, err := c.Host.Recall(); err != nil || !kept.Key.Empty() {
					t.Errorf("the keychain still has %v, %v", kept, err)
				}
			})
		})
	}
}

func TestRun_MalformedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ui := &scripted{key: func(q KeyQuestion) (platform.Secret, error) {
			if q.Retry != nil {
				return platform.Secret{}, ErrQuit
			}
			return platform.NewSecret("abc"), nil
		}}
		_, err := Run(t.Context(), config(t, fake.Ubuntu2404()), ui)
		wantCode(t, err, CodeKeyMalformed, 10)
	})
}

func TestRun_Canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		host := computer.Host()
		finished := false
		ctx, cancel := context.WithCancel(t.Context())
		host.Elevate = func(ctx context.Context, _ platform.Job, report func(platform.Report)) error {
			report(platform.Report{Phase: platform.PhaseRunScript})
			cancel()
			<-ctx.Done()
			finishCommand := time.NewTimer(time.Minute) // the vendor's script runs on to its end
			<-finishCommand.C
			finished = true
			return ctx.Err()
		}
		c := config(t, computer)
		c.Host = host
		ui := &scripted{}
		_, err := Run(ctx, c, ui)
		wantCode(t, err, CodeCanceled, 130)
		if !finished {
			t.Error("Run did not wait for the vendor's script")
		}
		if told := ui.told(); told[len(told)-1] != "finished canceled" {
			t.Errorf("events: %v", told)
		}
	})
}

// A silent elevated side is not waited for for ever.
func TestRun_Silent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Host.Elevate = func(ctx context.Context, _ platform.Job, _ func(platform.Report)) error {
			<-ctx.Done()
			return ctx.Err()
		}
		_, err := Run(t.Context(), c, &scripted{})
		wantCode(t, err, CodeInstallFailed, 51)
	})
}

// The service never keeps running, and the elevated side says nothing about it.
func TestRun_CrashLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Host.Elevate = func(ctx context.Context, _ platform.Job, report func(platform.Report)) error {
			computer.Change(func(c *fake.Computer) {
				c.Agent = platform.AgentState{Installed: true, Version: "2.166.2", Service: platform.Service{Exists: true}}
			})
			report(platform.Report{Phase: platform.PhaseRegister})
			<-ctx.Done()
			return ctx.Err()
		}
		_, err := Run(t.Context(), c, &scripted{})
		wantCode(t, err, CodeInstallFailed, 51)
	})
}

// Installed, but never in contact: the deadline ends in a problem, and trying again goes on waiting for the same job.
func TestRun_NotOnline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		jobs := 0
		c.Host.Elevate = func(ctx context.Context, _ platform.Job, report func(platform.Report)) error {
			jobs++
			state := platform.AgentState{
				Installed: true, Version: "2.166.2", Deep: true, Certificate: true, SystemKey: "64930a6d00466f31842811a1",
				Service: platform.Service{Running: true, Since: time.Now().Add(-time.Minute)},
			}
			report(platform.Report{Phase: platform.PhaseWatch, State: &state})
			late := time.NewTimer(5 * time.Minute)
			<-late.C
			state.LastContact = time.Now()
			report(platform.Report{Phase: platform.PhaseWatch, State: &state})
			<-ctx.Done()
			return ctx.Err()
		}
		var problems []Code
		ui := &scripted{problem: func(p Problem) error {
			problems = append(problems, p.Code)
			return nil
		}}
		device, err := Run(t.Context(), c, ui)
		if err != nil || !device.Online.Yes || jobs != 1 || !slices.Equal(problems, []Code{CodeNotOnline}) {
			t.Errorf("%+v, %v, %d jobs, %v", device, err, jobs, problems)
		}
	})
}

// The contact of the agent before an upgrade does not prove that the upgraded one is online.
func TestOnlineVerdict(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 500, time.UTC)
	good := platform.AgentState{
		Installed: true, Deep: true, Certificate: true, SystemKey: "64930a6d00466f31842811a1",
		Service:     platform.Service{Running: true, Since: now.Add(-20 * time.Second)},
		LastContact: now.Add(-5 * time.Second),
	}
	for _, tc := range []struct {
		name   string
		change func(*platform.AgentState)
		yes    bool
	}{
		{"all is there", func(*platform.AgentState) {}, true},
		{"contact in the second of the start", func(a *platform.AgentState) { a.LastContact = a.Service.Since.Truncate(time.Second) }, true},
		{"contact before the start", func(a *platform.AgentState) { a.LastContact = a.Service.Since.Add(-2 * time.Second) }, false},
		{"old contact", func(a *platform.AgentState) {
			a.Service.Since = now.Add(-time.Hour)
			a.LastContact = now.Add(-contactWithin)
		}, false},
		{"no contact", func(a *platform.AgentState) { a.LastContact = time.Time{} }, false},
		{"no certificate", func(a *platform.AgentState) { a.Certificate = false }, false},
		{"no system", func(a *platform.AgentState) { a.SystemKey = "" }, false},
		{"just started", func(a *platform.AgentState) { a.Service.Since = now.Add(-time.Second); a.LastContact = now }, false},
		{"stopped", func(a *platform.AgentState) { a.Service.Running = false }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := good
			tc.change(&a)
			if v := onlineVerdict(a, now); v.Yes != tc.yes || !v.Known || v.Proof == "" {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

// At the end the verdicts go on changing while the elevated side watches; after that, looking again is another job.
func TestRun_DoneWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Hold = make(chan struct{})
		var watching []bool
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Step != Done {
				return Choice{}, nil
			}
			watching = append(watching, q.Watching)
			switch len(watching) {
			case 1:
				close(computer.Hold)
				synctest.Wait()
				computer.Change(func(c *fake.Computer) { c.Consent, c.Hold = platform.ErrDenied, nil })
				return Choice{Again: true}, nil
			case 2: // it was watching when it was asked, so there was nothing to start
				return Choice{Again: true}, nil
			case 3: // consent was refused
				computer.Change(func(c *fake.Computer) { c.Consent, c.Bind = nil, []string{"nora"} })
				return Choice{Again: true}, nil
			}
			if !q.Device.Bound.Yes {
				t.Errorf("device: %+v", q.Device)
			}
			return Choice{}, nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(watching, []bool{true, false, false, false}) {
			t.Errorf("watching %v", watching)
		}
		var verbs []platform.Verb
		for _, j := range computer.Jobs() {
			verbs = append(verbs, j.Verb)
		}
		if !slices.Equal(verbs, []platform.Verb{platform.VerbInstall, platform.VerbWatch, platform.VerbWatch}) {
			t.Errorf("jobs %v", verbs)
		}
	})
}

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
			if !slices.Equal(q.Accounts, []string{"nora"}) || (q.Retry != "") != (len(given) == 1) {
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
		if err != nil || info.Mode().Perm() != 0o600 {
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
