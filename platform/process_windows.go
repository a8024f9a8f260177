package platform

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/windows"
)

// tokenUser gives the user of a token.
func tokenUser(t windows.Token) (userID, error) {
	user, err := t.GetTokenUser()
	if err != nil {
		return "", fmt.Errorf("reading the user of a process: %w", err)
	}
	return user.User.Sid.String(), nil
}

// withProcess opens a process for what may be asked of it. One of another user lets that user and the system in, and nobody
// says that it lets in administrators: those open it by a right of theirs.
func withProcess(pid uint32, ask func(windows.Handle) error) error {
	var h windows.Handle
	open := func() (err error) {
		h, err = windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
		return err
	}
	err := open()
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		err = debugging(open)
	}
	if err != nil {
		return fmt.Errorf("opening process %d: %w", pid, err)
	}
	defer func() { _ = windows.CloseHandle(h) }()
	return ask(h)
}

// debugging runs f with the right to open the processes of all users, which administrators have, and which is off until it
// is asked for. It is on for this thread alone and for no longer than f takes; without the right f runs without it.
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-openprocess
func debugging(f func() error) error {
	on := windows.Tokenprivileges{PrivilegeCount: 1, Privileges: [1]windows.LUIDAndAttributes{{Attributes: windows.SE_PRIVILEGE_ENABLED}}}
	name, err := windows.UTF16PtrFromString("SeDebugPrivilege")
	if err != nil {
		return err
	}
	if err := windows.LookupPrivilegeValue(nil, name, &on.Privileges[0].Luid); err != nil {
		return err
	}
	runtime.LockOSThread()
	defer func() {
		if windows.RevertToSelf() == nil {
			runtime.UnlockOSThread() // else the thread ends with its goroutine
		}
	}()
	if err := windows.ImpersonateSelf(windows.SecurityImpersonation); err != nil {
		return err
	}
	var token windows.Token
	if err := windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_ADJUST_PRIVILEGES, true, &token); err != nil {
		return err
	}
	defer func() { _ = token.Close() }()
	if err := windows.AdjustTokenPrivileges(token, false, &on, 0, nil, nil); err != nil {
		return err
	}
	return f()
}

// processUser gives the user of a process.
func processUser(pid uint32) (user userID, err error) {
	err = withProcess(pid, func(h windows.Handle) error {
		var token windows.Token
		if err := windows.OpenProcessToken(h, windows.TOKEN_QUERY, &token); err != nil {
			return fmt.Errorf("opening the token of process %d: %w", pid, err)
		}
		defer func() { _ = token.Close() }()
		user, err = tokenUser(token)
		return err
	})
	return user, err
}

// startedAt gives when a process was started, in hundreds of nanoseconds since 1601.
func startedAt(pid uint32) (at int64, err error) {
	err = withProcess(pid, func(h windows.Handle) error {
		var created, exited, kernel, user windows.Filetime
		if err := windows.GetProcessTimes(h, &created, &exited, &kernel, &user); err != nil {
			return fmt.Errorf("asking when process %d was started: %w", pid, err)
		}
		at = int64(created.HighDateTime)<<32 | int64(created.LowDateTime)
		return nil
	})
	return at, err
}

// checkProgram refuses a program that anyone but administrators, the system and user could replace, or put a library
// beside. It must lie on this computer: who may write on another one is not for us to know.
func checkProgram(path string, user userID, _ bool) error {
	file, err := localFile(path)
	if err != nil {
		return fmt.Errorf("finding the program: %w", err)
	}
	return checkWriters(file, true, user)
}

// errForeignDrive is a file of another computer.
var errForeignDrive = errors.New("it lies on another computer")
