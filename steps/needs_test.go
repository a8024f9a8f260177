package steps

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// check finds one by its id.
func check(t *testing.T, all []Check, id string) Check {
	t.Helper()
	for _, c := range all {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no check %q in %v", id, all)
	return Check{}
}

// allChecks are the ids in their order, linuxChecks those that Linux alone has.
var (
	allChecks = []string{
		CheckSystem, CheckArchitecture, CheckContainer, CheckRights, CheckConsent, CheckDisk, CheckMemory, CheckPower, CheckPackages,
		CheckTools, CheckRestart, CheckClock, CheckNames, CheckHosts, CheckProxy, CheckInspection, CheckAgent, CheckLeftovers,
		CheckManagers, CheckUser, CheckHostname,
	}
	linuxChecks = []string{CheckConsent, CheckPower, CheckPackages, CheckTools, CheckRestart, CheckLeftovers, CheckManagers}
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// needs are those of a computer on the US hosts that can do everything.
func needs() Needs {
	e, _ := platform.EndpointsOf(platform.RegionUS)
	return Needs{Targets: targetsOf(e), CanInstall: true, CanProbe: true, CanSeeAgent: true}
}

// healthy are the findings about a computer that has nothing to complain of.
func healthy() Findings {
	facts := fake.Ubuntu2404().Facts
	f := Findings{Facts: &facts, Agent: &platform.AgentState{}, Now: noon, PortalUser: "nora"}
	for i, t := range needs().Targets {
		f.Hosts = append(f.Hosts, platform.HostAnswer{
			Host: t.label(), Private: t.Private, Took: time.Duration(20+i) * time.Millisecond, HasOffset: !t.Private,
		})
	}
	return f
}

// complete makes sure that a check says something that can be read.
func complete(t *testing.T, c Check) {
	t.Helper()
	if c.Title == "" || strings.Contains(c.Title+c.Text, "[check") || strings.Contains(c.Title+c.Text, "<no value>") {
		t.Errorf("sentences of %s: %q, %q", c.ID, c.Title, c.Text)
	}
	if (c.Level == LevelBlock) != (c.Code != "") {
		t.Errorf("%s: level %s with code %q", c.ID, c.Level, c.Code)
	}
	if c.Fatal && c.Level != LevelBlock {
		t.Errorf("%s is fatal and does not block", c.ID)
	}
	if (c.Level == LevelBlock || c.Level == LevelWarn) && c.Text == "" {
		t.Errorf("%s does not say what to do", c.ID)
	}
}

func TestCheck_Order(t *testing.T) {
	for name, f := range map[string]Findings{"nothing": {}, "all": healthy(), "no facts": {FactsErr: errors.New("x")}} {
		want := allChecks
		if f.Facts == nil {
			want = slices.DeleteFunc(slices.Clone(want), func(id string) bool { return slices.Contains(linuxChecks, id) })
		}
		var ids []string
		for _, c := range needs().Check(f) {
			ids = append(ids, c.ID)
			complete(t, c)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s: %q, want %q", name, ids, want)
		}
	}
}

func TestCheck_Levels(t *testing.T) {
	for _, c := range needs().Check(Findings{}) {
		if c.Level != LevelLooking {
			t.Errorf("nothing is known, and %s says %s", c.ID, c.Level)
		}
	}
	for _, c := range needs().Check(healthy()) {
		if c.Level != LevelOK {
			t.Errorf("%s: %+v", c.ID, c)
		}
	}
	bare := Needs{}
	for _, id := range []string{CheckClock, CheckNames, CheckHosts, CheckInspection, CheckAgent, CheckLeftovers} {
		if c := check(t, bare.Check(healthy()), id); c.Level != LevelWarn {
			t.Errorf("nobody can look, and %s says %s", id, c.Level)
		}
	}
	if c := check(t, bare.Check(healthy()), CheckSystem); !c.Fatal || c.Code != CodeBlocked {
		t.Errorf("nothing can install here: %+v", c)
	}
}

func TestCheck_System(t *testing.T) {
	for _, tc := range []struct {
		os, id, version string
		level           Level
	}{
		{"linux", "ubuntu", "18.04", LevelOK},
		{"linux", "ubuntu", "24.04", LevelOK},
		{"linux", "ubuntu", "26.04", LevelOK},
		{"linux", "ubuntu", "16.04", LevelBlock},
		{"linux", "ubuntu", "25.10", LevelBlock},
		{"linux", "ubuntu", "28.04", LevelWarn},
		{"linux", "debian", "11", LevelOK},
		{"linux", "debian", "12.8", LevelOK},
		{"linux", "debian", "10", LevelBlock},
		{"linux", "debian", "13", LevelBlock},
		{"linux", "debian", "13.1", LevelBlock},
		{"linux", "debian", "14", LevelWarn},
		{"linux", "debian", "", LevelWarn},
		{"linux", "rhel", "8.10", LevelOK},
		{"linux", "rhel", "10.0", LevelOK},
		{"linux", "rhel", "7.9", LevelBlock},
		{"linux", "rocky", "9.4", LevelOK},
		{"linux", "rocky", "10.0", LevelWarn},
		{"linux", "ol", "9.4", LevelOK},
		{"linux", "ol", "8.9", LevelBlock},
		{"linux", "amzn", "2", LevelOK},
		{"linux", "amzn", "2023", LevelOK},
		{"linux", "amzn", "2018.03", LevelBlock},
		{"linux", "fedora", "43", LevelOK},
		{"linux", "fedora", "39", LevelBlock},
		{"linux", "fedora", "44", LevelWarn},
		{"linux", "pop", "22.04", LevelOK},
		{"linux", "centos", "7", LevelBlock},
		{"linux", "centos", "9", LevelBlock},
		{"linux", "alpine", "3.20", LevelBlock},
		{"linux", "arch", "", LevelBlock},
		{"linux", "nixos", "24.05", LevelBlock},
		{"linux", "opensuse-leap", "15.6", LevelBlock},
		{"linux", "linuxmint", "22", LevelWarn},
		{"linux", "unheardof", "1", LevelWarn},
		{"darwin", "", "12.7", LevelBlock},
		{"darwin", "", "13.6", LevelOK},
		{"darwin", "", "15.1", LevelOK},
		{"darwin", "", "26.0", LevelWarn},
		{"windows", "", "10.0.26100", LevelOK},
		{"windows", "", "6.1.7601", LevelBlock},
	} {
		f := healthy()
		f.Facts.OS, f.Facts.Distribution, f.Facts.Version = tc.os, tc.id, tc.version
		c := check(t, needs().Check(f), CheckSystem)
		complete(t, c)
		if c.Level != tc.level || c.Fatal != (tc.level == LevelBlock) {
			t.Errorf("%s %s %q: %s, want %s", tc.os, tc.id, tc.version, c.Level, tc.level)
		}
	}
}

func TestCheck_SystemsOfProfile(t *testing.T) {
	n := needs()
	n.Limits.Systems = map[string][]string{"ubuntu": {"22.04"}, "linuxmint": {"22"}, "debian": {"13"}, "macos": {}}
	for _, tc := range []struct {
		os, id, version string
		level           Level
	}{
		{"linux", "ubuntu", "24.04", LevelBlock},
		{"linux", "ubuntu", "22.04", LevelOK},
		{"linux", "linuxmint", "22", LevelOK},
		{"linux", "debian", "13", LevelOK},
		{"linux", "debian", "12", LevelBlock},
		{"linux", "fedora", "43", LevelOK},
		{"darwin", "", "15.1", LevelBlock},
	} {
		f := healthy()
		f.Facts.OS, f.Facts.Distribution, f.Facts.Version = tc.os, tc.id, tc.version
		if c := check(t, n.Check(f), CheckSystem); c.Level != tc.level {
			t.Errorf("%s %s: %s, want %s", tc.id, tc.version, c.Level, tc.level)
		}
	}
}

func TestCheck_Facts(t *testing.T) {
	mega := func(n uint64) uint64 { return n << 20 }
	number := func(n int) *int { return &n }
	for _, tc := range []struct {
		name   string
		id     string
		change func(*platform.Facts, *Needs)
		level  Level
		fatal  bool
		title  string
	}{
		{"x86", CheckArchitecture, func(f *platform.Facts, _ *Needs) { f.Arch = "x86_64" }, LevelOK, false, ""},
		{"ARM with deb", CheckArchitecture, func(f *platform.Facts, _ *Needs) { f.Arch = "aarch64" }, LevelWarn, false, "aarch64"},
		{"ARM with rpm", CheckArchitecture, func(f *platform.Facts, _ *Needs) { f.Arch, f.Distribution = "aarch64", "fedora" }, LevelOK, false, ""},
		{"Apple silicon", CheckArchitecture, func(f *platform.Facts, _ *Needs) { f.Arch, f.OS = "arm64", "darwin" }, LevelOK, false, ""},
		{"32 bit", CheckArchitecture, func(f *platform.Facts, _ *Needs) { f.Arch = "i686" }, LevelBlock, true, "i686"},
		{"RISC-V", CheckArchitecture, func(f *platform.Facts, _ *Needs) { f.Arch = "riscv64" }, LevelBlock, true, ""},

		{"nspawn", CheckContainer, func(f *platform.Facts, _ *Needs) { f.Container = "systemd-nspawn" }, LevelOK, false, ""},
		{"docker", CheckContainer, func(f *platform.Facts, _ *Needs) { f.Container = "docker" }, LevelBlock, true, "docker"},
		{"podman", CheckContainer, func(f *platform.Facts, _ *Needs) { f.Container = "podman" }, LevelBlock, true, ""},
		{"lxc", CheckContainer, func(f *platform.Facts, _ *Needs) { f.Container = "lxc-libvirt" }, LevelBlock, true, ""},
		{"wsl", CheckContainer, func(f *platform.Facts, _ *Needs) { f.Container = "WSL" }, LevelBlock, true, ""},
		{"unknown", CheckContainer, func(f *platform.Facts, _ *Needs) { f.Container = "rkt" }, LevelWarn, false, "rkt"},
		{"docker, test folder", CheckContainer, func(f *platform.Facts, n *Needs) { f.Container, n.Sandbox = "docker", true }, LevelWarn, false, ""},

		{"another", CheckRights, func(f *platform.Facts, _ *Needs) {
			f.Admin, f.AdminNames = platform.AdminAnother, []string{"ada", "ben"}
		}, LevelInfo, false, ""},
		{"nobody", CheckRights, func(f *platform.Facts, _ *Needs) { f.Admin = platform.AdminNobody }, LevelBlock, true, ""},
		{"nobody, test folder", CheckRights, func(f *platform.Facts, n *Needs) { f.Admin, n.Sandbox = platform.AdminNobody, true }, LevelWarn, false, ""},
		{"not known", CheckRights, func(f *platform.Facts, _ *Needs) { f.Admin = "" }, LevelWarn, false, ""},

		{"180 MB", CheckDisk, func(f *platform.Facts, _ *Needs) { f.DiskFree = mega(180) }, LevelBlock, false, "Not enough space: 180 MB free"},
		{"499 MB", CheckDisk, func(f *platform.Facts, _ *Needs) { f.DiskFree = mega(500) - 1 }, LevelBlock, false, "499 MB"},
		{"500 MB", CheckDisk, func(f *platform.Facts, _ *Needs) { f.DiskFree = mega(500) }, LevelOK, false, ""},
		{"stricter", CheckDisk, func(f *platform.Facts, n *Needs) { f.DiskFree, n.Limits.DiskMB = mega(1500), number(2000) }, LevelBlock, false, "1.5 GB"},
		{"looser", CheckDisk, func(f *platform.Facts, n *Needs) { f.DiskFree, n.Limits.DiskMB = mega(100), number(50) }, LevelOK, false, ""},

		{"little memory", CheckMemory, func(f *platform.Facts, _ *Needs) { f.Memory = mega(256) }, LevelWarn, false, "256 MB"},
		{"enough memory", CheckMemory, func(f *platform.Facts, _ *Needs) { f.Memory = mega(512) }, LevelOK, false, ""},
		{"more is wanted", CheckMemory, func(f *platform.Facts, n *Needs) { f.Memory, n.Limits.MemoryMB = mega(4096), number(8192) }, LevelWarn, false, "4.0 GB"},
	} {
		t.Run(tc.id+"/"+tc.name, func(t *testing.T) {
			f, n := healthy(), needs()
			tc.change(f.Facts, &n)
			c := check(t, n.Check(f), tc.id)
			complete(t, c)
			if c.Level != tc.level || c.Fatal != tc.fatal || !strings.Contains(c.Title, tc.title) {
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestCheck_Agent(t *testing.T) {
	for _, tc := range []struct {
		name  string
		agent platform.AgentState
		level Level
		say   string
	}{
		{"none", platform.AgentState{}, LevelOK, "No earlier agent"},
		{"runs", platform.AgentState{Installed: true, Version: "2.160.0", Service: platform.Service{Running: true}}, LevelInfo, "no mail is sent"},
		{"stopped", platform.AgentState{Installed: true, Version: "2.160.0"}, LevelInfo, "is not running"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := healthy()
			f.Agent = &tc.agent
			c := check(t, needs().Check(f), CheckAgent)
			complete(t, c)
			if c.Level != tc.level || !strings.Contains(c.Title+c.Text, tc.say) || !strings.Contains(c.Title, tc.agent.Version) {
				t.Errorf("%+v", c)
			}
		})
	}
	f := healthy()
	f.Agent, f.AgentErr = nil, errors.New("x")
	if c := check(t, needs().Check(f), CheckAgent); c.Level != LevelWarn || c.Detail != "x" {
		t.Errorf("%+v", c)
	}
}

// While answers are missing nothing is concluded from them.
func TestCompareNumbers(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		sign int
	}{
		{"2.166.2", "2.166.2", 0}, {"2.160.0", "2.166.2", -1}, {"2.166.10", "2.166.9", 1}, {"10", "9.4", 1}, {"24.04", "24.4", 0}, {"9", "9.0", 0}, {"", "1", -1},
	} {
		got := compareNumbers(tc.a, tc.b)
		if got > 0 && tc.sign <= 0 || got < 0 && tc.sign >= 0 || got == 0 && tc.sign != 0 {
			t.Errorf("%q and %q: %d", tc.a, tc.b, got)
		}
	}
	for in, want := range map[string]string{"2.166.2": "2.166.2", "1:2.166.2-1": "2.166.2", "2.166.2+b1": "2.166.2", "2.166.2~rc": "2.166.2"} {
		if got := upstream(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
