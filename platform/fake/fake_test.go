package fake_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

func TestComputers(t *testing.T) {
	for want, c := range map[string]*fake.Computer{"linux": fake.Ubuntu2404(), "darwin": fake.MacOS15(), "windows": fake.Windows11()} {
		f, err := c.Host().Facts(t.Context())
		if err != nil || f.OS != want || f.Name == "" || f.Version == "" || f.Admin != platform.AdminYou || f.DiskFree == 0 || f.Memory == 0 {
			t.Errorf("%+v %v", f, err)
		}
	}
}

// A job on a PC writes no settings beforehand: the installer is given the key.
func TestElevate_PC(t *testing.T) {
	var phases []platform.Phase
	job := platform.Job{Verb: platform.VerbInstall, Way: platform.WayPackage, Package: &platform.Package{Size: 100}}
	err := fake.Windows11().Host().Elevate(t.Context(), job, func(r platform.Report) { phases = append(phases, r.Phase) })
	if err != nil || slices.Contains(phases, platform.PhaseBootstrap) || !slices.Contains(phases, platform.PhaseInstallPackage) {
		t.Errorf("%v %q", err, phases)
	}
}

func TestElevate(t *testing.T) {
	c := fake.Ubuntu2404()
	c.Bind = []string{"nora"}
	c.Hold = make(chan struct{})
	h := c.Host()
	ctx, cancel := context.WithCancel(t.Context())
	var phases []platform.Phase
	var last platform.AgentState
	err := h.Elevate(ctx, platform.Job{Verb: platform.VerbInstall, Way: platform.WayScript}, func(r platform.Report) {
		if !slices.Contains(phases, r.Phase) {
			phases = append(phases, r.Phase)
		}
		if r.State != nil {
			last = *r.State
		}
		if slices.Equal(last.ManagedUsers, []string{"nora"}) {
			cancel()
		}
	})
	want := []platform.Phase{
		platform.PhaseConsent, platform.PhaseFetchScript, platform.PhaseRunScript, platform.PhaseStartService,
		platform.PhaseRegister, platform.PhaseWatch,
	}
	if !errors.Is(err, context.Canceled) || !slices.Equal(phases, want) || !last.Deep || last.SystemKey == "" {
		t.Errorf("%v %q %+v", err, phases, last)
	}
	seen, err := h.AgentState(t.Context())
	if err != nil || !seen.Installed || seen.Deep || seen.SystemKey != "" || !seen.Service.Steady(time.Now()) {
		t.Errorf("what a user sees: %+v %v", seen, err)
	}
	if jobs := c.Jobs(); len(jobs) != 1 || jobs[0].Way != platform.WayScript {
		t.Errorf("%+v", jobs)
	}
}

func TestElevateFails(t *testing.T) {
	c := fake.MacOS15()
	c.Fail = &platform.JobError{Code: platform.JobPackageFailed, Phase: platform.PhaseInstallPackage}
	job := platform.Job{Verb: platform.VerbInstall, Way: platform.WayPackage, Package: &platform.Package{Size: 100}}
	var failed *platform.JobError
	if err := c.Host().Elevate(t.Context(), job, func(platform.Report) {}); !errors.As(err, &failed) || failed.Phase != platform.PhaseInstallPackage {
		t.Errorf("%v", err)
	}
	c.Consent = platform.ErrDenied
	if err := c.Host().Elevate(t.Context(), job, func(platform.Report) {}); !errors.Is(err, platform.ErrDenied) {
		t.Errorf("%v", err)
	}
}

func TestTheRest(t *testing.T) {
	c := fake.Windows11()
	c.Answers = map[string]platform.HostAnswer{"https://a.example": {Failure: platform.FailDNS}}
	h := c.Host()
	if a := h.Probe(t.Context(), "https://a.example", false); a.Failure != platform.FailDNS {
		t.Errorf("%+v", a)
	}
	if a := h.Probe(t.Context(), "https://b.example:443", true); a.Failure != "" || a.Host != "b.example" || !a.Private {
		t.Errorf("%+v", a)
	}
	if err := h.OpenURL("https://a.example"); err != nil || !slices.Equal(c.Opened(), []string{"https://a.example"}) {
		t.Errorf("%v %q", err, c.Opened())
	}
	if err := h.Remember(platform.Remembered{Key: platform.NewSecret("k")}); err != nil {
		t.Fatal(err)
	}
	if r, err := h.Recall(); err != nil || r.Key.Reveal() != "k" {
		t.Errorf("%+v %v", r, err)
	}
	if err := h.Forget(); err != nil {
		t.Fatal(err)
	}
	if r, err := h.Recall(); err != nil || !r.Key.Empty() {
		t.Errorf("%+v %v", r, err)
	}
}

// Each Mac is another one than the first, and is a whole computer.
func TestMacs(t *testing.T) {
	for name, c := range fake.Macs() {
		f, err := c.Host().Facts(t.Context())
		if err != nil || f.OS != "darwin" || f.Mac == nil || len(f.Accounts) == 0 || f.DiskFree == 0 {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

// The installer's part: a service account with a SecureToken only for a right password of an administrator who holds one.
func TestServiceAccount(t *testing.T) {
	for want, account := range map[platform.ServiceAccount]platform.Credentials{
		{Exists: platform.Yes, Token: platform.Yes}: {Name: "nora", Password: platform.NewSecret("nora's")},
		{Exists: platform.Yes, Token: platform.No}:  {Name: "nora", Password: platform.NewSecret("wrong")},
		{Exists: platform.No}:                       {},
	} {
		c := fake.MacOS15()
		job := platform.Job{Verb: platform.VerbInstall, Way: platform.WayPackage, Account: account}
		if err := c.Host().Elevate(t.Context(), job, func(platform.Report) {}); err != nil {
			t.Fatal(err)
		}
		if a, err := c.Host().AgentState(t.Context()); err != nil || a.ServiceAccount != want {
			t.Errorf("%q: %+v, %v", account.Name, a, err)
		}
	}
}
