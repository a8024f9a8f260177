package gui

import (
	"context"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// scene is what previews are made of besides the brand.
type scene struct{ profile steps.Profile }

// now is when the previews play.
var now = time.Date(2026, 11, 23, 9, 52, 45, 0, time.UTC)

// endpoints are the profile's, or those of the first region.
func (s scene) endpoints() platform.Endpoints {
	e, _ := s.profile.EndpointsFor(platform.Regions[0])
	return e
}

// login is the question of the sign-in page.
func (s scene) login() steps.LoginQuestion {
	portal := s.profile.SignIn.Portal
	if portal == "" {
		portal = s.endpoints().Console + "/userconsole#/security"
	}
	return steps.LoginQuestion{PortalURL: portal, Wizard: s.profile.SignIn.KeyEndpoint != ""}
}

// computer is an example: what is found on it, and how far its clock is ahead.
type computer struct {
	facts platform.Facts
	agent platform.AgentState
	ahead time.Duration
}

// laptop is the example that the others differ from.
var laptop = computer{facts: platform.Facts{
	OS: "linux", Distribution: "ubuntu", Name: "Ubuntu", Version: "24.04", Arch: "x86_64", Hostname: "nora-laptop",
	User: "nora", Admin: platform.AdminYou, AdminNames: []string{"nora"}, DiskPath: "/opt", DiskFree: 84 << 30, Memory: 16 << 30,
	Linux: &platform.Linux{
		Systemd:   true,
		Asking:    platform.Asking{Consent: platform.ConsentDialog, Can: platform.Yes, Why: platform.AskAgent, Agent: "gnome-shell"},
		Disks:     []platform.Disk{{Path: "/opt", Free: 84 << 30}},
		Power:     platform.Power{Known: true, Percent: 80},
		Sync:      platform.TimeSync{Can: platform.Yes, On: platform.Yes, Synced: platform.Yes},
		Packages:  platform.Packages{Kind: "dpkg"},
		Resolvers: []string{"127.0.0.53"},
	},
}}

// linux changes what is known of a Linux example besides, without changing what the others know.
func linux(c *computer, change func(*platform.Linux)) {
	l := *c.facts.Linux
	change(&l)
	c.facts.Linux = &l
}

// The other examples.
var (
	nothingWrong = laptop
	clockAhead   = with(func(c *computer) {
		c.ahead = 7*time.Minute + 12*time.Second
		linux(c, func(l *platform.Linux) {
			l.Sync = platform.TimeSync{Can: platform.Yes, On: platform.No, Synced: platform.No}
		})
	})
	diskFull = with(func(c *computer) {
		*c = clockAhead
		c.facts.DiskFree = 180 << 20
	})
	unsupported = with(func(c *computer) {
		c.facts.Distribution, c.facts.Name, c.facts.Version = "opensuse-leap", "openSUSE Leap", "15.6"
	})
	enrolled = with(func(c *computer) {
		c.agent = platform.AgentState{Installed: true, Version: "2.141.0", Service: platform.Service{
			Exists: true, Running: true, State: "active/running", Since: now.Add(-time.Hour),
		}}
	})
	macBook = with(func(c *computer) {
		c.facts.Linux = nil
		c.facts.OS, c.facts.Distribution, c.facts.Name, c.facts.Version = "darwin", "", "macOS", "15.1"
		c.facts.Arch, c.facts.Hostname, c.facts.DiskPath = "arm64", "Noras-MacBook-Air.local", "/"
		c.facts.AdminNames = []string{"it-admin", "nora"}
		c.facts.Accounts = []platform.Account{
			{Name: "guest-desk", SecureToken: platform.No},
			{Name: "it-admin", Admin: true, SecureToken: platform.Yes},
			{Name: "nora", Admin: true, SecureToken: platform.Yes},
		}
		c.facts.Rosetta = platform.Yes
		c.facts.Mac = &platform.Mac{
			MDM:       platform.MDM{Enrolled: platform.Yes, UserApproved: true, Automated: true, Server: "acme.jumpcloud.com"},
			FileVault: platform.Yes, FileVaultUsers: []string{"it-admin", "nora"}, Bootstrap: platform.Yes,
			FullDiskAccess: platform.Yes, Power: platform.Power{Known: true, Percent: 80},
			Service: platform.ServiceAccount{Exists: platform.No},
		}
	})
	oldMac = with(func(c *computer) {
		*c = macBook
		c.facts.User, c.facts.Admin, c.facts.AdminNames = "guest-desk", platform.AdminAnother, []string{"it-admin", "nora"}
		c.facts.Rosetta = platform.No
		m := *c.facts.Mac
		m.MDM, m.FileVault = platform.MDM{Enrolled: platform.Yes, Server: "mdm.acme.example"}, platform.No
		c.facts.Mac = &m
	})
	windowsPC = with(func(c *computer) {
		c.facts.Linux = nil
		c.facts.OS, c.facts.Distribution, c.facts.Name, c.facts.Version = "windows", "", "Windows", "10.0.26100"
		c.facts.Hostname, c.facts.User, c.facts.DiskPath = "NORA-LAPTOP", `NORA-LAPTOP\nora`, `C:\`
		c.facts.Windows = &platform.Windows{
			Edition: "Professional", Release: "24H2", Build: "26100.2033", UAC: platform.Yes,
			Asking: platform.Asking{Consent: platform.ConsentDialog, Can: platform.Yes, Why: platform.AskUAC},
			Power:  platform.Power{Known: true, Percent: 80},
		}
	})
)

func with(change func(*computer)) computer {
	c := laptop
	change(&c)
	return c
}

// config makes the engine look at an example instead of at this computer, and ask no network.
func (s scene) config(c computer) steps.Config {
	host := platform.Host{
		Facts: func(context.Context) (platform.Facts, error) { return c.facts, nil },
		// Never called: it says that this system is one that the assistant can install on.
		Elevate:    func(context.Context, platform.Job, func(platform.Report)) error { return platform.ErrNoConsent },
		AgentState: func(context.Context) (platform.AgentState, error) { return c.agent, nil },
		Probe: func(_ context.Context, base string, private bool) platform.HostAnswer {
			return platform.HostAnswer{
				Host: hostOf(base), Private: private, Took: time.Duration(2*len(base)) * time.Millisecond,
				Offset: c.ahead, HasOffset: true,
			}
		},
	}
	if c.facts.OS == "darwin" {
		// Never called either: it says that an account can be asked for.
		host.VerifyUser = func(context.Context, string, platform.Secret) error { return platform.ErrNoConsent }
	}
	return steps.Config{Profile: s.profile, Now: func() time.Time { return now }, Host: host}
}

// checks are the engine's for an example; each gets every change.
func (s scene) checks(c computer, each func(steps.Check)) []steps.Check {
	return steps.CheckComputer(context.Background(), s.config(c), "", each)
}
