//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// describe fills in what this system tells of itself.
func (p place) describe(f *facts) {
	f.OSFamily, f.UserMetrics = "linux", p.accounts()
	release := p.osRelease()
	// The service lists "Ubuntu", "Amazon": the name without what every distribution has in common.
	f.OS = strings.TrimSuffix(strings.TrimSuffix(release["NAME"], " GNU/Linux"), " Linux")
	f.Version = release["VERSION_ID"]
	f.SerialNumber = lineOf("/sys/class/dmi/id/product_serial") // root only, and absent in many machines
	f.HWVendor = lineOf("/sys/class/dmi/id/sys_vendor")
	// The alias that every display manager of systemd sets: https://www.freedesktop.org/software/systemd/man/systemd.special.html
	if to, err := os.Readlink(p.path("/etc/systemd/system/display-manager.service")); err == nil {
		f.DisplayManager, f.DesktopCapable = strings.TrimSuffix(filepath.Base(to), ".service"), true
	}
	for line := range strings.Lines(lineOf("/proc/self/mounts")) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[1] == "/" {
			f.FileSystem = fields[2] // the last one lies on top
		}
	}
}

// lineOf is what a file says, without the blanks around it; empty for a file that cannot be read.
func lineOf(name string) string {
	raw, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// releaseLine is an assignment of os-release: https://www.freedesktop.org/software/systemd/man/os-release.html
var releaseLine = regexp.MustCompile(`(?m)^([A-Z0-9_]+)=(?:"([^"]*)"|'([^']*)'|(\S*))\s*$`)

// osRelease reads the sandbox's os-release where it has one, else the system's.
func (p place) osRelease() map[string]string {
	raw, err := os.ReadFile(p.path("/etc/os-release"))
	if err != nil && p.sandbox() {
		raw, err = os.ReadFile("/etc/os-release")
	}
	values := map[string]string{"NAME": "Linux"}
	if err != nil {
		return values
	}
	for _, m := range releaseLine.FindAllStringSubmatch(string(raw), -1) {
		values[m[1]] = m[2] + m[3] + m[4]
	}
	return values
}

// detectName is how an agent names the system to the server: NAME and VERSION of os-release.
func (p place) detectName() string {
	r := p.osRelease()
	version := r["VERSION"]
	if version == "" {
		version = r["VERSION_ID"]
	}
	return r["NAME"] + " " + version
}

// The numbers of people's accounts: https://systemd.io/UIDS-GIDS/.
const (
	firstPerson = 1000
	lastPerson  = 60000
)

// accounts are the people with an account here, and who of them may become root. It only reads; in a sandbox it reads
// the sandbox's own files.
func (p place) accounts() []userMetric {
	list := []userMetric{}
	admins := []string{}
	for line := range strings.Lines(lineOf(p.path("/etc/group"))) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) == 4 && slices.Contains([]string{"sudo", "wheel", "admin"}, f[0]) {
			admins = append(admins, strings.Split(f[3], ",")...)
		}
	}
	for line := range strings.Lines(lineOf(p.path("/etc/passwd"))) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 7 {
			continue
		}
		if uid, err := strconv.Atoi(f[2]); err == nil && uid >= firstPerson && uid <= lastPerson {
			list = append(list, userMetric{f[0], slices.Contains(admins, f[0])})
		}
	}
	return list
}
