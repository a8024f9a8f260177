package main

import (
	"net"
	"os"
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
	f := facts{AgentVersion: version, TemplateName: c.TemplateID, CertUUID: c.CertUUID, Arch: machine(),
		NetworkInterfaces: interfaces()}
	if name, err := os.Hostname(); err == nil {
		f.Hostname = name
	}
	p.describe(&f)
	_, east := time.Now().Zone()
	f.SystemTimezone = east / 3600
	return f
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
