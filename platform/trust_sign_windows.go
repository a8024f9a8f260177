package platform

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// checkSigner asks Windows who signed a package.
// https://learn.microsoft.com/windows/win32/seccrypto/example-c-program--verifying-the-signature-of-a-pe-file
func (t Trust) checkSigner(_ context.Context, kind, path string) error {
	if kind != kindMSI {
		return refuse(JobNotPackage, "a %s package is not for this system", kind)
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return fmt.Errorf("naming the package: %w", err)
	}
	// What is judged is what is read: nobody changes the file meanwhile.
	locked, err := lockedFile(path)
	if err != nil {
		return fmt.Errorf("keeping the package: %w", err)
	}
	defer func() { _ = locked.Close() }()
	data := &windows.WinTrustData{
		Size:                            uint32(unsafe.Sizeof(windows.WinTrustData{})),
		UIChoice:                        windows.WTD_UI_NONE,
		RevocationChecks:                windows.WTD_REVOKE_NONE, // the network may be what is broken
		UnionChoice:                     windows.WTD_CHOICE_FILE,
		StateAction:                     windows.WTD_STATEACTION_VERIFY,
		FileOrCatalogOrBlobOrSgnrOrCert: unsafe.Pointer(&windows.WinTrustFileInfo{Size: uint32(unsafe.Sizeof(windows.WinTrustFileInfo{})), FilePath: name, File: windows.Handle(locked.Fd())}),
	}
	answer := windows.WinVerifyTrustEx(windows.InvalidHWND, &windows.WINTRUST_ACTION_GENERIC_VERIFY_V2, data)
	organization := signerOrganization(data.StateData)
	data.StateAction = windows.WTD_STATEACTION_CLOSE
	_ = windows.WinVerifyTrustEx(windows.InvalidHWND, &windows.WINTRUST_ACTION_GENERIC_VERIFY_V2, data) // frees what the first kept
	var code syscall.Errno
	if answer != nil && !errors.As(answer, &code) {
		return fmt.Errorf("asking WinVerifyTrust: %w", answer)
	}
	return judgeMSI(uint32(code), organization, t)
}

// organizationName is szOID_ORGANIZATION_NAME.
const organizationName = "2.5.4.10"

// What tells of the signature that WinVerifyTrust looked at, as long as its state is kept:
// https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-wthelperprovdatafromstatedata
var (
	wintrust               = windows.NewLazySystemDLL("wintrust.dll")
	provDataFromStateData  = wintrust.NewProc("WTHelperProvDataFromStateData")
	getProvSignerFromChain = wintrust.NewProc("WTHelperGetProvSignerFromChain")
	getProvCertFromChain   = wintrust.NewProc("WTHelperGetProvCertFromChain")
)

// providerCert is how CRYPT_PROVIDER_CERT begins.
type providerCert struct {
	size uint32
	cert *windows.CertContext
}

// signerOrganization gives O of the certificate whose signature WinVerifyTrust looked at, empty where there is none.
func signerOrganization(state windows.Handle) string {
	provider, _, _ := provDataFromStateData.Call(uintptr(state))
	if provider == 0 {
		return ""
	}
	signer, _, _ := getProvSignerFromChain.Call(provider, 0, 0, 0)
	if signer == 0 {
		return ""
	}
	found, _, _ := getProvCertFromChain.Call(signer, 0)
	if found == 0 {
		return ""
	}
	cert := (*(**providerCert)(unsafe.Pointer(&found))).cert // the state's, and nobody's to free
	oid, err := windows.BytePtrFromString(organizationName)
	if err != nil || cert == nil {
		return ""
	}
	buf := make([]uint16, 256)
	n := windows.CertGetNameString(cert, windows.CERT_NAME_ATTR_TYPE, 0, unsafe.Pointer(oid), &buf[0], uint32(len(buf)))
	return windows.UTF16ToString(buf[:n])
}
