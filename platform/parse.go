package platform

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file holds parsers of what Linux and its tools print. They touch nothing, so every system tests them.

// parseOSRelease reads /etc/os-release: https://www.freedesktop.org/software/systemd/man/latest/os-release.html
func parseOSRelease(text string) (id, name, version string) {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(key, "#") {
			continue
		}
		value = shellUnquote(value)
		switch key {
		case "ID":
			id = value
		case "NAME":
			name = value
		case "VERSION_ID":
			version = value
		}
	}
	return id, name, version
}

// shellUnquote removes the quotes and backslashes that os-release may have; it needs no more of the shell.
func shellUnquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// adminGroups are the groups whose members sudo and polkit take for administrators: sudo on Debian, wheel elsewhere,
// admin on Ubuntu before 12.04, kept on upgraded computers.
var adminGroups = []string{"sudo", "wheel", "admin"}

// groupEntry is one line of /etc/group.
type groupEntry struct {
	name    string
	gid     int
	members []string
}

// parseGroup reads /etc/group; lines that are not entries are left out.
func parseGroup(text string) []groupEntry {
	var groups []groupEntry
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 4 {
			continue
		}
		gid, err := strconv.Atoi(f[2])
		if err != nil {
			continue
		}
		g := groupEntry{name: f[0], gid: gid}
		if f[3] != "" {
			g.members = strings.Split(f[3], ",")
		}
		groups = append(groups, g)
	}
	return groups
}

// account is one line of /etc/passwd.
type account struct {
	name     string
	uid, gid int
}

// parsePasswd reads /etc/passwd; lines that are not entries are left out.
func parsePasswd(text string) []account {
	var accounts []account
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 7 {
			continue
		}
		uid, err1 := strconv.Atoi(f[2])
		gid, err2 := strconv.Atoi(f[3])
		if err1 == nil && err2 == nil {
			accounts = append(accounts, account{name: f[0], uid: uid, gid: gid})
		}
	}
	return accounts
}

// adminAnswer tells who on this computer is an administrator. gids are the groups of the running process, which also
// hold those of a directory service.
func adminAnswer(passwd, group, user string, uid int, gids []int) (Admin, []string) {
	accounts := parsePasswd(passwd)
	var names []string
	you := uid == 0
	for _, g := range parseGroup(group) {
		if !slices.Contains(adminGroups, g.name) {
			continue
		}
		if slices.Contains(gids, g.gid) {
			you = true
			names = append(names, user)
		}
		names = append(names, g.members...)
		for _, a := range accounts {
			if a.gid == g.gid {
				names = append(names, a.name)
			}
		}
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" || n == "root" })
	switch {
	case you || slices.Contains(names, user):
		return AdminYou, names
	case len(names) > 0:
		return AdminAnother, names
	default:
		return AdminNobody, nil
	}
}

// containerFiles is what tells containers apart: whether two files exist, and what others hold.
type containerFiles struct {
	dockerenv, containerenv bool
	systemd                 string // /run/systemd/container
	env                     string // the variable "container"
	version                 string // /proc/version
	cgroup                  string // /proc/1/cgroup
}

// containerKind names the container, or gives "" on a computer of its own. A booted systemd-nspawn is named too; it
// is for callers to judge.
func containerKind(f containerFiles) string {
	if word := strings.TrimSpace(f.systemd); word != "" {
		return word
	}
	switch {
	case f.dockerenv:
		return "docker"
	case f.containerenv:
		return "podman"
	case f.env != "":
		return f.env
	case strings.Contains(strings.ToLower(f.version), "microsoft"):
		return "wsl"
	}
	for _, m := range []struct{ mark, kind string }{{"kubepods", "kubernetes"}, {"docker", "docker"}, {"lxc", "lxc"}, {"libpod", "podman"}} {
		if strings.Contains(f.cgroup, "/"+m.mark) {
			return m.kind
		}
	}
	return ""
}

// parseSystemctlShow reads `systemctl show UNIT -p …`. Since comes from the monotonic clock, because a step of the
// clock during the install would move a wall-clock time; uptime is that clock's value at now.
func parseSystemctlShow(text string, now time.Time, uptime time.Duration) Service {
	p := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			p[key] = value
		}
	}
	masked := p["LoadState"] == "masked"
	s := Service{Exists: p["LoadState"] == "loaded" || masked, Off: masked || p["UnitFileState"] == "disabled"}
	if p["ActiveState"] == "" || !s.Exists {
		return s
	}
	s.State = p["ActiveState"] + "/" + p["SubState"]
	s.Running = s.State == "active/running"
	s.Restarts, _ = strconv.Atoi(p["NRestarts"])
	if us, err := strconv.ParseInt(p["ActiveEnterTimestampMonotonic"], 10, 64); err == nil && us > 0 && s.Running {
		s.Since = now.Add(time.Duration(us)*time.Microsecond - uptime).Truncate(time.Second)
	}
	return s
}

// parseDpkgQuery reads `dpkg-query -W -f '${db:Status-Abbrev}|${Version}'`. Only "ii" is installed; "rc" is removed
// with its configuration left, "iU", "iF" and "iH" are halfway, and have a version.
func parseDpkgQuery(text string) (version string, installed bool) {
	status, version, ok := strings.Cut(strings.TrimSpace(text), "|")
	switch {
	case !ok:
		return "", false
	case strings.HasPrefix(status, "ii"):
		return version, true
	}
	switch parseDpkgState(text) {
	case "half-installed", "unpacked", "half-configured":
		return version, false
	}
	return "", false
}
