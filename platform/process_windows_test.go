package platform

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The right to open everybody's processes is on for a moment, and for one thread alone.
func TestDebugging(t *testing.T) {
	debug := debugRight(t)
	var own windows.Token
	if err := windows.OpenProcessToken(windows.CurrentProcess(), windows.TOKEN_ADJUST_PRIVILEGES|windows.TOKEN_QUERY, &own); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Close() })
	switchOff(t, own, debug)
	var within bool
	if err := debugging(func() error {
		var token windows.Token
		if err := windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token); err != nil {
			return err
		}
		defer func() { _ = token.Close() }()
		within = isOn(t, token, debug)
		if isOn(t, own, debug) {
			t.Error("the right is on for the whole process")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !within {
		t.Error("the right is not on")
	}
	var token windows.Token
	if windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token) == nil {
		_ = token.Close()
		t.Error("the thread keeps a token of its own")
	}
}

// debugRight gives the number of the right on this computer.
func debugRight(t *testing.T) windows.LUID {
	t.Helper()
	name, err := windows.UTF16PtrFromString("SeDebugPrivilege")
	if err != nil {
		t.Fatal(err)
	}
	var right windows.LUID
	if err := windows.LookupPrivilegeValue(nil, name, &right); err != nil {
		t.Fatal(err)
	}
	return right
}

// switchOff switches a right of a token off: whoever started this test may have had it on.
func switchOff(t *testing.T, token windows.Token, right windows.LUID) {
	t.Helper()
	off := windows.Tokenprivileges{PrivilegeCount: 1, Privileges: [1]windows.LUIDAndAttributes{{Luid: right}}}
	if err := windows.AdjustTokenPrivileges(token, false, &off, 0, nil, nil); err != nil {
		t.Fatal(err)
	}
}

// isOn tells whether a right is on in a token.
func isOn(t *testing.T, token windows.Token, right windows.LUID) bool {
	t.Helper()
	buf := make([]byte, 4096)
	var size uint32
	if err := windows.GetTokenInformation(token, windows.TokenPrivileges, &buf[0], uint32(len(buf)), &size); err != nil {
		t.Fatal(err)
	}
	for _, p := range (*windows.Tokenprivileges)(unsafe.Pointer(&buf[0])).AllPrivileges() {
		if p.Luid == right {
			return p.Attributes&windows.SE_PRIVILEGE_ENABLED != 0
		}
	}
	return false
}
