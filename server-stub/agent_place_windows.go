package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/windows"
)

// Files of the agent, as they lie on an enrolled computer: where the vendor's public scripts look for them, and what
// those do not name beside it (https://github.com/TheJumpCloud/support, scripts/windows).
const (
	jcDir         = `C:\Program Files\JumpCloud`
	markerFile    = jcDir + `\.stub` // only a stub's package makes it, by the verb bootstrap
	contribDir    = jcDir + `\Plugins\Contrib`
	versionFile   = contribDir + `\version.txt`
	confFile      = contribDir + `\jcagent.conf`
	caFile        = contribDir + `\ca.crt`
	certFile      = contribDir + `\client.crt`
	keyFile       = contribDir + `\client.key`
	bootstrapFile = contribDir + `\agentBootstrap.json`
	managedFile   = contribDir + `\managedUsers.json`
	productFile   = contribDir + `\product.json`
	pidFile       = `C:\Windows\Temp\jcagent.pid`
	logFile       = `C:\Windows\Temp\jcagent.log`
)

// osPlugin is what the configuration calls the agent's part for this system.
const osPlugin = "agent-windows"

// path is where a file of the agent lies in this place.
func (p place) path(name string) string {
	if !p.sandbox() {
		return name
	}
	return filepath.Join(string(p), strings.TrimPrefix(name, "C:"))
}

// ownersOnly is full control for the system and for administrators, for nobody else, and nothing from the folder above:
// https://learn.microsoft.com/en-us/windows/win32/secauthz/security-descriptor-string-format
const ownersOnly = "D:P(A;;FA;;;SY)(A;;FA;;;BA)"

// protect keeps a file from ordinary users, who may read what lies in Program Files.
func protect(name string) error {
	sd, err := windows.SecurityDescriptorFromString(ownersOnly)
	if err != nil {
		return err
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(name, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, dacl, nil)
}

// machine is what uname -m would say.
func machine() string {
	if runtime.GOARCH == "arm64" {
		return "aarch64"
	}
	return "x86_64"
}

// claim makes this process the only agent of its place: nobody else can open the pid file until release, which removes it.
func claim(at place) (release func(), err error) {
	name, err := windows.UTF16PtrFromString(at.path(pidFile))
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_WRITE, 0, nil, windows.OPEN_ALWAYS, windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	if err != nil {
		return nil, fmt.Errorf("another agent is running: %w", err)
	}
	return func() { _ = windows.CloseHandle(h) }, nil
}
