package platform

import (
	"cmp"
	"strings"
)

// Windows is what was learned of a PC with Windows besides its Facts. What could not be read is at its zero value, which
// says that nothing is known of it or that it is not there.
type Windows struct {
	Edition string `json:"edition,omitempty"` // EditionID of the registry: Core (Home), Professional, Enterprise, ServerStandard, …
	Release string `json:"release,omitempty"` // as people say it: 24H2
	Build   string `json:"build,omitempty"`   // with what updates added: 26100.2033
	Server  bool   `json:"server,omitempty"`
	SMode   bool   `json:"sMode,omitempty"` // takes programs of the Store alone: https://learn.microsoft.com/windows/deployment/s-mode
	Asking  Asking `json:"asking"`
	// UAC tells whether Windows asks before a program gets administrator rights.
	UAC   Answer `json:"uac,omitempty"`
	Power Power  `json:"power,omitzero"`
	// Installer is the Windows Installer.
	Installer Installer       `json:"installer,omitzero"`
	Restart   []RestartReason `json:"restart,omitempty"`
	// Domain is the domain that the PC has joined, and Entra the directory of Microsoft's in the cloud.
	Domain string `json:"domain,omitempty"`
	Entra  string `json:"entra,omitempty"`
	// Managers are other programs and services that manage this PC.
	Managers []string `json:"managers,omitempty"`
	// Traces are files, folders and settings of an agent, in Earlier with what else is known of it.
	Earlier Earlier `json:"earlier,omitzero"`
}

// Installer is the state of the Windows Installer.
type Installer struct {
	Busy     bool `json:"busy,omitempty"`     // something is being installed or removed right now
	Disabled bool `json:"disabled,omitempty"` // a policy forbids every install
	// Logs tells that a policy has each install logged, with what a package is given.
	Logs bool `json:"logs,omitempty"`
	// LogsHidden tells that the log shows even what a package hides:
	// https://learn.microsoft.com/windows/win32/msi/debug
	LogsHidden bool `json:"logsHidden,omitempty"`
}

// Home tells an edition for homes, which can join no domain.
func (w Windows) Home() bool { return strings.HasPrefix(w.Edition, "Core") }

// Reasons of Windows' own for an Asking.Can and for a restart.
const (
	AskUAC       AskReason = "uac"        // Yes: Windows' own dialog asks
	AskNoDesktop AskReason = "no-desktop" // No: there is no desktop to show it on
	AskNoUAC     AskReason = "no-uac"     // No: UAC is off and this user is no administrator
	AskUACDenies AskReason = "uac-denies" // No: a policy refuses this user without asking
	AskUnasked   AskReason = "unasked"    // No: nobody may be asked, and without that nobody gets the rights

	RestartFiles RestartReason = "files" // files of an earlier agent are removed at the next start
)

// askingFacts is what an Asking of Windows depends on.
type askingFacts struct {
	rights        bool // this process has them
	administrator bool // this user is one, and works with less
	silent        bool // nobody may be asked
	desktop       bool
	uac           Answer
	userDenied    bool // ConsentPromptBehaviorUser is 0: https://learn.microsoft.com/windows/security/application-security/application-control/user-account-control/settings-and-configuration
}

// windowsAsking tells whether consent can be asked for.
func windowsAsking(f askingFacts) Asking {
	a := Asking{Consent: ConsentDialog, Can: No}
	if f.silent {
		a.Consent = ConsentSilent
	}
	switch {
	case f.rights:
		a.Can, a.Why = Yes, AskRoot
	case f.silent:
		a.Why = AskUnasked
	case !f.desktop:
		a.Why = AskNoDesktop
	case f.uac == No && !f.administrator:
		a.Why = AskNoUAC
	case f.userDenied && !f.administrator:
		a.Why = AskUACDenies
	default:
		a.Can, a.Why = Yes, AskUAC
	}
	return a
}

// powerStatus is SYSTEM_POWER_STATUS: https://learn.microsoft.com/windows/win32/api/winbase/ns-winbase-system_power_status
type powerStatus struct {
	line    byte      // 0 battery, 1 mains, 255 unknown
	flag    byte      // 128 no battery, 255 unknown
	percent byte      // 255 unknown
	_       byte      // the saver
	_       [2]uint32 // seconds left and in all
}

// power reads it.
func (s powerStatus) power() Power {
	const noBattery, unknown = 128, 255
	if s.line == unknown {
		return Power{}
	}
	p := Power{Known: true, OnBattery: s.line == 0 && (s.flag == unknown || s.flag&noBattery == 0)}
	if s.percent <= 100 {
		p.Percent = int(s.percent)
	}
	return p
}

// machineName is a processor as uname -m calls it, by IMAGE_FILE_MACHINE_*; fallback where it is another.
// https://learn.microsoft.com/windows/win32/sysinfo/image-file-machine-constants
func machineName(machine uint16, fallback string) string {
	return cmp.Or(map[uint16]string{0x8664: "x86_64", 0xaa64: "arm64", 0x14c: "i686"}[machine], fallback)
}

// enrollment is an entry of HKLM\SOFTWARE\Microsoft\Enrollments: a service that manages this PC through Windows' own
// client. https://learn.microsoft.com/windows/client-management/mdm-enrollment-of-windows-devices
type enrollment struct {
	provider string // ProviderID
	server   string // DiscoveryServiceFullURL
	state    uint64 // EnrollmentState: 1 is enrolled
}

// manager names who manages, empty for nobody and for JumpCloud itself.
func (e enrollment) manager() string {
	both := strings.ToLower(e.provider + " " + e.server)
	switch {
	case e.state != 1 || e.provider == "" || strings.Contains(both, "jumpcloud"):
		return ""
	case e.provider == "MS DM Server":
		return "Microsoft Intune"
	}
	return printable(e.provider)
}

// windowsProxy reads the person's own proxy settings, ProxyServer and ProxyOverride of
// https://learn.microsoft.com/troubleshoot/windows-client/networking/configure-client-proxy-server-settings-by-registry-file,
// in the form that environment variables have: "proxy:8080" or "http=a:80;https=b:443", and "*.example;<local>".
func windowsProxy(server, override string) (proxy, noProxy string) {
	for part := range strings.SplitSeq(server, ";") {
		kind, address, named := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !named && proxy == "":
			proxy = kind
		case named && strings.EqualFold(kind, "https"):
			proxy = address
		}
	}
	if proxy != "" && !strings.Contains(proxy, "://") {
		proxy = "http://" + proxy
	}
	if !isProxy(proxy) {
		return "", ""
	}
	return proxy, exceptions(strings.FieldsFunc(override, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }))
}

// administratorNames gives the members of the group of administrators that a person could fetch, by the names that they
// know: without this computer's own name, accounts that are switched off, and members whose name Windows could not find,
// which it writes as a number.
func administratorNames(members []string, computer string, off func(string) bool) []string {
	var names []string
	for _, member := range members {
		name, local := localName(member, computer)
		if strings.HasPrefix(name, "S-1-") || local && off(name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

// localName gives the name of an account without this computer's own before it, and whether that stood there.
func localName(account, computer string) (name string, local bool) {
	domain, name, found := strings.Cut(account, `\`)
	if found && strings.EqualFold(domain, computer) {
		return name, true
	}
	return account, false
}
