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
	UnderscoreID      string          `json:"_id"`
	ID                string          `json:"id"`
	Organization      string          `json:"organization"`
	Hostname          string          `json:"hostname"`
	DisplayName       string          `json:"displayName"`
	OS                string          `json:"os"`
	OSFamily          string          `json:"osFamily"`
	Version           string          `json:"version"`
	OSVersionDetail   osVersionDetail `json:"osVersionDetail"`
	Arch              string          `json:"arch"`
	ArchFamily        string          `json:"archFamily"`
	AgentVersion      string          `json:"agentVersion"`
	SerialNumber      string          `json:"serialNumber"`
	RemoteIP          string          `json:"remoteIP"`
	TemplateName      string          `json:"templateName"`
	Created           string          `json:"created"`
	LastContact       *string         `json:"lastContact"`
	Active            bool            `json:"active"`
	ProvisionMetadata object          `json:"provisionMetadata"`
	AllowSSHRootLogin bool            `json:"allowSshRootLogin"`
	AllowSSHPassword  bool            `json:"allowSshPasswordAuthentication"`
	AllowPublicKey    bool            `json:"allowPublicKeyAuthentication"`
	AllowMultiFactor  bool            `json:"allowMultiFactorAuthentication"`
	reportedOfSystem
	notKnownOfSystem
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

// reportedOfSystem are the fields that are as the agent told them, or as of a computer that has none of it. The
// agent's first contact has the same names.
type reportedOfSystem struct {
	AgentHasFullDiskAccess bool                 `json:"agentHasFullDiskAccess"`
	AmazonInstanceID       string               `json:"amazonInstanceID"`
	AzureADJoined          bool                 `json:"azureAdJoined"`
	DesktopCapable         bool                 `json:"desktopCapable"`
	DisplayManager         string               `json:"displayManager"`
	DomainInfo             domainInfo           `json:"domainInfo"`
	FDE                    diskEncryption       `json:"fde"`
	FileSystem             *string              `json:"fileSystem"`
	HasServiceAccount      bool                 `json:"hasServiceAccount"`
	HWVendor               string               `json:"hwVendor"`
	ModifySSHDConfig       bool                 `json:"modifySSHDConfig"`
	NetworkInterfaces      []networkInterface   `json:"networkInterfaces"`
	SecureLogin            secureLogin          `json:"secureLogin"`
	ServiceAccountState    *serviceAccountState `json:"serviceAccountState,omitempty"` // Macs only
	SSHDParams             []systemAttribute    `json:"sshdParams"`
	SSHRootEnabled         bool                 `json:"sshRootEnabled"`
	SystemTimezone         int                  `json:"systemTimezone"` // of what unit is not public; here hours east of UTC
	UserMetrics            []userMetric         `json:"userMetrics"`
}

type domainInfo struct {
	PartOfDomain bool   `json:"partOfDomain"`
	DomainName   string `json:"domainName"`
}

// diskEncryption: the key itself is at fdekey only.
type diskEncryption struct {
	Active     bool `json:"active"`
	KeyPresent bool `json:"keyPresent"`
}

type networkInterface struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Family   string `json:"family"` // IPv4, IPv6
	Internal bool   `json:"internal"`
}

type secureLogin struct {
	Supported bool `json:"supported"`
	Enabled   bool `json:"enabled"`
}

// serviceAccountState tells whether a Mac's service account can do what it is for: grant SecureTokens. Who is looking
// for the Macs that need help looks here.
type serviceAccountState struct {
	HasSecureToken    bool `json:"hasSecureToken"`
	PasswordODValid   bool `json:"passwordODValid"`
	PasswordAPFSValid bool `json:"passwordAPFSValid"`
}

type userMetric struct {
	UserName           string `json:"userName"`
	Admin              bool   `json:"admin"`
	Managed            bool   `json:"managed"` // bound; the agent does not tell
	Suspended          bool   `json:"suspended"`
	SecureTokenEnabled bool   `json:"secureTokenEnabled"`
}

// notKnownOfSystem are the fields about things that the stub does not have.
type notKnownOfSystem struct {
	Attributes               []systemAttribute `json:"attributes"` // an admin's
	BuiltInCommands          []object          `json:"builtInCommands"`
	ConnectionHistory        []object          `json:"connectionHistory"`
	Description              string            `json:"description"`
	IsPolicyBound            bool              `json:"isPolicyBound"`
	MDM                      object            `json:"mdm"`
	PolicyStats              object            `json:"policyStats"`
	PrimarySystemUser        object            `json:"primarySystemUser"`
	RemoteAssistAgentVersion string            `json:"remoteAssistAgentVersion"`
	SystemInsights           object            `json:"systemInsights"`
	Tags                     []string          `json:"tags"` // an admin's
}

func notKnown() notKnownOfSystem {
	return notKnownOfSystem{
		Attributes: []systemAttribute{}, BuiltInCommands: []object{}, ConnectionHistory: []object{}, Tags: []string{},
		MDM:               object{"vendor": "none", "dep": false, "userApproved": false},
		PolicyStats:       object{"duplicate": 0, "failed": 0, "pending": 0, "success": 0, "total": 0, "unsupportedOs": 0},
		PrimarySystemUser: object{"id": nil},
		SystemInsights:    object{"state": "disabled"},
	}
}

// wire gives a system as the API does.
func (about systemContext) wire(y System) (wireSystem, error) {
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
		reportedOfSystem: reportedOfSystem{NetworkInterfaces: []networkInterface{}, SSHDParams: []systemAttribute{}, UserMetrics: []userMetric{}},
		notKnownOfSystem: notKnown(),
	}
	if !y.LastContact.IsZero() {
		at := when(y.LastContact)
		w.LastContact = &at
	}
	if y.OSFamily == "darwin" {
		w.ServiceAccountState = &serviceAccountState{}
	}
	return w, about.fill(&w)
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
