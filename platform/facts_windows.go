package platform

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Where Windows tells of itself.
const (
	versionKey  = `SOFTWARE\Microsoft\Windows NT\CurrentVersion`
	uacKey      = `SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System`
	msiKey      = `SOFTWARE\Policies\Microsoft\Windows\Installer` // https://learn.microsoft.com/windows/win32/msi/machine-policies
	sModeKey    = `SYSTEM\CurrentControlSet\Control\CI\Policy`
	joinKey     = `SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo`
	sessionKey  = `SYSTEM\CurrentControlSet\Control\Session Manager`
	enrolledKey = `SOFTWARE\Microsoft\Enrollments`
	view        = registry.WOW64_64KEY
)

// windowsFacts gathers the facts of this computer. Anyone who is no administrator is told that another person may be one,
// whether or not their names can be had.
func windowsFacts(ctx context.Context, o Options) (Facts, error) {
	f, err := gatherFacts(ctx, agentFolder)
	if err != nil {
		return f, err
	}
	version := windows.RtlGetVersion()
	f.Name, f.Admin = "Windows", AdminAnother
	f.Version = fmt.Sprintf("%d.%d.%d", version.MajorVersion, version.MinorVersion, version.BuildNumber)
	f.ProxyFile, f.ProxyScript = exists(agentProxy), ownProxy().script
	if registryNumber(`SYSTEM\CurrentControlSet\Control`, "ContainerType") != 0 {
		f.Container = "docker"
	}
	var emulated, native uint16
	if windows.IsWow64Process2(windows.CurrentProcess(), &emulated, &native) == nil {
		f.Arch = machineName(native, f.Arch)
	}
	names, member := administrators(ctx, f.User)
	if f.AdminNames = names; member || isAdministrator() {
		f.Admin = AdminYou
	}
	const workstation = 1  // VER_NT_WORKSTATION
	const commandLines = 4 // the policy's bit for writing them into the log
	w := Windows{
		Edition: registryText(versionKey, "EditionID", view), Release: registryText(versionKey, "DisplayVersion", view),
		Build:  fmt.Sprintf("%d.%d", version.BuildNumber, registryNumber(versionKey, "UBR")),
		Server: version.ProductType > workstation, SMode: registryNumber(sModeKey, "SkuPolicyRequired") == 1,
		UAC: uacState(), Power: powerNow(), Restart: restartDue(), Managers: managersThere(), Earlier: earlierAgent(),
		Installer: Installer{
			Busy: installerBusy(), Disabled: registryNumber(msiKey, "DisableMSI") == 2, Logs: registryText(msiKey, "Logging", view) != "",
			LogsHidden: registryNumber(msiKey, "Debug")&commandLines != 0,
		},
	}
	w.Domain, w.Entra = joined()
	w.Asking = windowsAsking(askingFacts{
		rights: hasRights(), administrator: f.Admin == AdminYou, silent: o.Consent == ConsentSilent, desktop: visibleDesktop(), uac: w.UAC,
		userDenied: registryHas(uacKey, "ConsentPromptBehaviorUser") && registryNumber(uacKey, "ConsentPromptBehaviorUser") == 0,
	})
	f.Windows = &w
	return f, ctx.Err()
}

// registryHas tells whether a setting of this computer is there.
func registryHas(path, name string) bool {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|view)
	if err != nil {
		return false
	}
	defer func() { _ = key.Close() }()
	_, _, err = key.GetValue(name, nil)
	return err == nil || errors.Is(err, registry.ErrShortBuffer)
}

// registryNumber reads a number of this computer's settings, 0 where there is none.
func registryNumber(path, name string) uint64 {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|view)
	if err != nil {
		return 0
	}
	defer func() { _ = key.Close() }()
	n, _, err := key.GetIntegerValue(name)
	if err != nil {
		return 0
	}
	return n
}

// registryNames gives the keys below one, none where it is not there.
func registryNames(path string) []string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.ENUMERATE_SUB_KEYS|view)
	if err != nil {
		return nil
	}
	defer func() { _ = key.Close() }()
	names, _ := key.ReadSubKeyNames(-1) // what came before an error counts
	return names
}

// registryKey tells whether a key is there.
func registryKey(path string) bool {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|view)
	if err == nil {
		_ = key.Close()
	}
	return err == nil || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}

// uacState tells whether UAC is on: https://learn.microsoft.com/openspecs/windows_protocols/ms-gpsb/958053ae-5397-4f96-977f-b7700ee461ec
func uacState() Answer {
	switch {
	case !registryHas(uacKey, "EnableLUA"):
		return Unknown
	case registryNumber(uacKey, "EnableLUA") == 0:
		return No
	}
	return Yes
}

var getSystemPowerStatus = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemPowerStatus")

// powerNow tells where the power comes from.
func powerNow() Power {
	var s powerStatus
	if ok, _, _ := getSystemPowerStatus.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return Power{}
	}
	return s.power()
}

// installerBusy tells whether an install runs: https://learn.microsoft.com/windows/win32/msi/-msiexecute-mutex
func installerBusy() bool {
	name, err := windows.UTF16PtrFromString(`Global\_MSIExecute`)
	if err != nil {
		return false
	}
	mutex, err := windows.OpenMutex(windows.SYNCHRONIZE, false, name)
	if err != nil {
		return false // there is none; or it is not for us, and then the install waits
	}
	defer func() { _ = windows.CloseHandle(mutex) }()
	held, err := windows.WaitForSingleObject(mutex, 0)
	if err == nil && held == windows.WAIT_OBJECT_0 {
		_ = windows.ReleaseMutex(mutex)
	}
	return err == nil && held == uint32(windows.WAIT_TIMEOUT)
}

// restartDue tells why the computer waits for a restart.
func restartDue() []RestartReason {
	var why []RestartReason
	if registryKey(`SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired`) {
		why = append(why, RestartRequired)
	}
	if registryKey(`SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending`) {
		why = append(why, RestartUpdate)
	}
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, sessionKey, registry.QUERY_VALUE|view)
	if err != nil {
		return why
	}
	defer func() { _ = key.Close() }()
	if files, _, err := key.GetStringsValue("PendingFileRenameOperations"); err == nil && strings.Contains(strings.Join(files, "\n"), agentFolder+`\`) {
		why = append(why, RestartFiles)
	}
	return why
}

// joined gives the domain and the directory in the cloud that the computer has joined.
func joined() (domain, entra string) {
	var name *uint16
	var kind uint32
	if windows.NetGetJoinInformation(nil, &name, &kind) == nil {
		if kind == windows.NetSetupDomainName {
			domain = printable(windows.UTF16PtrToString(name))
		}
		_ = windows.NetApiBufferFree((*byte)(unsafe.Pointer(name)))
	}
	for _, id := range registryNames(joinKey) {
		entra = "Microsoft Entra ID"
		if _, tenant, ok := strings.Cut(registryText(joinKey+`\`+id, "UserEmail", view), "@"); ok {
			entra += " (" + tenant + ")"
		}
	}
	return domain, entra
}

// managersThere names who else manages this computer.
func managersThere() []string {
	names := found(windowsManagers, exists)
	for _, id := range registryNames(enrolledKey) {
		at := enrolledKey + `\` + id
		e := enrollment{
			provider: registryText(at, "ProviderID", view), server: registryText(at, "DiscoveryServiceFullURL", view),
			state: registryNumber(at, "EnrollmentState"),
		}
		if name := e.manager(); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// earlierAgent looks for what an agent has left.
func earlierAgent() Earlier {
	var e Earlier
	if _, there := installedVersion(); there {
		e.Package = "installed"
	}
	if exists(agentFolder) {
		e.Traces = append(e.Traces, agentFolder)
	}
	if conf, err := readEnd(agentConf); err == nil {
		e.Server = parseServer(conf)
	}
	return e
}

// ownProxy reads the person's own proxy settings.
func ownProxy() (p personProxy) {
	key, err := registry.OpenKey(registry.CURRENT_USER, `SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings`, registry.QUERY_VALUE)
	if err != nil {
		return p
	}
	defer func() { _ = key.Close() }()
	script, _, _ := key.GetStringValue("AutoConfigURL") // empty where there is none
	p.script = script != ""
	on, _, err := key.GetIntegerValue("ProxyEnable")
	if err != nil || on == 0 {
		return p
	}
	server, _, _ := key.GetStringValue("ProxyServer")     // as above
	override, _, _ := key.GetStringValue("ProxyOverride") // as above
	p.https, p.except = windowsProxy(server, override)
	return p
}

// windowsManagers are other programs that manage computers, by files that only they have.
var windowsManagers = map[string][]string{
	"Configuration Manager": {`C:\Windows\CCM\CcmExec.exe`},
	"Workspace ONE":         {`C:\Program Files (x86)\Airwatch\AgentUI\AWProcessCommands.exe`},
	"Ivanti":                {`C:\Program Files (x86)\LANDesk\LDClient\policy.client.invoker.exe`},
	"Tanium":                {`C:\Program Files (x86)\Tanium\Tanium Client\TaniumClient.exe`},
}
