package stub

import (
	"strconv"
	"strings"
)

// object is JSON whose shape never changes here.
type object map[string]any

// wireSystem is a system as the API gives it: https://docs.jumpcloud.com/api/1.0/index.html#tag/Systems. What the stub
// cannot know has the value of a computer that has none of it. The vendor's answers are said to hold a systemToken
// too; being a secret it is left out.
type wireSystem struct {
	UnderscoreID        string           `json:"_id"`
	ID                  string           `json:"id"`
	Organization        string           `json:"organization"`
	Hostname            string           `json:"hostname"`
	DisplayName         string           `json:"displayName"`
	OS                  string           `json:"os"`
	OSFamily            string           `json:"osFamily"`
	Version             string           `json:"version"`
	OSVersionDetail     osVersionDetail  `json:"osVersionDetail"`
	Arch                string           `json:"arch"`
	ArchFamily          string           `json:"archFamily"`
	AgentVersion        string           `json:"agentVersion"`
	SerialNumber        string           `json:"serialNumber"`
	RemoteIP            string           `json:"remoteIP"`
	TemplateName        string           `json:"templateName"`
	Created             string           `json:"created"`
	LastContact         *string          `json:"lastContact"`
	Active              bool             `json:"active"`
	ProvisionMetadata   object           `json:"provisionMetadata"`
	AllowSSHRootLogin   bool             `json:"allowSshRootLogin"`
	AllowSSHPassword    bool             `json:"allowSshPasswordAuthentication"`
	AllowPublicKey      bool             `json:"allowPublicKeyAuthentication"`
	AllowMultiFactor    bool             `json:"allowMultiFactorAuthentication"`
	HasServiceAccount   bool             `json:"hasServiceAccount"`
	ServiceAccountState *map[string]bool `json:"serviceAccountState,omitempty"` // Macs only
	unknownOfSystem
}

// osVersionDetail is what the version says in parts.
type osVersionDetail struct {
	OSName           string `json:"osName"`
	DistributionName string `json:"distributionName"`
	ReleaseName      string `json:"releaseName"`
	Version          string `json:"version"`
	Revision         string `json:"revision"`
	Major            string `json:"major"`
	Minor            string `json:"minor"`
	Patch            string `json:"patch"`
	MajorNumber      int    `json:"majorNumber"`
	MinorNumber      int    `json:"minorNumber"`
	PatchNumber      int    `json:"patchNumber"`
}

// unknownOfSystem are the fields about which the stub's agent reports nothing.
type unknownOfSystem struct {
	AgentHasFullDiskAccess   bool     `json:"agentHasFullDiskAccess"`
	AmazonInstanceID         string   `json:"amazonInstanceID"`
	Attributes               []object `json:"attributes"`
	AzureAdJoined            bool     `json:"azureAdJoined"`
	BuiltInCommands          []object `json:"builtInCommands"`
	ConnectionHistory        []object `json:"connectionHistory"`
	Description              string   `json:"description"`
	DesktopCapable           bool     `json:"desktopCapable"`
	DisplayManager           string   `json:"displayManager"`
	DomainInfo               object   `json:"domainInfo"`
	FDE                      object   `json:"fde"`
	FileSystem               *string  `json:"fileSystem"`
	HWVendor                 string   `json:"hwVendor"`
	IsPolicyBound            bool     `json:"isPolicyBound"`
	MDM                      object   `json:"mdm"`
	ModifySSHDConfig         bool     `json:"modifySSHDConfig"`
	NetworkInterfaces        []object `json:"networkInterfaces"`
	PolicyStats              object   `json:"policyStats"`
	PrimarySystemUser        object   `json:"primarySystemUser"`
	RemoteAssistAgentVersion string   `json:"remoteAssistAgentVersion"`
	SecureLogin              object   `json:"secureLogin"`
	SSHRootEnabled           bool     `json:"sshRootEnabled"`
	SSHDParams               []object `json:"sshdParams"`
	SystemInsights           object   `json:"systemInsights"`
	SystemTimezone           int      `json:"systemTimezone"`
	Tags                     []string `json:"tags"`
	UserMetrics              []object `json:"userMetrics"`
}

func unknown() unknownOfSystem {
	return unknownOfSystem{
		Attributes: []object{}, BuiltInCommands: []object{}, ConnectionHistory: []object{}, NetworkInterfaces: []object{},
		SSHDParams: []object{}, Tags: []string{}, UserMetrics: []object{},
		DomainInfo:        object{"partOfDomain": false, "domainName": ""},
		FDE:               object{"active": false, "keyPresent": false},
		MDM:               object{"vendor": "none", "dep": false, "userApproved": false},
		PolicyStats:       object{"duplicate": 0, "failed": 0, "pending": 0, "success": 0, "total": 0, "unsupportedOs": 0},
		PrimarySystemUser: object{"id": nil},
		SecureLogin:       object{"supported": false, "enabled": false},
		SystemInsights:    object{"state": "disabled"},
	}
}

// wire gives a system as the API does.
func (about systemContext) wire(y System) wireSystem {
	o, ok := about.options[y.ID]
	if !ok {
		o = defaultOptions
	}
	w := wireSystem{
		UnderscoreID: y.ID, ID: y.ID, Organization: about.organization, Hostname: y.Hostname, DisplayName: y.DisplayName,
		OS: y.OS, OSFamily: y.OSFamily, Version: y.Version, OSVersionDetail: versionDetail(y), Arch: y.Arch, ArchFamily: archFamily(y.Arch),
		AgentVersion: y.AgentVersion, SerialNumber: y.SerialNumber, RemoteIP: y.RemoteIP, TemplateName: y.TemplateName,
		Created: when(y.Created), Active: y.Active,
		ProvisionMetadata: object{"provisioner": object{"type": y.ProvisionerType, "provisionerId": y.ProvisionerID}},
		AllowSSHRootLogin: o.sshRoot, AllowSSHPassword: o.sshPassword, AllowPublicKey: o.publicKey, AllowMultiFactor: o.multiFactor,
		unknownOfSystem: unknown(),
	}
	if !y.LastContact.IsZero() {
		at := when(y.LastContact)
		w.LastContact = &at
	}
	if y.OSFamily == "darwin" {
		w.ServiceAccountState = &map[string]bool{"hasSecureToken": false, "passwordODValid": false, "passwordAPFSValid": false}
	}
	return w
}

// archFamily is the architecture without the maker's spelling.
func archFamily(arch string) string {
	switch arch {
	case "amd64", "64-bit":
		return "x86_64"
	case "aarch64":
		return "arm64"
	}
	return arch
}

// versionDetail takes a version like "24.04" or "14.6.1" apart.
func versionDetail(y System) osVersionDetail {
	d := osVersionDetail{OSName: y.OS, Version: y.Version}
	if y.OSFamily == "linux" {
		d.DistributionName = y.OS
	}
	number, _, _ := strings.Cut(y.Version, " ") // "10 Home"
	parts := strings.SplitN(number, ".", 3)
	for i, to := range []struct {
		text   *string
		number *int
	}{{&d.Major, &d.MajorNumber}, {&d.Minor, &d.MinorNumber}, {&d.Patch, &d.PatchNumber}} {
		if i < len(parts) {
			*to.text = parts[i]
			*to.number, _ = strconv.Atoi(parts[i]) // 0 where it is no number
		}
	}
	return d
}
