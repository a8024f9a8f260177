package steps

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
)

// This file is the proof that the requirements predict: each case changes the findings about a computer that lacks
// nothing and says which checks that changes, and how. All other checks must stay as they were.

// want is what a check is to say.
type want struct {
	level Level
	code  Code
	fix   platform.Fix
	says  string // in title or text
}

func okay(says string) want               { return want{level: LevelOK, says: says} }
func info(says string) want               { return want{level: LevelInfo, says: says} }
func warn(says string) want               { return want{level: LevelWarn, says: says} }
func block(c Code, says string) want      { return want{level: LevelBlock, code: c, says: says} }
func mends(f platform.Fix, s string) want { return want{level: LevelWarn, fix: f, says: s} }
func unknown() want                       { return want{level: LevelLooking} }

// proof is one case. The map names every check that is changed.
type proof struct {
	name   string
	change func(*Needs, *Findings)
	wants  map[string]want
}

// one is a proof about a single check and the facts.
func one(name, id string, w want, change func(f *platform.Facts)) proof {
	return proof{name, func(_ *Needs, f *Findings) { change(f.Facts) }, map[string]want{id: w}}
}

// TestProve_Requirements counts a case as held when it ran to its end and found nothing wrong.
func TestProve_Requirements(t *testing.T) {
	tried, held := 0, 0
	names := map[string]bool{}
	for _, part := range [][]proof{
		proveSystems(), proveComputer(), proveConsent(), provePackages(), proveTools(), proveDisks(), proveClock(), proveHosts(),
		proveProxy(), proveInspection(), proveAgent(), provePeople(), proveUnseen(), proveLooking(),
	} {
		for _, p := range part {
			tried++
			if names[p.name] {
				t.Errorf("two cases are called %q", p.name)
			}
			names[p.name] = true
			ran := false
			passed := t.Run(p.name, func(t *testing.T) {
				p.hold(t)
				ran = true
			})
			if passed && ran {
				held++
			}
		}
	}
	fmt.Printf("proof requirements tried=%d held=%d\n", tried, held)
}

// hold compares all checks of a case with those of the healthy computer.
func (p proof) hold(t *testing.T) {
	t.Helper()
	n, f := needs(), healthy()
	f.Facts.Linux = clone(f.Facts.Linux)
	before := n.Check(f)
	p.change(&n, &f)
	after := n.Check(f)
	if !slices.Equal(after, n.Check(f)) {
		t.Error("the same findings give other checks")
	}
	for id := range p.wants {
		check(t, after, id)
	}
	for _, c := range after {
		complete(t, c)
		w, named := p.wants[c.ID]
		i := slices.IndexFunc(before, func(b Check) bool { return b.ID == c.ID })
		switch {
		case !named && i >= 0 && (before[i].Level != c.Level || before[i].Title != c.Title):
			t.Errorf("%s changed as well: %+v", c.ID, c)
		case named && (c.Level != w.level || c.Code != w.code || c.Fix != w.fix || !strings.Contains(c.Title+" "+c.Text, w.says)):
			t.Errorf("%+v, want %+v", c, w)
		case named && c.Fix != "" && c.Level == LevelBlock:
			t.Errorf("%s blocks though it is put right", c.ID)
		}
	}
}

func clone(l *platform.Linux) *platform.Linux {
	copied := *l
	copied.Disks = slices.Clone(l.Disks)
	return &copied
}

func proveSystems() []proof {
	var all []proof
	system := func(id, version string, w want, also map[string]want) {
		wants := map[string]want{CheckSystem: w}
		maps.Copy(wants, also)
		all = append(all, proof{"system/" + id + " " + version, func(_ *Needs, f *Findings) {
			f.Facts.Distribution, f.Facts.Version, f.Facts.Name = id, version, id
		}, wants})
	}
	for id, versions := range map[string]string{
		"ubuntu": "18.04 20.04 22.04 24.04 26.04", "debian": "11 12 12.8 11.11", "rhel": "8 8.10 9.4 10 10.1", "rocky": "8.10 9 9.6", "ol": "9 9.5",
		"amzn": "2 2023", "fedora": "40 41 42 43", "pop": "22 22.04",
	} {
		for _, v := range strings.Fields(versions) {
			system(id, v, okay(v+" is supported"), nil)
		}
	}
	for id, versions := range map[string]string{
		"ubuntu": "14.04 16.04 19.10 23.04 25.10", "debian": "9 10 13 13.2", "rhel": "6.10 7.9", "rocky": "7", "ol": "7.9 8.10", "amzn": "1 2018.03",
		"fedora": "38 39", "pop": "20.04 21.10", "centos": "6 7 8 9", "alpine": "3.18 3.22", "nixos": "24.05 25.11", "opensuse-leap": "15.5 15.6 16.0",
		"opensuse-tumbleweed": "20261101", "arch": "2026.11",
	} {
		for _, v := range strings.Fields(versions) {
			system(id, v, block(CodeBlocked, "is not supported"), nil)
		}
	}
	for id, versions := range map[string]string{
		"ubuntu": "27.04 28.04", "debian": "14", "rhel": "11", "rocky": "10 10.1", "ol": "10", "fedora": "44 45", "pop": "24.04",
		"linuxmint": "21.3 22", "zorin": "17", "kali": "2026.3", "elementary": "8", "almalinux": "9.4", "sles": "15.6",
	} {
		for _, v := range strings.Fields(versions) {
			system(id, v, warn("may not be supported"), nil)
		}
	}
	return all
}

func proveComputer() []proof {
	arch := func(name, distribution string, w want) proof {
		return one("architecture/"+distribution+" "+name, CheckArchitecture, w, func(f *platform.Facts) {
			f.Arch = name
			if distribution == "fedora" {
				f.Distribution, f.Name, f.Version = "fedora", "Ubuntu", "24.04"
			}
		})
	}
	fedora := func(p proof) proof { // another distribution changes the system too
		p.wants[CheckSystem] = block(CodeBlocked, "")
		return p
	}
	all := []proof{
		arch("amd64", "ubuntu", okay("amd64")), arch("aarch64", "ubuntu", warn("There may be no agent")), arch("arm64", "ubuntu", warn("arm64")),
		arch("i686", "ubuntu", block(CodeBlocked, "i686")), arch("armv7l", "ubuntu", block(CodeBlocked, "64-bit")),
		arch("riscv64", "ubuntu", block(CodeBlocked, "riscv64")), arch("ppc64le", "ubuntu", block(CodeBlocked, "ppc64le")),
		arch("s390x", "ubuntu", block(CodeBlocked, "s390x")), arch("", "ubuntu", block(CodeBlocked, "")),
	}
	p := arch("aarch64", "fedora", okay("aarch64"))
	p.change = func(_ *Needs, f *Findings) {
		f.Facts.Arch, f.Facts.Distribution, f.Facts.Name, f.Facts.Version = "aarch64", "fedora", "Fedora", "24.04"
	}
	all = append(all, fedora(p))
	for kind, w := range map[string]want{
		"docker": block(CodeBlocked, "docker"), "podman": block(CodeBlocked, "podman"), "lxc": block(CodeBlocked, "lxc"), "lxc-libvirt": block(CodeBlocked, "lxc-libvirt"),
		"wsl": block(CodeBlocked, "wsl"), "kubernetes": warn("kubernetes"), "rkt": warn("rkt"), "openvz": warn("openvz"), "systemd-nspawn": okay("whole computer"),
	} {
		all = append(all, one("container/"+kind, CheckContainer, w, func(f *platform.Facts) { f.Container = kind }))
	}
	const gb, mb = 1 << 30, 1 << 20
	for size, w := range map[uint64]want{
		0: warn("Little memory: 0 MB"), 256 * mb: warn("512 MB or more"), 512*mb - 1: warn("511 MB"), 512 * mb: okay("512 MB"), gb: okay("1.0 GB"), 64 * gb: okay("64 GB"),
	} {
		all = append(all, one(fmt.Sprintf("memory/%d", size), CheckMemory, w, func(f *platform.Facts) { f.Memory = size }))
	}
	for p, w := range map[platform.Power]want{
		{}:            info("could not be read"),
		{Known: true}: okay("mains power"),
		{Known: true, OnBattery: true, Percent: 0}:   warn("0 %"),
		{Known: true, OnBattery: true, Percent: 1}:   warn("1 %"),
		{Known: true, OnBattery: true, Percent: 19}:  warn("Plug the computer in"),
		{Known: true, OnBattery: true, Percent: 20}:  okay("20 %"),
		{Known: true, OnBattery: true, Percent: 100}: okay("100 %"),
		{Known: true, Percent: 3}:                    okay("mains power"),
	} {
		all = append(all, one(fmt.Sprintf("power/%+v", p), CheckPower, w, func(f *platform.Facts) { f.Linux.Power = p }))
	}
	for why, says := range map[platform.RestartReason]string{
		platform.RestartRequired: "does not need it", platform.RestartKernel: "while it was running", platform.RestartUpdate: "at the next start",
	} {
		all = append(all, one("restart/"+string(why), CheckRestart, info(says), func(f *platform.Facts) { f.Linux.Restart = []platform.RestartReason{why} }))
	}
	return append(all,
		one("restart/two reasons", CheckRestart, info("asks for it"), func(f *platform.Facts) {
			f.Linux.Restart = []platform.RestartReason{platform.RestartRequired, platform.RestartKernel}
		}),
		one("managers/one", CheckManagers, info("Puppet"), func(f *platform.Facts) { f.Linux.Managers = []string{"Puppet"} }),
		one("managers/two", CheckManagers, info("Fleet, Salt"), func(f *platform.Facts) { f.Linux.Managers = []string{"Fleet", "Salt"} }),
		one("managers/sign-in", CheckManagers, warn("SSSD manages who signs in"), func(f *platform.Facts) { f.Linux.Directories = []string{"SSSD"} }),
		one("managers/both", CheckManagers, warn("FreeIPA, SSSD manages"), func(f *platform.Facts) {
			f.Linux.Directories, f.Linux.Managers = []string{"FreeIPA", "SSSD"}, []string{"Chef"}
		}),
	)
}

func proveConsent() []proof {
	asking := func(c platform.Consent, can platform.Answer, why platform.AskReason, w want) proof {
		return one("consent/"+string(c)+" "+string(why), CheckConsent, w, func(f *platform.Facts) {
			f.Linux.Asking = platform.Asking{Consent: c, Can: can, Why: why}
		})
	}
	const dialog, terminal, silent = platform.ConsentDialog, platform.ConsentTerminal, platform.ConsentSilent
	admins := func(name string, a platform.Admin, names []string, w want) proof {
		return one("rights/"+name, CheckRights, w, func(f *platform.Facts) { f.Admin, f.AdminNames = a, names })
	}
	return []proof{
		asking(dialog, platform.Yes, platform.AskRoot, okay("Nobody has to be asked")),
		asking(dialog, platform.Yes, platform.AskAgent, okay("You can be asked")),
		asking(dialog, platform.Yes, platform.AskTerminal, okay("in this terminal")),
		asking(dialog, platform.No, platform.AskNoPkexec, block(CodeNeedsAdmin, "pkexec is missing")),
		asking(dialog, platform.No, platform.AskNoPolkit, block(CodeNeedsAdmin, "polkit does not run")),
		asking(dialog, platform.Unknown, platform.AskNoAgent, warn("assistant-cli enroll")),
		asking(terminal, platform.Yes, platform.AskTerminal, okay("in this terminal")),
		asking(terminal, platform.No, platform.AskNoSudo, block(CodeNeedsAdmin, "sudo is missing")),
		asking(terminal, platform.No, platform.AskNoTTY, block(CodeNeedsAdmin, "no terminal")),
		asking(silent, platform.Yes, platform.AskGranted, okay("beforehand")),
		asking(silent, platform.Unknown, platform.AskSilent, info("sudo without a password")),
		admins("nobody", platform.AdminNobody, nil, block(CodeBlocked, "Nobody here")),
		admins("unknown", "", nil, warn("could not be read")),
		admins("another", platform.AdminAnother, []string{"ada"}, info("ada")),
		admins("another without a name", platform.AdminAnother, nil, info("somebody with you")),
		admins("two others", platform.AdminAnother, []string{"ada", "ben"}, info("ada, ben")),
		{"rights/another, and sudo asks", func(_ *Needs, f *Findings) {
			f.Facts.Admin, f.Facts.AdminNames = platform.AdminAnother, []string{"ada"}
			f.Facts.Linux.Asking = platform.Asking{Consent: terminal, Can: platform.Yes, Why: platform.AskTerminal}
		}, map[string]want{CheckRights: info("ada"), CheckConsent: warn("only your own password counts")}},
		{"rights/another, and the dialog asks", func(_ *Needs, f *Findings) {
			f.Facts.Admin, f.Facts.AdminNames = platform.AdminAnother, []string{"ada"}
		}, map[string]want{CheckRights: info("ada")}},
		{"rights/nobody in a test folder", func(n *Needs, f *Findings) { n.Sandbox, f.Facts.Admin = true, platform.AdminNobody },
			map[string]want{CheckRights: warn("test folder")}},
		{"consent/nobody in a test folder", func(n *Needs, f *Findings) {
			n.Sandbox, f.Facts.Linux.Asking = true, platform.Asking{Consent: dialog, Can: platform.No, Why: platform.AskNoPkexec}
		}, map[string]want{CheckConsent: warn("test folder")}},
	}
}

func provePackages() []proof {
	at := func(name string, p platform.Packages, way bool, w want) proof {
		return proof{"packages/" + name, func(n *Needs, f *Findings) { n.Package, f.Facts.Linux.Packages = way, p }, map[string]want{CheckPackages: w}}
	}
	half := platform.Packages{Kind: "dpkg", Half: []string{"bash", "man-db"}}
	return []proof{
		at("rpm", platform.Packages{Kind: "rpm"}, false, okay("Nothing else")),
		at("none", platform.Packages{}, false, warn("No package manager")),
		at("locked", platform.Packages{Kind: "dpkg", Locked: true, Holder: "unattended-upgr"}, false, warn("does not wait")),
		at("locked by nobody known", platform.Packages{Kind: "rpm", Locked: true}, false, warn("does not wait")),
		at("locked, package way", platform.Packages{Kind: "dpkg", Locked: true, Holder: "apt"}, true, info("five minutes")),
		at("interrupted", platform.Packages{Kind: "dpkg", Interrupted: true}, false, mends(platform.FixPackages, "done first during install")),
		at("half", half, false, mends(platform.FixPackages, "cut short")),
		at("half, of the agent alone", platform.Packages{Kind: "dpkg", Half: []string{"jcagent"}}, false, okay("Nothing else")),
		at("half, package way", half, true, mends(platform.FixPackages, "cut short")),
		at("broken", platform.Packages{Kind: "rpm", Broken: true}, false, warn("rpm --rebuilddb")),
		{"packages/half, and nobody can", func(n *Needs, f *Findings) { n.CanInstall, f.Facts.Linux.Packages = false, half },
			map[string]want{CheckPackages: warn("sudo dpkg --configure -a"), CheckSystem: block(CodeBlocked, "cannot install")}},
		{"packages/half in a test folder", func(n *Needs, f *Findings) { n.Sandbox, f.Facts.Linux.Packages = true, half },
			map[string]want{CheckPackages: warn("sudo dpkg --configure -a")}},
	}
}

func proveTools() []proof {
	at := func(kind, missing string, w want) proof {
		return one("tools/"+kind+" "+missing, CheckTools, w, func(f *platform.Facts) {
			f.Linux.Packages.Kind, f.Linux.Missing = kind, strings.Fields(missing)
		})
	}
	all := []proof{
		at("dpkg", "curl", info("installs it itself")), at("dpkg", "uuidgen", info("A tool is missing: uuidgen")),
		at("dpkg", "curl uuidgen", info("2 tools are missing")), at("dpkg", "openssl", warn("sudo apt install openssl")),
		at("dpkg", "curl openssl", warn("sudo apt install curl openssl")), at("dpkg", "cat date rm", warn("sudo apt install coreutils")),
		at("dpkg", "grep uuidgen", warn("sudo apt install grep uuid-runtime")),
		at("rpm", "curl", warn("sudo dnf install curl")), at("rpm", "uuidgen", warn("sudo dnf install util-linux")),
		at("rpm", "bash head openssl tee uname", warn("sudo dnf install bash coreutils openssl")),
		one("tools/no systemd", CheckTools, warn("systemd does not run"), func(f *platform.Facts) { f.Linux.Systemd = false }),
		one("tools/no systemd and no curl", CheckTools, warn("systemd does not run"), func(f *platform.Facts) {
			f.Linux.Systemd, f.Linux.Missing = false, []string{"curl"}
		}),
		{"tools/package way needs none", func(n *Needs, f *Findings) { n.Package, f.Facts.Linux.Missing = true, []string{"curl", "openssl"} }, nil},
	}
	return all
}

func proveDisks() []proof {
	const mb = 1 << 20
	number := func(n int) *int { return &n }
	at := func(name string, w want, limit *int, disks ...platform.Disk) proof {
		return proof{"disk/" + name, func(n *Needs, f *Findings) {
			n.Limits.DiskMB, f.Facts.DiskFree, f.Facts.Linux.Disks = limit, disks[0].Free, disks
		}, map[string]want{CheckDisk: w}}
	}
	opt := func(free uint64) platform.Disk { return platform.Disk{Path: "/opt", Free: free} }
	return []proof{
		at("none", block(CodeBlocked, "0 MB free"), nil, opt(0)),
		at("180 MB", block(CodeBlocked, "The agent needs 500 MB on /opt"), nil, opt(180*mb)),
		at("499 MB", block(CodeBlocked, "499 MB"), nil, opt(500*mb-1)),
		at("500 MB", okay("500 MB free"), nil, opt(500*mb)),
		at("50 MB is enough for this profile", okay("60 MB"), number(50), opt(60*mb)),
		at("1 GB is not for that one", block(CodeBlocked, "needs 2.0 GB"), number(2048), opt(1024*mb)),
		at("no limit", okay("0 MB"), number(0), opt(0)),
		at("read-only", block(CodeBlocked, "Nothing can be written to /opt"), nil, platform.Disk{Path: "/opt", Free: 9000 * mb, ReadOnly: true}),
		at("full /var", block(CodeBlocked, "100 MB on /var/lib"), nil, opt(9000*mb), platform.Disk{Path: "/var/lib", Free: 99 * mb}),
		at("room in /var", okay("free"), nil, opt(9000*mb), platform.Disk{Path: "/var/lib", Free: 100 * mb}),
		at("read-only /tmp", block(CodeBlocked, "written to /tmp"), nil, opt(9000*mb), platform.Disk{Path: "/tmp", Free: 9000 * mb, ReadOnly: true}),
		at("full /tmp, little wanted", okay("free"), number(50), opt(9000*mb), platform.Disk{Path: "/tmp", Free: 60 * mb}),
		at("two are full", block(CodeBlocked, "on /opt"), nil, opt(mb), platform.Disk{Path: "/var/log", Free: 0}),
	}
}

// hostsOff sets the answers' offset of the public hosts.
func hostsOff(f *Findings, off time.Duration) {
	for i := range f.Hosts {
		if f.Hosts[i].HasOffset {
			f.Hosts[i].Offset = off
		}
	}
}

func proveClock() []proof {
	var all []proof
	for _, c := range []struct {
		off   time.Duration
		level Level
		says  string
	}{
		{0, LevelOK, "right"}, {time.Second, LevelOK, ""}, {-60 * time.Second, LevelOK, ""}, {61 * time.Second, LevelWarn, "1 minute ahead"},
		{-61 * time.Second, LevelWarn, "1 minute behind"}, {7 * time.Minute, LevelWarn, "7 minutes ahead"}, {-5 * time.Hour, LevelWarn, "5 hours behind"},
		{48 * time.Hour, LevelWarn, "2 days ahead"}, {-400 * 24 * time.Hour, LevelWarn, "1 year behind"},
	} {
		all = append(all, proof{"clock/" + c.off.String(), func(_ *Needs, f *Findings) { hostsOff(f, c.off) }, map[string]want{CheckClock: {level: c.level, says: c.says}}})
	}
	for _, c := range []struct {
		name string
		sync platform.TimeSync
		w    want
		n    func(*Needs, *Findings)
	}{
		{"off, can be switched on", platform.TimeSync{Can: platform.Yes, On: platform.No}, mends(platform.FixClock, "switched on first"), nil},
		{"on and synced elsewhere", platform.TimeSync{Can: platform.Yes, On: platform.Yes, Synced: platform.Yes}, warn("Switch on automatic time"), nil},
		{"on, no server answers", platform.TimeSync{Can: platform.Yes, On: platform.Yes, Synced: platform.No}, warn("no time server answers"), nil},
		{"no service for it", platform.TimeSync{Can: platform.No, On: platform.No}, warn("Switch on automatic time"), nil},
		{"nothing known", platform.TimeSync{}, warn("Switch on automatic time"), nil},
		{"in a container", platform.TimeSync{Can: platform.Yes, On: platform.No}, warn("Switch on"), func(_ *Needs, f *Findings) { f.Facts.Container = "systemd-nspawn" }},
		{"in a test folder", platform.TimeSync{Can: platform.Yes, On: platform.No}, warn("Switch on"), func(n *Needs, _ *Findings) { n.Sandbox = true }},
	} {
		all = append(all, proof{"clock/wrong, automatic time " + c.name, func(n *Needs, f *Findings) {
			hostsOff(f, time.Hour)
			f.Facts.Linux.Sync = c.sync
			if c.n != nil {
				c.n(n, f)
			}
		}, map[string]want{CheckClock: c.w}})
	}
	future := func(f *Findings) {
		for i := range f.Hosts {
			f.Hosts[i].Failure, f.Hosts[i].HasOffset = platform.FailClock, false
			f.Hosts[i].NotBefore, f.Hosts[i].NotAfter = noon.Add(48*time.Hour), noon.Add(96*time.Hour)
		}
	}
	broken := map[string]want{CheckClock: block(CodeClock, "at least 2 days behind"), CheckHosts: info("clock is in the way"), CheckInspection: info("could not be seen")}
	mended := maps.Clone(broken)
	mended[CheckClock] = mends(platform.FixClock, "switched on first")
	strict := 10
	return append(all,
		proof{"clock/certificates of the future", func(_ *Needs, f *Findings) { future(f) }, broken},
		proof{"clock/certificates of the future, can be mended", func(_ *Needs, f *Findings) {
			future(f)
			f.Facts.Linux.Sync = platform.TimeSync{Can: platform.Yes, On: platform.No, Synced: platform.No}
		}, mended},
		proof{"clock/certificates of the future, package way", func(n *Needs, f *Findings) {
			future(f)
			n.Package = true
			f.Facts.Linux.Sync = platform.TimeSync{Can: platform.Yes, On: platform.No, Synced: platform.No}
		}, broken},
		proof{"clock/stricter profile", func(n *Needs, f *Findings) {
			n.Limits.ClockSeconds = &strict
			hostsOff(f, 11*time.Second)
		}, map[string]want{CheckClock: warn("11 seconds ahead")}},
		proof{"clock/right, automatic time off", func(_ *Needs, f *Findings) {
			f.Facts.Linux.Sync = platform.TimeSync{Can: platform.Yes, On: platform.No}
		}, nil},
		proof{"clock/nobody tells", func(_ *Needs, f *Findings) {
			for i := range f.Hosts {
				f.Hosts[i].HasOffset = false
			}
		}, map[string]want{CheckClock: info("could not be compared")}},
	)
}

func proveHosts() []proof {
	var all []proof
	says := map[platform.Failure]string{
		platform.FailConnect: "port 443", platform.FailTimeout: "in time", platform.FailProxy: "proxy", platform.FailTLS: "No secure connection",
		platform.FailHTTP: "sign-in page", platform.FailCertificate: "issued by Acme Gateway",
	}
	for i, target := range needs().Targets {
		for failure, sentence := range says {
			w := map[string]want{CheckHosts: block(CodeUnreachable, sentence)}
			if failure == platform.FailCertificate {
				if target.Private {
					continue // the authority of a private host is the vendor's own, so it is not looked at
				}
				w[CheckHosts] = block(CodeUntrusted, sentence)
			}
			if !target.Private {
				w[CheckInspection] = info("could not be seen")
				if failure == platform.FailCertificate {
					w[CheckInspection] = warn("may be inspected by Acme Gateway")
				}
			}
			all = append(all, proof{"hosts/" + target.label() + " " + string(failure), func(_ *Needs, f *Findings) {
				f.Hosts[i].Failure, f.Hosts[i].Issuer, f.Hosts[i].HasOffset = failure, "Acme Gateway", false
			}, w})
		}
		w := map[string]want{CheckNames: block(CodeUnreachable, target.label()), CheckHosts: info("their names are known")}
		if !target.Private {
			w[CheckInspection] = info("could not be seen")
		}
		all = append(all, proof{"names/" + target.label(), func(_ *Needs, f *Findings) {
			f.Hosts[i].Failure, f.Hosts[i].HasOffset = platform.FailDNS, false
		}, w})
	}
	return append(all,
		proof{"names/none is known", func(_ *Needs, f *Findings) {
			for i := range f.Hosts {
				f.Hosts[i].Failure, f.Hosts[i].HasOffset = platform.FailDNS, false
			}
		}, map[string]want{
			CheckNames: block(CodeUnreachable, "connected to the internet"), CheckHosts: info("their names are known"), CheckClock: info("could not be compared"),
			CheckInspection: info("could not be seen"),
		}},
		proof{"names/known to the proxy", func(_ *Needs, f *Findings) {
			for i := range f.Hosts {
				f.Hosts[i].Proxied = true
			}
		}, map[string]want{CheckNames: okay("The proxy looks up")}},
		proof{"hosts/one name and one firewall", func(_ *Needs, f *Findings) {
			f.Hosts[0].Failure, f.Hosts[1].Failure = platform.FailDNS, platform.FailConnect
		}, map[string]want{
			CheckNames: block(CodeUnreachable, "may filter names"), CheckHosts: block(CodeUnreachable, "kickstart.jumpcloud.com"), CheckInspection: info("could not be seen"),
		}},
		proof{"hosts/two of the stub", func(n *Needs, f *Findings) { n.Targets, f.Hosts = n.Targets[:2], f.Hosts[:2] },
			map[string]want{CheckHosts: okay("All JumpCloud hosts answer (2)")}},
		proof{"hosts/one", func(n *Needs, f *Findings) { n.Targets, f.Hosts = n.Targets[:1], f.Hosts[:1] },
			map[string]want{CheckHosts: okay("The JumpCloud host answers")}},
	)
}

func proveProxy() []proof {
	at := func(name, proxy string, w want, change func(*Needs, *platform.Facts)) proof {
		return proof{"proxy/" + name, func(n *Needs, f *Findings) {
			f.Facts.Proxy = proxy
			if change != nil {
				change(n, f.Facts)
			}
		}, map[string]want{CheckProxy: w}}
	}
	const proxy = "http://proxy.acme.example:3128"
	written := want{level: LevelInfo, fix: platform.FixProxy, says: "/etc/jcagent-proxy.conf"}
	return []proof{
		at("none, but a file", "", okay("No proxy"), func(_ *Needs, f *platform.Facts) { f.ProxyFile = true }),
		at("none, but a text", "", okay("No proxy"), func(n *Needs, _ *platform.Facts) { n.ProxyText = true }),
		at("by a script", "", info("the proxy's address"), func(_ *Needs, f *platform.Facts) { f.ProxyScript = true }),
		at("one beside a script", proxy, warn("put "+proxy+" there"), func(_ *Needs, f *platform.Facts) { f.ProxyScript = true }),
		at("http", proxy, warn("put "+proxy+" there"), nil),
		at("https", "https://proxy.acme.example", warn("/etc/jcagent-proxy.conf"), nil),
		at("socks", "socks5://proxy.acme.example:1080", warn("SOCKS"), nil),
		at("socks, resolving", "socks5h://proxy.acme.example:1080", warn("SOCKS"), nil),
		at("with a password", proxy, warn("name and password"), func(_ *Needs, f *platform.Facts) { f.ProxyLogin = true }),
		at("with a file", proxy, info("and not this computer's proxy"), func(_ *Needs, f *platform.Facts) { f.ProxyFile = true }),
		at("with a text", proxy, written, func(n *Needs, _ *platform.Facts) { n.ProxyText = true }),
		at("with a file and a text", proxy, written, func(n *Needs, f *platform.Facts) { n.ProxyText, f.ProxyFile = true, true }),
		at("with a text, in a test folder", proxy, written, func(n *Needs, _ *platform.Facts) { n.ProxyText, n.Sandbox = true, true }),
	}
}

func proveInspection() []proof {
	at := func(name string, change func(*Needs, *Findings), w want) proof {
		return proof{"inspection/" + name, change, map[string]want{CheckInspection: w}}
	}
	return []proof{
		at("of one host", func(_ *Needs, f *Findings) { f.Hosts[0].Inspected, f.Hosts[0].Issuer = true, "Zscaler Inc." }, warn("inspected by Zscaler Inc.")),
		at("of all", func(_ *Needs, f *Findings) {
			for i := range f.Hosts {
				f.Hosts[i].Inspected, f.Hosts[i].Issuer = !f.Hosts[i].Private, "Acme Root"
			}
		}, warn("exempt *.jumpcloud.com")),
		at("without a name", func(_ *Needs, f *Findings) { f.Hosts[1].Inspected = true }, warn("inspected by ?")),
		at("none, with issuers", func(_ *Needs, f *Findings) { f.Hosts[0].Issuer = "Amazon" }, okay("Nobody inspects")),
		at("of private hosts nothing is said", func(_ *Needs, f *Findings) {
			for i := range f.Hosts {
				if f.Hosts[i].Private {
					f.Hosts[i].Issuer = "JumpCloud"
				}
			}
		}, okay("Nobody inspects")),
	}
}

func proveAgent() []proof {
	running := platform.Service{Exists: true, Running: true, State: "active/running", Since: noon.Add(-time.Hour)}
	at := func(name string, a platform.AgentState, e platform.Earlier, wants map[string]want) proof {
		return proof{"agent/" + name, func(_ *Needs, f *Findings) { *f.Agent, f.Facts.Linux.Earlier = a, e }, wants}
	}
	there := func(s platform.Service) platform.AgentState {
		return platform.AgentState{Installed: true, Version: "2.141.0", Service: s}
	}
	restarted := func(state string, restarts int, since time.Duration) platform.Service {
		s := platform.Service{Exists: true, State: state, Restarts: restarts, Running: state == "active/running"}
		if s.Running {
			s.Since = noon.Add(-since)
		}
		return s
	}
	installed := platform.Earlier{Package: "installed", Traces: []string{"/opt/jc"}}
	with := func(change func(*platform.Earlier)) platform.Earlier {
		e := installed
		change(&e)
		return e
	}
	used := okay("belong to the one that is installed")
	normal := map[string]want{CheckAgent: info("2.141.0"), CheckLeftovers: used}
	repairs := func(level Level, says string) want { return want{level: level, fix: platform.FixAgent, says: says} }
	stopped := map[string]want{CheckAgent: repairs(LevelInfo, "is not running"), CheckLeftovers: used}
	crash := map[string]want{CheckAgent: repairs(LevelWarn, "does not stay up"), CheckLeftovers: used}
	off := func(s platform.Service) platform.Service { s.Off = true; return s }
	left := mends(platform.FixLeftovers, "removed first during install")
	gone := platform.AgentState{}
	return []proof{
		at("runs", there(running), installed, normal),
		at("runs, its package way unknown", there(running), platform.Earlier{}, map[string]want{CheckAgent: info("no mail is sent")}),
		at("just started", there(restarted("active/running", 0, time.Second)), installed, normal),
		at("stopped", there(restarted("inactive/dead", 0, 0)), installed, stopped),
		at("switched off", there(off(restarted("inactive/dead", 0, 0))), installed, map[string]want{CheckAgent: repairs(LevelInfo, "switched off"), CheckLeftovers: used}),
		at("switched off, and runs", there(off(running)), installed, map[string]want{CheckAgent: repairs(LevelInfo, "switched on again"), CheckLeftovers: used}),
		at("starting", there(restarted("activating/start", 0, 0)), installed, map[string]want{CheckAgent: info("is not running"), CheckLeftovers: used}),
		at("without a service", there(platform.Service{}), installed, stopped),
		at("failed", there(restarted("failed/failed", 0, 0)), installed, crash),
		at("waits for its next start", there(restarted("activating/auto-restart", 1, 0)), installed, crash),
		at("crashes again and again", there(restarted("active/running", 7, time.Second)), installed, crash),
		at("crashed long ago", there(restarted("active/running", 7, time.Hour)), installed, normal),
		at("restarted twice", there(restarted("active/running", 2, time.Second)), installed, normal),
		at("copied", there(running), with(func(e *platform.Earlier) { e.Copied = true }), map[string]want{CheckAgent: warn("copy of another"), CheckLeftovers: used}),
		at("copied long ago, agent gone", gone, platform.Earlier{Copied: true}, nil),
		at("of another region", there(running), with(func(e *platform.Earlier) { e.Server = "agent.eu.jumpcloud.com" }),
			map[string]want{CheckAgent: block(CodeBlocked, "another organization (agent.eu.jumpcloud.com)"), CheckLeftovers: used}),
		at("of another region, in capitals", there(running), with(func(e *platform.Earlier) { e.Server = "AGENT.IN.JUMPCLOUD.COM" }),
			map[string]want{CheckAgent: block(CodeBlocked, "another region"), CheckLeftovers: used}),
		at("of another region, gone but for its files", gone, platform.Earlier{Traces: []string{"/opt/jc"}, Server: "agent.eu.jumpcloud.com"},
			map[string]want{CheckAgent: block(CodeBlocked, "another region"), CheckLeftovers: left}),
		at("of this region", there(running), with(func(e *platform.Earlier) { e.Server = "agent.jumpcloud.com" }), normal),
		at("of a host that is not known", there(running), with(func(e *platform.Earlier) { e.Server = "agent.example" }), normal),
		at("unpacked", gone, platform.Earlier{Package: "unpacked", Traces: []string{"/opt/jc"}}, map[string]want{CheckAgent: repairs(LevelInfo, "cut short"), CheckLeftovers: used}),
		at("half configured", gone, platform.Earlier{Package: "half-configured"}, map[string]want{CheckAgent: repairs(LevelInfo, "finishes it")}),
		at("half installed", gone, platform.Earlier{Package: "half-installed", Traces: []string{"/opt/jc"}}, map[string]want{CheckAgent: repairs(LevelInfo, "cut short"), CheckLeftovers: used}),
		at("removed, settings left", gone, platform.Earlier{Package: "config-files"}, map[string]want{CheckAgent: info("was removed")}),
		at("removed, files left", gone, platform.Earlier{Package: "config-files", Traces: []string{"/opt/jc"}}, map[string]want{CheckAgent: info("was removed"), CheckLeftovers: left}),
		at("runs without a package", platform.AgentState{Service: running}, platform.Earlier{Traces: []string{"/opt/jc"}},
			map[string]want{CheckAgent: warn("no package belongs to"), CheckLeftovers: used}),
		at("only a folder", gone, platform.Earlier{Traces: []string{"/opt/jc"}}, map[string]want{CheckLeftovers: left}),
		at("only a timetable", gone, platform.Earlier{Traces: []string{"/etc/cron.d/jumpcloud-updater"}}, map[string]want{CheckLeftovers: left}),
		{"agent/only a folder, and nobody can remove it", func(n *Needs, f *Findings) {
			n.CanInstall, f.Facts.Linux.Earlier.Traces = false, []string{"/opt/jc"}
		}, map[string]want{CheckLeftovers: warn("Ask an administrator"), CheckSystem: block(CodeBlocked, "")}},
		{"agent/only a folder, in a test folder", func(n *Needs, f *Findings) {
			n.Sandbox, f.Facts.Linux.Earlier.Traces = true, []string{"/opt/jc"}
		}, map[string]want{CheckLeftovers: left}},
		{"agent/of another region, no region chosen", func(n *Needs, f *Findings) {
			*f.Agent, f.Facts.Linux.Earlier.Server, n.Targets = there(running), "agent.eu.jumpcloud.com", nil
		}, map[string]want{CheckAgent: info("upgraded"), CheckClock: unknown(), CheckNames: unknown(), CheckHosts: unknown(), CheckInspection: unknown()}},
	}
}

func provePeople() []proof {
	user := func(name, here, portal string, w want) proof {
		return proof{"user/" + name, func(_ *Needs, f *Findings) { f.Facts.User, f.PortalUser = here, portal }, map[string]want{CheckUser: w}}
	}
	all := []proof{
		user("same", "ana", "ana", okay("ana")), user("another", "ana", "ana.lima", warn("A second account ana.lima")),
		user("another case", "Nora", "nora", warn("Your user name here is Nora")), user("blank", "nora", "nora ", warn("")),
		user("not signed in", "ana", "", info("Your user name here is ana")), user("root", "root", "", info("You are root")),
		user("root, signed in", "root", "nora", warn("second account nora")), user("domain", `ACME\nora`, "nora", okay("nora")),
		user("another domain user", `ACME\ana`, "nora", warn("here is ana")), user("number", "1000", "nora", warn("1000")),
	}
	for name, w := range map[string]want{
		"acme-l-0412": okay("acme-l-0412"), "nora.acme.example": okay("nora.acme.example"), "localhost": warn("no name of its own"),
		"localhost.localdomain": warn("no name"), "": warn("no name"), "(none)": warn("no name"), "ubuntu": info("Many computers are called ubuntu"),
		"Debian": info("called Debian"), "fedora.home.arpa": info("Many computers"), "raspberrypi": info(""), "MacBook-Pro.local": info("MacBook-Pro.local"),
		"vm": info("vm"), "ubuntu-nora": okay("ubuntu-nora"),
	} {
		all = append(all, one("hostname/"+name, CheckHostname, w, func(f *platform.Facts) { f.Hostname = name }))
	}
	return all
}

// proveUnseen: what could not be looked at is said as such, and blocks nobody.
func proveUnseen() []proof {
	boom := errors.New("boom")
	none := map[string]want{}
	for _, id := range []string{
		CheckSystem, CheckArchitecture, CheckContainer, CheckRights, CheckDisk, CheckMemory, CheckProxy, CheckUser, CheckHostname,
	} {
		none[id] = warn("This could not be checked")
	}
	silent := map[string]want{}
	for _, id := range []string{CheckClock, CheckNames, CheckHosts, CheckInspection} {
		silent[id] = warn("This could not be checked")
	}
	agent := map[string]want{CheckAgent: warn("could not be read"), CheckLeftovers: warn("could not be read")}
	return []proof{
		{"unseen/facts", func(_ *Needs, f *Findings) { f.Facts, f.FactsErr = nil, boom }, none},
		{"unseen/nobody can probe", func(n *Needs, _ *Findings) { n.CanProbe = false }, silent},
		{"unseen/agent", func(_ *Needs, f *Findings) { f.Agent, f.AgentErr = nil, boom }, agent},
		{"unseen/nobody can see the agent", func(n *Needs, _ *Findings) { n.CanSeeAgent = false }, agent},
	}
}

// proveLooking: nothing is concluded from what has not come in, and one check is looked at again alone.
func proveLooking() []proof {
	all := []proof{
		{"looking/agent", func(_ *Needs, f *Findings) { f.Agent = nil }, map[string]want{CheckAgent: unknown(), CheckLeftovers: unknown()}},
		{"looking/hosts", func(_ *Needs, f *Findings) { f.Hosts = nil },
			map[string]want{CheckClock: unknown(), CheckNames: unknown(), CheckHosts: unknown(), CheckInspection: unknown()}},
		{"looking/last host", func(_ *Needs, f *Findings) { f.Hosts = f.Hosts[:4] },
			map[string]want{CheckNames: unknown(), CheckHosts: unknown(), CheckInspection: unknown()}},
	}
	for _, id := range allChecks {
		all = append(all, proof{"again/" + id, func(_ *Needs, f *Findings) { f.Again = map[string]bool{id: true} }, map[string]want{id: unknown()}})
	}
	return all
}
