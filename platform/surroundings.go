package platform

import "slices"

// Linux is what was learned of a Linux computer besides its Facts. What could not be read is at its zero value, which
// says that nothing is known of it or that it is not there.
type Linux struct {
	// Systemd tells that systemd runs the computer: the agent is one of its units.
	Systemd bool     `json:"systemd"`
	Asking  Asking   `json:"asking"`
	Disks   []Disk   `json:"disks,omitempty"` // where an install writes, each file system once, the agent's first
	Power   Power    `json:"power,omitzero"`
	Sync    TimeSync `json:"sync,omitzero"`
	// Packages is the package manager.
	Packages Packages `json:"packages"`
	// Restart says why the computer waits for a restart; empty when it does not.
	Restart []RestartReason `json:"restart,omitempty"`
	// Missing are commands that the vendor's script needs and that are not there.
	Missing []string `json:"missing,omitempty"`
	// Resolvers are the addresses of the name servers.
	Resolvers []string `json:"resolvers,omitempty"`
	// Managers are other programs that manage this computer, and Directories those that manage who signs in.
	Managers    []string `json:"managers,omitempty"`
	Directories []string `json:"directories,omitempty"`
	Earlier     Earlier  `json:"earlier,omitzero"`
}

// Asking is how consent is asked for on this computer, and whether it can be.
type Asking struct {
	Consent Consent   `json:"consent"`
	Can     Answer    `json:"can,omitempty"` // Unknown: nothing speaks for it or against it
	Why     AskReason `json:"why,omitempty"`
	Agent   string    `json:"agent,omitempty"` // the program that shows polkit's dialog
}

// AskReason is what an Asking.Can rests on.
type AskReason string

// The reasons.
const (
	AskRoot     AskReason = "root"      // Yes: this is root, nobody is asked
	AskAgent    AskReason = "agent"     // Yes: a program that shows polkit's dialog runs
	AskTerminal AskReason = "terminal"  // Yes: sudo, or pkexec without a desktop, asks in the terminal
	AskGranted  AskReason = "granted"   // Yes: polkit grants it without asking
	AskNoSudo   AskReason = "no-sudo"   // No: sudo is not installed
	AskNoTTY    AskReason = "no-tty"    // No: there is no terminal for sudo to ask in
	AskNoPkexec AskReason = "no-pkexec" // No: pkexec is not installed
	AskNoPolkit AskReason = "no-polkit" // No: polkit cannot be reached
	AskNoAgent  AskReason = "no-agent"  // Unknown: no program is known to run that shows the dialog
	AskSilent   AskReason = "silent"    // Unknown: sudo -n is tried, and cannot be tried without a trace in the log
)

// Disk is a file system that an install writes to.
type Disk struct {
	Path     string `json:"path"` // the folder that was measured
	Free     uint64 `json:"free"` // bytes
	ReadOnly bool   `json:"readOnly,omitempty"`
}

// Power is where the computer has its power from. The zero value is that nothing is known.
type Power struct {
	Known     bool `json:"known,omitempty"`
	OnBattery bool `json:"onBattery,omitempty"`
	Percent   int  `json:"percent,omitempty"` // charge of the fullest battery; 0 with OnBattery false may be none at all
}

// TimeSync is what keeps the clock right: https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.timedate1.html
type TimeSync struct {
	Can    Answer `json:"can,omitempty"`    // a service for it is installed
	On     Answer `json:"on,omitempty"`     // and switched on
	Synced Answer `json:"synced,omitempty"` // and has reached a server
}

// Packages is the state of the computer's package manager.
type Packages struct {
	Kind   string `json:"kind,omitempty"`   // dpkg or rpm; empty when neither is there
	Locked bool   `json:"locked,omitempty"` // something is being installed or removed right now
	Holder string `json:"holder,omitempty"` // the command that does it, where it can be seen
	// Interrupted tells that dpkg was stopped at work: apt then refuses everything until it is put right.
	Interrupted bool `json:"interrupted,omitempty"`
	// Half are packages that are neither installed nor removed, at most ten.
	Half []string `json:"half,omitempty"`
	// Broken tells that rpm cannot read its own database.
	Broken bool `json:"broken,omitempty"`
}

// RestartReason is why a computer waits for a restart.
type RestartReason string

// The reasons for a restart.
const (
	RestartRequired RestartReason = "required" // an update says so
	RestartKernel   RestartReason = "kernel"   // the running kernel's modules were removed
	RestartUpdate   RestartReason = "update"   // an update is prepared for the next start
)

// Earlier is what an ordinary user can see of an agent that is or was here, besides its AgentState.
type Earlier struct {
	// Package is the package database's word: installed, config-files (removed, its settings left), or a state between:
	// unpacked, half-configured, half-installed. Empty when it knows nothing of the agent.
	Package string `json:"package,omitempty"`
	// Traces are files and folders of the agent that are there.
	Traces []string `json:"traces,omitempty"`
	// Server is the host that the agent reports to; only root can read it.
	Server string `json:"server,omitempty"`
	// Copied tells that this computer's own identity is younger than the agent on it, as on one made from an image.
	Copied bool `json:"copied,omitempty"`
}

// Fix is something that stands in the way of an install and that can be put right with administrator rights, before
// anything else is done. The list is fixed.
type Fix string

// The fixes.
const (
	FixClock     Fix = "clock"     // automatic time is switched on
	FixPackages  Fix = "packages"  // what dpkg was interrupted in is finished
	FixAgent     Fix = "agent"     // an agent that is there and does not run is repaired
	FixLeftovers Fix = "leftovers" // what identifies the device of an agent that is gone is removed
	FixProxy     Fix = "proxy"     // the agent's proxy file gets the text of the protected profile
	FixRosetta   Fix = "rosetta"   // macOS: Rosetta is installed, which the agent needs on Apple silicon
)

// allFixes are the fixes in the order in which they are done: what needs the network comes after what it needs.
var allFixes = []Fix{FixClock, FixProxy, FixPackages, FixAgent, FixRosetta, FixLeftovers}

// Fixes gives them in that order.
func Fixes() []Fix { return slices.Clone(allFixes) }

// AgentIdentity are the files by which an agent is the device that it is, with the connect key that it was given, on a
// system (GOOS). Without them it registers anew: https://github.com/inviqa/ansible-jumpcloud, tasks/reset_jumpcloud.yml.
// Which these are on Windows is not public, so there it is all of the agent's folder, which is what its vendor's own
// tool removes: https://github.com/TheJumpCloud/jumpcloud-ADMU
func AgentIdentity(goos string) []string {
	if goos == "windows" {
		return []string{WindowsAgentFolder}
	}
	var paths []string
	for _, name := range []string{"ca.crt", "client.crt", "client.key", "jcagent.conf", "agentBootstrap.json"} {
		paths = append(paths, unixAgentFolder+"/"+name)
	}
	return paths
}

// Where the agent lies. Windows may have another drive for its programs; a plan names the usual one.
const (
	unixAgentFolder    = "/opt/jc"
	WindowsAgentFolder = `C:\Program Files\JumpCloud`
)
