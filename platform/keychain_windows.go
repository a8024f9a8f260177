package platform

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The key lies in the Credential Manager: Windows encrypts it for this user, and lets the person see that it is there and
// take it away, which a file of our own would not. https://learn.microsoft.com/windows/win32/api/wincred/

var (
	advapi     = windows.NewLazySystemDLL("advapi32.dll")
	credWrite  = advapi.NewProc("CredWriteW")
	credRead   = advapi.NewProc("CredReadW")
	credDelete = advapi.NewProc("CredDeleteW")
	credFree   = advapi.NewProc("CredFree")
)

// A credential of ours: of no kind that Windows itself uses, and kept until it is removed, on this computer alone; one
// that is kept for the session would be gone after the restart that an enrollment may need.
const (
	credGeneric      = 1 // CRED_TYPE_GENERIC
	credLocalMachine = 2 // CRED_PERSIST_LOCAL_MACHINE
	credTarget       = keychainService + "/" + keychainAccount
)

// credential is CREDENTIALW: https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw
type credential struct {
	flags          uint32
	kind           uint32
	target         *uint16
	comment        *uint16
	written        windows.Filetime
	blobSize       uint32
	blob           *byte
	persist        uint32
	attributeCount uint32
	attributes     uintptr
	alias          *uint16
	user           *uint16
}

// addKeychain fills the keychain funcs of h with the Credential Manager.
func addKeychain(h *Host) {
	target, err := windows.UTF16PtrFromString(credTarget)
	if err != nil {
		return
	}
	h.Remember = func(r Remembered) error {
		plain, err := pack(r)
		if err != nil {
			return fmt.Errorf("packing the key: %w", err)
		}
		defer clear(plain)
		c := credential{kind: credGeneric, target: target, persist: credLocalMachine, blob: &plain[0], blobSize: uint32(len(plain))}
		if ok, _, err := credWrite.Call(uintptr(unsafe.Pointer(&c)), 0); ok == 0 {
			return fmt.Errorf("adding to the Credential Manager: %w", err)
		}
		return nil
	}
	h.Forget = func() error {
		ok, _, err := credDelete.Call(uintptr(unsafe.Pointer(target)), credGeneric, 0)
		if ok == 0 && !errors.Is(err, windows.ERROR_NOT_FOUND) {
			return fmt.Errorf("deleting from the Credential Manager: %w", err)
		}
		return nil
	}
	h.Recall = func() (Remembered, error) {
		var c *credential
		ok, _, err := credRead.Call(uintptr(unsafe.Pointer(target)), credGeneric, 0, uintptr(unsafe.Pointer(&c)))
		if ok == 0 && errors.Is(err, windows.ERROR_NOT_FOUND) {
			return Remembered{}, nil
		}
		if ok == 0 {
			return Remembered{}, fmt.Errorf("reading the Credential Manager: %w", err)
		}
		defer func() { _, _, _ = credFree.Call(uintptr(unsafe.Pointer(c))) }()
		plain := unsafe.Slice(c.blob, c.blobSize)
		r := unpack(plain, time.Now())
		clear(plain)
		if r.Key.Empty() {
			return r, h.Forget()
		}
		return r, nil
	}
}
