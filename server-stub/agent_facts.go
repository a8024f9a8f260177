package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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

	macFacts // of a Mac alone, and told only in a sandbox
}

// macFacts are what a Mac tells besides. No stub agent runs on one: see presented.
type macFacts struct {
	FullDiskAccess      bool            `json:"agentHasFullDiskAccess,omitempty"`
	HasServiceAccount   bool            `json:"hasServiceAccount,omitempty"`
	ServiceAccountState *serviceAccount `json:"serviceAccountState,omitempty"`
	FDE                 *diskEncryption `json:"fde,omitempty"`
}

// serviceAccount is how a Mac's service account stands.
type serviceAccount struct {
	HasSecureToken    bool `json:"hasSecureToken"`
	PasswordODValid   bool `json:"passwordODValid"`
	PasswordAPFSValid bool `json:"passwordAPFSValid"`
}

type diskEncryption struct {
	Active bool `json:"active"`
}

// presentedFile is, in a sandbox, what the agent tells of another computer than this one, so that a test has a Mac
// without one: any of the facts, by their names in the API.
const presentedFile = "/opt/jc/.stub-system.json"

// presented is what that file says; nil where there is none.
func (p place) presented() ([]byte, error) {
	if !p.sandbox() {
		return nil, nil
	}
	raw, err := os.ReadFile(p.path(presentedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

// told are the facts with those that the agent presents instead.
func (p place) told(c agentConf, version string) (facts, error) {
	f := p.facts(c, version)
	raw, err := p.presented()
	if err != nil || raw == nil {
		return f, err
	}
	f.UserMetrics, f.DisplayManager, f.FileSystem, f.HWVendor = []userMetric{}, "", "", ""
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, fmt.Errorf("reading %s: %w", presentedFile, err)
	}
	return f, nil
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
