package steps

import (
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// Limits that a profile may override. The vendor publishes none: free space is this assistant's own choice with room
// for package, agent and logs, memory far above the 7 MB that the vendor names, and the clock's 60 seconds leave room
// for the service's own judgement (Kickstart's /Time), whose limit is not published.
const (
	defaultDiskMB       = 500
	defaultMemoryMB     = 512
	defaultClockSeconds = 60
)

// The ids of the checks, in the order in which they are shown. Those marked so are of some systems alone.
const (
	CheckSystem       = "system"
	CheckArchitecture = "architecture"
	CheckContainer    = "container"
	CheckRights       = "rights"
	CheckConsent      = "consent" // Linux, Windows
	CheckDisk         = "disk"
	CheckMemory       = "memory"
	CheckPower        = "power"    // all three
	CheckPackages     = "packages" // Linux, Windows
	CheckTools        = "tools"    // Linux
	CheckLogging      = "logging"  // Windows, where installs are logged
	CheckRestart      = "restart"  // Linux, Windows
	CheckClock        = "clock"
	CheckNames        = "names"
	CheckHosts        = "hosts"
	CheckProxy        = "proxy"
	CheckInspection   = "inspection"
	CheckAgent        = "agent"
	CheckLeftovers    = "leftovers" // all three
	CheckManagers     = "managers"  // Linux, Windows
	CheckUser         = "user"
	CheckHostname     = "hostname"
)

// Target is a host that must answer.
type Target struct {
	URL     string // base URL
	Private bool   // its certificate is of the vendor's own authority
}

// Needs are what a computer must meet.
type Needs struct {
	Limits  RequirementLimits
	Targets []Target // empty while no region is chosen
	// Sandbox is true when a test build installs below a folder: then nothing of the computer itself matters but
	// space, clock and hosts, and what would block is said as a warning.
	Sandbox bool
	// CanInstall, CanProbe and CanSeeAgent tell which funcs of the platform.Host are there.
	CanInstall, CanProbe, CanSeeAgent bool
	// Package tells that Linux gets the vendor's package instead of its script.
	Package bool
	// ProxyText tells that a protected profile says what the agent's proxy file is to hold.
	ProxyText bool
}

// Findings is what was learned so far. What is nil or missing is still being looked for.
type Findings struct {
	Facts    *platform.Facts
	FactsErr error // Facts could not be gathered
	Agent    *platform.AgentState
	AgentErr error
	Hosts    []platform.HostAnswer // of the Targets; any order
	Now      time.Time             // by this computer's clock, when the hosts were asked
	// PortalUser is the person's user name in the service, where they signed in within the assistant.
	PortalUser string
	// Again are the ids of checks that are looked at once more while what is known of the others stands.
	Again map[string]bool
}

// newNeeds gives those of a run.
func newNeeds(c Config, endpoints *platform.Endpoints) Needs {
	n := Needs{
		Limits:     c.Profile.Requirements,
		Sandbox:    platform.Sandbox && c.Root != "",
		CanInstall: c.Host.Elevate != nil, CanProbe: c.Host.Probe != nil, CanSeeAgent: c.Host.AgentState != nil,
		Package: c.Profile.Linux.Install == platform.WayPackage, ProxyText: !c.Profile.Linux.AgentProxy.Empty(),
	}
	if endpoints != nil {
		n.Targets = targetsOf(*endpoints)
	}
	return n
}

// targetsOf lists every host of the endpoints once. Two of them are the vendor's own authority's.
func targetsOf(e platform.Endpoints) []Target {
	var all []Target
	seen := make(map[Target]bool)
	for _, t := range []Target{
		{e.Console, false}, {e.Kickstart, false}, {e.PrivateKickstart, true}, {e.Agent, true}, {e.Packages, false},
	} {
		if t.URL != "" && !seen[t] {
			seen[t] = true
			all = append(all, t)
		}
	}
	return all
}

// label is how a target's host is shown: with its port when that is not 443.
func (t Target) label() string {
	base, err := baseURL(t.URL)
	if err != nil {
		base = t.URL
	}
	return strings.TrimPrefix(base, "https://")
}

// Check decides. It is pure: the same findings give the same checks, in the order of their ids above.
func (n Needs) Check(f Findings) []Check {
	clock, names, hosts := n.checkNetwork(f)
	checks := n.checkComputer(f)
	checks = append(checks, clock, names, hosts, n.checkProxy(f), n.checkInspection(f), n.checkAgent(f))
	if f.Facts != nil && f.Facts.Linux != nil {
		checks = append(checks, n.checkLeftovers(f), checkManagers(f.Facts.Linux.Directories, f.Facts.Linux.Managers))
	}
	if f.Facts != nil && f.Facts.Windows != nil {
		checks = append(checks, n.checkLeftovers(f), windowsManagers(*f.Facts.Windows))
	}
	if f.Facts != nil && f.Facts.Mac != nil {
		checks = append(append(checks, n.checkLeftovers(f)), n.checkMac(f)...)
	}
	checks = append(checks, n.checkUser(f), n.checkHostname(f))
	for i, c := range checks {
		if f.Again[c.ID] {
			checks[i] = looking(c.ID)
		}
	}
	return checks
}

// checkComputer decides about what the facts alone tell.
func (n Needs) checkComputer(f Findings) []Check {
	if f.FactsErr != nil {
		var checks []Check
		for _, id := range []string{CheckSystem, CheckArchitecture, CheckContainer, CheckRights, CheckDisk, CheckMemory} {
			checks = append(checks, unseen(id, f.FactsErr))
		}
		return checks
	}
	checks := []Check{n.checkSystem(f), n.checkArchitecture(f), n.checkContainer(f), n.checkRights(f)}
	switch {
	case f.Facts != nil && f.Facts.Windows != nil:
		return append(checks, n.checkWindows(f)...)
	case f.Facts != nil && f.Facts.Mac != nil:
		return append(checks, n.checkDisk(f), n.checkMemory(f), checkPower(f.Facts.Mac.Power))
	case f.Facts == nil || f.Facts.Linux == nil:
		return append(checks, n.checkDisk(f), n.checkMemory(f))
	}
	l := f.Facts.Linux
	return append(checks, n.checkConsent(f, l.Asking), n.checkDisk(f), n.checkMemory(f), checkPower(l.Power), n.checkPackages(f), n.checkTools(f), checkRestart(l.Restart))
}

// unseen is a check of which nothing can be learned.
func unseen(id string, why error) Check {
	c := Check{ID: id, Level: LevelWarn, Title: assets.Text("check." + id + ".unseen"), Text: assets.Text("check.unseen.text")}
	if why != nil {
		c.Detail = why.Error()
	}
	return c
}

// looking is a check without an answer yet.
func looking(id string) Check {
	return Check{ID: id, Level: LevelLooking, Title: assets.Text("check." + id + ".looking")}
}

// ofComputer softens what would end the enrollment when nothing is installed on the computer itself.
func (n Needs) ofComputer(c Check) Check {
	if n.Sandbox && c.Level == LevelBlock {
		c.Level, c.Fatal, c.Code = LevelWarn, false, ""
		c.Text = assets.Text("check.sandbox.text")
	}
	return c
}

// mendable tells whether the install can put something right first. A test folder is no computer, so nothing of the
// computer itself is touched from there.
func (n Needs) mendable(fix platform.Fix) bool {
	return n.CanInstall && (!n.Sandbox || fix == platform.FixLeftovers || fix == platform.FixProxy)
}
