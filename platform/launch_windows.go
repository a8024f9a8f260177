package platform

import (
	"errors"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// windowsAttempts gives the one way of starting the elevated side. A process that has the rights already, since UAC is
// off or it was started so, asks nobody: Windows would show no dialog either.
func windowsAttempts(o Options) ([]attempt, error) {
	a := attempt{path: o.Program, args: []string{"elevated"}, explain: explainRunas}
	switch {
	case hasRights(), o.Consent != ConsentSilent && visibleDesktop():
		return []attempt{a}, nil
	}
	return nil, ErrNoConsent
}

// child is a running attempt.
type child struct {
	started chan struct{} // closed when it runs, or could not be started
	ended   chan struct{} // closed when it ended; code is set then
	pid     uint32        // set when started is closed; 0 for none
	code    int
	process windows.Handle
	stderr  tail
}

// is tells whether the child is the process with that number. It may connect a moment before Windows says which it is;
// who connects while the dialog is still open is somebody else.
func (c *child) is(pid uint32) bool {
	select {
	case <-c.started:
		return pid != 0 && pid == c.pid
	case <-time.After(5 * time.Second):
		return false
	}
}

// launch starts the attempt. It returns at once, since Windows' dialog keeps its caller waiting.
func (a attempt) launch(address string) (*child, error) {
	c := &child{started: make(chan struct{}), ended: make(chan struct{})}
	if !hasRights() {
		go func() {
			defer close(c.ended)
			err := c.runas(a.path, strings.Join(append(a.args, address), " ")) // nothing in it needs quotes
			close(c.started)
			var code windows.Errno
			if errors.As(err, &code) {
				c.code = -int(code)
				return
			}
			c.wait()
		}()
		return c, nil
	}
	cmd := exec.Command(a.path, append(a.args, address)...) //nolint:noctx // ended by kill: see Elevate about contexts
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	cmd.Stderr = &c.stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c.pid = uint32(cmd.Process.Pid)
	close(c.started)
	go func() {
		defer close(c.ended)
		_ = cmd.Wait() // the code tells
		c.code = cmd.ProcessState.ExitCode()
	}()
	return c, nil
}

// wait waits for the process and notes its code.
func (c *child) wait() {
	defer func() { _ = windows.CloseHandle(c.process) }()
	_, _ = windows.WaitForSingleObject(c.process, windows.INFINITE) // it fails for no process alone
	var code uint32
	if windows.GetExitCodeProcess(c.process, &code) == nil {
		c.code = int(code)
	}
}

// kill does nothing: a process with more rights than this one cannot be ended by it. It ends by itself when it finds
// the channel closed, and so does one that is allowed by a dialog that was left open.
func (c *child) kill() {}

// await waits until it ended, for a bounded time.
func (c *child) await(d time.Duration) {
	select {
	case <-c.ended:
	case <-time.After(d):
	}
}

// shellExecuteInfo is SHELLEXECUTEINFOW:
// https://learn.microsoft.com/windows/win32/api/shellapi/ns-shellapi-shellexecuteinfow
type shellExecuteInfo struct {
	size       uint32
	mask       uint32
	window     windows.Handle
	verb       *uint16
	file       *uint16
	parameters *uint16
	directory  *uint16
	show       int32
	instance   windows.Handle
	idList     uintptr
	class      *uint16
	classKey   windows.Handle
	hotKey     uint32
	icon       windows.Handle
	process    windows.Handle
}

// What is wanted of ShellExecuteEx: the process, no message box of its own, and no return before it is done.
const (
	seeMaskNoCloseProcess = 0x40
	seeMaskNoAsync        = 0x100
	seeMaskNoUI           = 0x400
)

var (
	shellExecuteEx           = windows.NewLazySystemDLL("shell32.dll").NewProc("ShellExecuteExW")
	getProcessWindowStation  = windows.NewLazySystemDLL("user32.dll").NewProc("GetProcessWindowStation")
	getUserObjectInformation = windows.NewLazySystemDLL("user32.dll").NewProc("GetUserObjectInformationW")
)

// runas has Windows ask for consent and start a program with administrator rights. The working folder is Windows' own.
func (c *child) runas(path, args string) error {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return err
	}
	info := shellExecuteInfo{mask: seeMaskNoCloseProcess | seeMaskNoAsync | seeMaskNoUI, show: windows.SW_HIDE}
	info.size = uint32(unsafe.Sizeof(info))
	for text, field := range map[string]**uint16{"runas": &info.verb, path: &info.file, args: &info.parameters, system: &info.directory} {
		if *field, err = windows.UTF16PtrFromString(text); err != nil {
			return err
		}
	}
	if err := inApartment(func() error {
		if ok, _, err := shellExecuteEx.Call(uintptr(unsafe.Pointer(&info))); ok == 0 {
			return err
		}
		return nil
	}); err != nil {
		return err
	}
	c.process = info.process
	c.pid, err = windows.GetProcessId(info.process)
	return err
}

// inApartment runs f on a thread that may call the shell:
// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-shellexecuteexw#remarks
func inApartment(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE); err == nil {
		defer windows.CoUninitialize()
	}
	return f()
}

// visibleDesktop tells whether this process could show anything to anybody. A service cannot, nor what is started over
// the network: https://learn.microsoft.com/windows/win32/api/winuser/ns-winuser-userobjectflags
func visibleDesktop() bool {
	const flagsOf, visible = 1, 1 // UOI_FLAGS, WSF_VISIBLE
	station, _, _ := getProcessWindowStation.Call()
	var flags struct{ inherit, reserved, flags uint32 }
	ok, _, _ := getUserObjectInformation.Call(station, flagsOf, uintptr(unsafe.Pointer(&flags)), unsafe.Sizeof(flags), 0)
	return ok != 0 && flags.flags&visible != 0
}
