package platform

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// This file holds parsers of what Linux tells of its surroundings. They touch nothing, so every system tests them.

// dpkgStates are the states of a package by the second letter of ${db:Status-Abbrev}, see dpkg-query(1).
var dpkgStates = map[byte]string{
	'i': "installed", 'c': "config-files", 'H': "half-installed", 'U': "unpacked", 'F': "half-configured",
	'W': "triggers-awaited", 't': "triggers-pending",
}

// parseDpkgState reads the status of `dpkg-query -W -f '${db:Status-Abbrev}|${Version}'`; empty for a package that is
// not there.
func parseDpkgState(text string) string {
	status, _, ok := strings.Cut(strings.TrimSpace(text), "|")
	if !ok || len(status) < 2 {
		return ""
	}
	return dpkgStates[status[1]]
}

// maxHalf bounds how many packages between two states are named.
const maxHalf = 10

// parseDpkgStatus reads /var/lib/dpkg/status and names the packages that are neither installed nor removed. Triggers
// that are still to run are no fault: dpkg runs them by itself.
func parseDpkgStatus(text string) []string {
	var half []string
	name := ""
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\n"), ": ")
		switch key {
		case "Package":
			name = value
		case "Status":
			words := strings.Fields(value)
			if len(words) != 3 || len(half) >= maxHalf {
				continue
			}
			switch {
			case words[1] != "ok", words[2] == "half-installed", words[2] == "half-configured", words[2] == "unpacked":
				half = append(half, name)
			}
		}
	}
	slices.Sort(half)
	return half
}

// fileLock is a line of /proc/locks: https://docs.kernel.org/filesystems/proc.html
type fileLock struct {
	pid   int
	major uint32
	minor uint32
	inode uint64
}

// parseLocks reads the locks for writing. A process of another container has the number -1 or 0.
func parseLocks(text string) []fileLock {
	var locks []fileLock
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		// 1: POSIX ADVISORY WRITE 18418 fe:00:10330548 0 EOF; one that waits has an arrow after its number.
		if len(f) < 6 || f[1] == "->" || f[3] != "WRITE" {
			continue
		}
		var l fileLock
		pid, err := strconv.Atoi(f[4])
		if _, scanned := fmt.Sscanf(f[5], "%x:%x:%d", &l.major, &l.minor, &l.inode); err != nil || scanned != nil {
			continue
		}
		l.pid = pid
		locks = append(locks, l)
	}
	return locks
}

// packageTools are the commands that hold a package manager's lock, as the kernel names them: at most 15 letters.
var packageTools = []string{
	"apt", "apt-get", "aptitude", "aptd", "dpkg", "unattended-upgr", "synaptic", "packagekitd", "PackageKit",
	"dnf", "dnf5", "dnf5daemon-serv", "dnf-automatic", "yum", "rpm", "gnome-software", "plasma-discover", "rpm-ostree", "rpm-ostreed",
}

// supply is one entry of /sys/class/power_supply: https://docs.kernel.org/power/power_supply_class.html
type supply struct{ kind, scope, online, status, capacity string }

// powerOf tells where the computer has its power from. A battery of a mouse is none of the computer's.
func powerOf(supplies []supply) Power {
	p := Power{Known: true}
	mains, batteries, discharging := false, 0, false
	for _, s := range supplies {
		switch {
		case s.scope == "Device":
		case s.kind == "Battery":
			batteries++
			discharging = discharging || s.status == "Discharging"
			if percent, err := strconv.Atoi(s.capacity); err == nil {
				p.Percent = max(p.Percent, percent)
			}
		case s.online == "1":
			mains = true
		}
	}
	p.OnBattery = batteries > 0 && discharging && !mains
	return p
}

// parseResolvers reads the name servers of /etc/resolv.conf.
func parseResolvers(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "nameserver" {
			list = append(list, printable(f[1]))
		}
	}
	return list
}

// dialogPrograms are programs that show polkit's dialog and have neither polkit nor policykit in their name: shells
// that do it themselves, and agents of their own.
var dialogPrograms = []string{
	"gnome-shell", "gnome-flashback", "cinnamon", "phosh", "budgie-polkit-d", "cosmic-osd", "lxsession", "enlightenment", "soteria", "gala",
}

// isDialogProgram tells whether a process shows polkit's dialog, by the kernel's name of it (comm, at most 15 letters).
// The daemon itself is called polkitd.
func isDialogProgram(comm string) bool {
	if comm == "polkitd" || strings.HasPrefix(comm, "pkexec") || strings.HasPrefix(comm, "pkttyagent") {
		return false
	}
	return strings.Contains(comm, "polkit") || strings.Contains(comm, "policykit") || slices.Contains(dialogPrograms, comm)
}

// scriptCommands are what the vendor's script calls, as seen in an older copy of it.
var scriptCommands = []string{"bash", "cat", "curl", "date", "grep", "head", "openssl", "rm", "tee", "uname", "uuidgen"}

// managers are other programs that manage computers, by files that only they have.
var managers = map[string][]string{
	"Puppet":           {"/opt/puppetlabs/bin/puppet", "/usr/bin/puppet"},
	"Chef":             {"/opt/chef/bin/chef-client", "/usr/bin/chef-client", "/opt/cinc/bin/cinc-client"},
	"Salt":             {"/usr/bin/salt-minion", "/opt/saltstack/salt/salt-minion"},
	"CFEngine":         {"/var/cfengine/bin/cf-agent"},
	"Rudder":           {"/opt/rudder/bin/rudder"},
	"Landscape":        {"/usr/bin/landscape-client"},
	"Microsoft Intune": {"/opt/microsoft/intune/bin/intune-portal", "/usr/bin/intune-portal"},
	"Fleet":            {"/opt/orbit/bin/orbit/orbit"},
	"Kolide":           {"/usr/local/kolide-k2/bin/launcher"},
	"Workspace ONE":    {"/opt/vmware/ws1-hub", "/opt/omnissa/ws1-hub"},
	"ManageEngine":     {"/usr/local/manageengine/uems_agent", "/usr/local/desktopcentralagent"},
	"NinjaOne":         {"/opt/NinjaRMMAgent"},
	"Tanium":           {"/opt/Tanium/TaniumClient/TaniumClient"},
	"Red Hat Insights": {"/etc/insights-client/.registered"},
	"IBM BigFix":       {"/opt/BESClient/bin/BESClient"},
	"Ivanti":           {"/opt/landesk/bin/ldiscan"},
}

// directories are programs that manage who signs in, by the files that a computer has once it has joined.
var directories = map[string][]string{
	"SSSD":       {"/etc/sssd/sssd.conf"},
	"FreeIPA":    {"/etc/ipa/default.conf"},
	"Himmelblau": {"/usr/sbin/himmelblaud", "/usr/libexec/himmelblaud"},
	"authd":      {"/usr/libexec/authd", "/snap/authd-msentraid", "/snap/authd-google"},
	"Centrify":   {"/usr/sbin/adclient"},
	"PBIS":       {"/opt/pbis/bin/domainjoin-cli"},
	"Winbind":    {"/var/lib/samba/private/secrets.tdb"},
	"Okta":       {"/usr/sbin/sftd"},
}

// found names the entries of a table of which at least one file is there, in order.
func found(table map[string][]string, there func(path string) bool) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if slices.ContainsFunc(table[name], there) {
			names = append(names, name)
		}
	}
	return names
}

// agentTraces are what an agent leaves on Linux and what an ordinary user can see of it.
var agentTraces = []string{
	unixAgentFolder, "/opt/jc_user_ro", "/etc/cron.d/jumpcloud-updater", "/etc/rsyslog.d/jumpcloud.conf",
	"/etc/systemd/system/jcagent.service", "/lib/systemd/system/jcagent.service", "/usr/lib/systemd/system/jcagent.service",
}
