package steps

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

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
		{"a certificate that is not trusted", nil, fail(platform.PhaseRunScript, platform.JobInsecure), CodeUntrusted, 50},
		{"no script", nil, fail(platform.PhaseFetchScript, platform.JobBadScript), CodeUntrusted, 50},
		{"host not allowed", nil, fail(platform.PhaseConsent, platform.JobUntrusted), CodeUntrusted, 50},
		{"no agent", nil, fail(platform.PhaseStartService, platform.JobNoAgent), CodeInstallFailed, 51},
		{"script failed", nil, fail(platform.PhaseRunScript, platform.JobScriptFailed), CodeInstallFailed, 51},
		{"install undone", nil, fail(platform.PhaseRunScript, platform.JobUndone), CodeInstallFailed, 51},
		{"upgrade failed, agent kept", nil, fail(platform.PhaseRunScript, platform.JobKept), CodeInstallFailed, 51},
		{"a newer one half installed", nil, fail(platform.PhaseRunScript, platform.JobDowngrade), CodeInstallFailed, 51},
		{"disk", nil, fail(platform.PhaseRunScript, platform.JobDiskFull), CodeInstallFailed, 51},
		{"read-only", nil, fail(platform.PhaseRunScript, platform.JobReadOnly), CodeInstallFailed, 51},
		{"service", nil, fail(platform.PhaseStartService, platform.JobServiceFailed), CodeInstallFailed, 51},
		{"unsupported", nil, fail(platform.PhaseRunScript, platform.JobUnsupported), CodeUnsupported, 41},
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

// Windows asks in a way of its own, and has no sudo.
func TestJobProblem_ConsentOnWindows(t *testing.T) {
	for name, c := range map[string]struct {
		computer *fake.Computer
		err      error
		says     string
	}{
		"denied":                 {fake.Windows11(), platform.ErrDenied, "answer Yes when Windows asks"},
		"nobody to ask":          {fake.Windows11(), platform.ErrNoConsent, "on the desktop of this PC"},
		"denied on Linux":        {fake.Ubuntu2404(), platform.ErrDenied, "type their password"},
		"nobody to ask on Linux": {fake.Ubuntu2404(), platform.ErrNoConsent, "with sudo"},
	} {
		t.Run(name, func(t *testing.T) {
			e := &enrollment{survey: &survey{findings: Findings{Facts: &c.computer.Facts}}}
			if p := e.jobProblem(Install, c.err); !strings.Contains(p.Hint, c.says) {
				t.Errorf("%s %q does not say %q", p.Summary, p.Hint, c.says)
			}
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
