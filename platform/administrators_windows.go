package platform

import (
	"context"
	"slices"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// This file tells who the administrators of this computer are.

var localGroupMembers = windows.NewLazySystemDLL("netapi32.dll").NewProc("NetLocalGroupGetMembers")

// administratorsWait is how long their names may take.
const administratorsWait = 3 * time.Second

// isAdministrator tells whether this user is one by their token. Before elevation an administrator's has the group for
// denying only; the person is one all the same. Under Administrator protection it may lack the group, so names count too:
// https://learn.microsoft.com/windows/security/application-security/application-control/administrator-protection/
func isAdministrator() bool {
	administrators, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return false
	}
	groups, err := windows.GetCurrentProcessToken().GetTokenGroups()
	if err != nil {
		return false
	}
	for _, g := range groups.AllGroups() {
		if g.Sid.Equals(administrators) {
			return true
		}
	}
	return false
}

// administrators names the members of this computer's group of administrators, and tells whether user is one of them by
// name. There are none where they cannot be had in time: a domain's names are asked of the domain, which may be out of reach.
func administrators(ctx context.Context, user string) (names []string, member bool) {
	ctx, cancel := context.WithTimeout(ctx, administratorsWait)
	defer cancel()
	found := make(chan []string, 1)
	computer, _ := windows.ComputerName() // without it, its own accounts are told with it
	go func() { found <- administratorNames(administratorMembers(), computer, accountOff) }()
	select {
	case names = <-found:
	case <-ctx.Done():
	}
	own, _ := localName(user, computer)
	return names, slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, own) })
}

// administratorMembers gives the members as Windows writes them: https://learn.microsoft.com/windows/win32/api/lmaccess/nf-lmaccess-netlocalgroupgetmembers
func administratorMembers() []string {
	sid, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return nil
	}
	group, _, _, err := sid.LookupAccount("") // its name is in Windows' language
	if err != nil {
		return nil
	}
	name, err := windows.UTF16PtrFromString(group)
	if err != nil {
		return nil
	}
	const domainAndName, everything = 3, 1<<32 - 1 // the level of the answer, MAX_PREFERRED_LENGTH
	var buf *byte
	var read, total uint32
	status, _, _ := localGroupMembers.Call(0, uintptr(unsafe.Pointer(name)), domainAndName, uintptr(unsafe.Pointer(&buf)), everything,
		uintptr(unsafe.Pointer(&read)), uintptr(unsafe.Pointer(&total)), 0)
	if buf == nil {
		return nil
	}
	defer func() { _ = windows.NetApiBufferFree(buf) }()
	if status != 0 {
		return nil
	}
	var members []string
	for _, member := range unsafe.Slice((**uint16)(unsafe.Pointer(buf)), read) {
		members = append(members, windows.UTF16PtrToString(member))
	}
	return members
}

// accountOff tells whether an account of this computer is switched off, as Windows' own Administrator mostly is.
func accountOff(name string) bool {
	account, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return false
	}
	var buf *byte
	const withFlags = 1 // the level of the answer
	if err := windows.NetUserGetInfo(nil, account, withFlags, &buf); err != nil {
		return false
	}
	defer func() { _ = windows.NetApiBufferFree(buf) }()
	const disabled = 2 // UF_ACCOUNTDISABLE
	return (*userInfo)(unsafe.Pointer(buf)).flags&disabled != 0
}

// userInfo is USER_INFO_1: https://learn.microsoft.com/windows/win32/api/lmaccess/ns-lmaccess-user_info_1
type userInfo struct {
	name, password  *uint16
	passwordAge     uint32
	privilege       uint32
	folder, comment *uint16
	flags           uint32
	script          *uint16
}
