package platform

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Where the vendor's agent keeps its things on Windows:
// https://github.com/TheJumpCloud/support, scripts/windows/agent_diagnostics.ps1 and log_collection.ps1
var (
	agentFolder = knownFolder(windows.FOLDERID_ProgramFiles, `C:\Program Files`) + `\JumpCloud`
	agentBinary = agentFolder + `\jumpcloud-agent.exe`
	agentConf   = agentFolder + `\Plugins\Contrib\jcagent.conf`
	agentUsers  = agentFolder + `\Plugins\Contrib\managedUsers.json`
	agentLog    = systemFolder() + `\Temp\jcagent.log`
	agentProxy  = systemFolder() + `\System32\drivers\etc\jcagent-proxy.conf`
)

// agentService is the name of its service.
const agentService = "jumpcloud-agent"

// receivedEnding is how the name of the package ends that the elevated side received.
const receivedEnding = ".msi"

// stateFolder is the elevated side's own folder, for administrators alone: its lock, its log and the package it received.
var stateFolder = knownFolder(windows.FOLDERID_ProgramData, `C:\ProgramData`) + `\enrollment-assistant\elevated`

// knownFolder gives a folder of Windows' own, never by a variable of the environment, which is the user's.
func knownFolder(id *windows.KNOWNFOLDERID, usual string) string {
	path, err := windows.KnownFolderPath(id, windows.KF_FLAG_DONT_VERIFY)
	if err != nil {
		return usual
	}
	return path
}

// systemFolder is where Windows lies.
func systemFolder() string {
	path, err := windows.GetSystemWindowsDirectory()
	if err != nil {
		return `C:\Windows`
	}
	return path
}

// hasCertificate tells whether the agent's certificate was signed. Where it lies on Windows is not public; the service
// gives nobody a systemKey before.
func hasCertificate(_, systemKey string) (bool, error) { return systemKey != "", nil }

// shallowState tells what an ordinary user can see of the agent.
func shallowState(ctx context.Context, _ string) (AgentState, error) {
	var s AgentState
	s.Version, s.Installed = installedVersion()
	service, err := agentServiceState()
	if err != nil {
		return s, err
	}
	s.Service = service
	return s, ctx.Err()
}

// uninstallKey is where Windows keeps what is installed for all:
// https://learn.microsoft.com/windows/win32/msi/uninstall-registry-key
const uninstallKey = `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`

// installedVersion looks for the agent among what is installed, in the lists of programs with 64 and with 32 bits.
func installedVersion() (version string, there bool) {
	for _, view := range []uint32{registry.WOW64_64KEY, registry.WOW64_32KEY} {
		list, err := registry.OpenKey(registry.LOCAL_MACHINE, uninstallKey, registry.READ|view)
		if err != nil {
			continue
		}
		names, _ := list.ReadSubKeyNames(-1) // what came before an error counts
		_ = list.Close()
		for _, name := range names {
			if isAgentName(registryText(uninstallKey+`\`+name, "DisplayName", view)) {
				return registryText(uninstallKey+`\`+name, "DisplayVersion", view), true
			}
		}
	}
	return "", false
}

// registryText reads a text of this computer's settings, empty where there is none.
func registryText(path, name string, view uint32) string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|view)
	if err != nil {
		return ""
	}
	defer func() { _ = key.Close() }()
	text, _, err := key.GetStringValue(name)
	if err != nil {
		return ""
	}
	return printable(text)
}

// agentServiceState asks the service manager, with the rights that anybody has.
func agentServiceState() (Service, error) {
	var status windows.SERVICE_STATUS_PROCESS
	err := withService(windows.SERVICE_QUERY_STATUS, func(h windows.Handle) error {
		var needed uint32
		return windows.QueryServiceStatusEx(h, windows.SC_STATUS_PROCESS_INFO, (*byte)(unsafe.Pointer(&status)), uint32(unsafe.Sizeof(status)), &needed)
	})
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		return Service{}, nil
	}
	if err != nil {
		return Service{}, fmt.Errorf("asking the service manager: %w", err)
	}
	s := Service{Exists: true, State: serviceWord(status.CurrentState, status.Win32ExitCode), Running: status.CurrentState == windows.SERVICE_RUNNING}
	if s.Running {
		s.Since = processSince(status.ProcessId)
	}
	return s, nil
}

// withService opens the agent's service.
func withService(access uint32, do func(windows.Handle) error) error {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseServiceHandle(manager) }()
	name, err := windows.UTF16PtrFromString(agentService)
	if err != nil {
		return err
	}
	service, err := windows.OpenService(manager, name, access)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseServiceHandle(service) }()
	return do(service)
}

// processSince gives when a process was started. The list of all processes tells, also of those of the system, which an
// ordinary user may not open. The zero time is for a process that is not there.
func processSince(pid uint32) time.Time {
	for size := uint32(256 << 10); size <= 16<<20; size *= 2 {
		// Words, so that the entries are aligned.
		list := make([]uint64, size/8)
		var needed uint32
		err := windows.NtQuerySystemInformation(windows.SystemProcessInformation, unsafe.Pointer(&list[0]), size, &needed)
		if errors.Is(err, windows.STATUS_INFO_LENGTH_MISMATCH) {
			continue
		}
		if err != nil {
			return time.Time{}
		}
		at := unsafe.Pointer(&list[0])
		for {
			entry := (*windows.SYSTEM_PROCESS_INFORMATION)(at)
			if entry.UniqueProcessID == uintptr(pid) {
				made := windows.Filetime{LowDateTime: uint32(entry.CreateTime), HighDateTime: uint32(entry.CreateTime >> 32)}
				return time.Unix(0, made.Nanoseconds()).Truncate(time.Second)
			}
			if entry.NextEntryOffset == 0 {
				return time.Time{}
			}
			at = unsafe.Add(at, entry.NextEntryOffset)
		}
	}
	return time.Time{}
}

// startAgent starts the agent's service where the installer has not.
func (s *session) startAgent(context.Context) error {
	err := withService(windows.SERVICE_START, func(h windows.Handle) error { return windows.StartService(h, 0, nil) })
	if errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING) {
		return nil
	}
	return err
}
