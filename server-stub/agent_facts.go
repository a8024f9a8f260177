package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// facts is what the agent tells of this computer when it registers, in the public API's own names.
type facts struct {
	Hostname     string `json:"hostname"`
	OS           string `json:"os"`
	OSFamily     string `json:"osFamily"`
	Version      string `json:"version"`
	Arch         string `json:"arch"`
	AgentVersion string `json:"agentVersion"`
	SerialNumber string `json:"serialNumber,omitempty"`
	TemplateName string `json:"templateName"`
	CertUUID     string `json:"certuuid"`

	DesktopCapable    bool               `json:"desktopCapable"`
	DisplayManager    string             `json:"displayManager,omitempty"`
	FileSystem        string             `json:"fileSystem,omitempty"` // of the root
	HWVendor          string             `json:"hwVendor,omitempty"`
	NetworkInterfaces []networkInterface `json:"networkInterfaces"`
	SystemTimezone    int                `json:"systemTimezone"` // hours east of UTC
	UserMetrics       []userMetric       `json:"userMetrics"`
}

type networkInterface struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Family   string `json:"family"`
	Internal bool   `json:"internal"`
}

type userMetric struct {
	UserName string `json:"userName"`
	Admin    bool   `json:"admin"`
}

func (p place) facts(c agentConf, version string) facts {
	f := facts{OSFamily: "linux", AgentVersion: version, TemplateName: c.TemplateID, CertUUID: c.CertUUID, Arch: machine(),
		NetworkInterfaces: interfaces(), UserMetrics: p.accounts()}
	if name, err := os.Hostname(); err == nil {
		f.Hostname = name
	}
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
	_, east := time.Now().Zone()
	f.SystemTimezone = east / 3600
	return f
}

// lineOf is what a file says, without the blanks around it; empty for a file that cannot be read.
func lineOf(name string) string {
	raw, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// interfaces are the addresses of this computer.
func interfaces() []networkInterface {
	list := []networkInterface{}
	all, err := net.Interfaces()
	if err != nil {
		return list
	}
	for _, i := range all {
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			ip, _, err := net.ParseCIDR(a.String())
			if err != nil {
				continue
			}
			family := "IPv6"
			if ip.To4() != nil {
				family = "IPv4"
			}
			list = append(list, networkInterface{i.Name, ip.String(), family, i.Flags&net.FlagLoopback != 0})
		}
	}
	return list
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
