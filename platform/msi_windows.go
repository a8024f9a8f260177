package platform

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// This file calls the Windows Installer: https://learn.microsoft.com/windows/win32/msi/installer-function-reference

var (
	msi                     = windows.NewLazySystemDLL("msi.dll")
	msiInstallProduct       = msi.NewProc("MsiInstallProductW")
	msiSetInternalUI        = msi.NewProc("MsiSetInternalUI")
	msiSetExternalUI        = msi.NewProc("MsiSetExternalUIW")
	msiOpenDatabase         = msi.NewProc("MsiOpenDatabaseW")
	msiDatabaseOpenView     = msi.NewProc("MsiDatabaseOpenViewW")
	msiViewExecute          = msi.NewProc("MsiViewExecute")
	msiViewFetch            = msi.NewProc("MsiViewFetch")
	msiRecordGetString      = msi.NewProc("MsiRecordGetStringW")
	msiCloseHandle          = msi.NewProc("MsiCloseHandle")
	installUILevelNone      = uintptr(2) // INSTALLUILEVEL_NONE: no window of its own
	wantedMessages          = uintptr(1<<msgFatalExit | 1<<msgError | 1<<msgWarning | 1<<msgActionStart | 1<<msgActionData | 1<<msgProgress)
	notHandled, handledWell = uintptr(0), uintptr(1) // the installer decides itself; IDOK
	handledStop             = uintptr(2)             // IDCANCEL: it stops, and undoes what it did
)

// runInstaller installs a package and gives the installer's code and what it said last. late tells that it was not done in
// time and was made to stop, by the answer to a message of its own: nothing else ends an installer without leaving half of
// it, so that one which says nothing is waited for. https://learn.microsoft.com/windows/win32/api/msi/nc-msi-installui_handlerw
// The installer calls back from within; one runs in a process, so what it needs stays for good.
func (s *session) runInstaller(path, properties string) (code uint32, said []string, late bool) {
	begun := time.Now()
	var says installerSays
	shown := -1
	heard := windows.NewCallback(func(_ uintptr, kind uint32, message *uint16) uintptr {
		text := ""
		if message != nil {
			text = windows.UTF16PtrToString(message)
		}
		sort := byte(kind >> 24)
		line := s.output(PhaseInstallPackage, says.message(sort, text))
		if sort <= msgWarning && line != "" {
			said = append(said, line)
			said = said[max(0, len(said)-keptLines):]
			return notHandled
		}
		if late = late || time.Since(begun) > s.limits.install; late {
			return handledStop
		}
		if says.percent > shown {
			shown = says.percent
			s.report(Report{Phase: PhaseInstallPackage, Percent: shown})
		}
		return handledWell
	})
	file, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return uint32(windows.ERROR_INVALID_PARAMETER), nil, false
	}
	line, err := windows.UTF16FromString(properties)
	if err != nil {
		return uint32(windows.ERROR_INVALID_PARAMETER), nil, false
	}
	defer clear(line)
	_, _, _ = msiSetInternalUI.Call(installUILevelNone, 0)                                              // gives the level before
	_, _, _ = msiSetExternalUI.Call(heard, wantedMessages, 0)                                           // gives the handler before
	defer func() { _, _, _ = msiSetExternalUI.Call(0, 0, 0) }()                                         // as above
	r, _, _ := msiInstallProduct.Call(uintptr(unsafe.Pointer(file)), uintptr(unsafe.Pointer(&line[0]))) // the code says all
	return uint32(r), said, late
}

// readMSI reads a package's name and version from its table of properties. It runs nothing of the package.
func readMSI(path string) (packageInfo, error) {
	var info packageInfo
	file, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return info, err
	}
	const readOnly = 0 // MSIDBOPEN_READONLY
	var database uint32
	if r, _, _ := msiOpenDatabase.Call(uintptr(unsafe.Pointer(file)), readOnly, uintptr(unsafe.Pointer(&database))); r != 0 {
		return info, fmt.Errorf("opening the package: %w", windows.Errno(r))
	}
	defer func() { _, _, _ = msiCloseHandle.Call(uintptr(database)) }()
	if info.Name, err = msiProperty(database, "ProductName"); err != nil {
		return info, err
	}
	info.Version, err = msiProperty(database, "ProductVersion")
	return info, err
}

// msiProperty reads one property; name is one of ours.
func msiProperty(database uint32, name string) (string, error) {
	query, err := windows.UTF16PtrFromString("SELECT `Value` FROM `Property` WHERE `Property` = '" + name + "'")
	if err != nil {
		return "", err
	}
	var view, record uint32
	if r, _, _ := msiDatabaseOpenView.Call(uintptr(database), uintptr(unsafe.Pointer(query)), uintptr(unsafe.Pointer(&view))); r != 0 {
		return "", fmt.Errorf("reading the package's properties: %w", windows.Errno(r))
	}
	defer func() { _, _, _ = msiCloseHandle.Call(uintptr(view)) }()
	if r, _, _ := msiViewExecute.Call(uintptr(view), 0); r != 0 {
		return "", fmt.Errorf("reading the package's properties: %w", windows.Errno(r))
	}
	if r, _, _ := msiViewFetch.Call(uintptr(view), uintptr(unsafe.Pointer(&record))); r != 0 {
		return "", fmt.Errorf("reading the package's %s: %w", name, windows.Errno(r))
	}
	defer func() { _, _, _ = msiCloseHandle.Call(uintptr(record)) }()
	value := make([]uint16, 256)
	size := uint32(len(value))
	if r, _, _ := msiRecordGetString.Call(uintptr(record), 1, uintptr(unsafe.Pointer(&value[0])), uintptr(unsafe.Pointer(&size))); r != 0 {
		return "", fmt.Errorf("reading the package's %s: %w", name, windows.Errno(r))
	}
	return printable(windows.UTF16ToString(value)), nil
}
