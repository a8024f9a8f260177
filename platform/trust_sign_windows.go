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
	data.StateAction = windows.WTD_STATEACTION_CLOSE
	_ = windows.WinVerifyTrustEx(windows.InvalidHWND, &windows.WINTRUST_ACTION_GENERIC_VERIFY_V2, data) // frees what the first kept
	var code syscall.Errno
	if answer != nil && !errors.As(answer, &code) {
		return fmt.Errorf("asking WinVerifyTrust: %w", answer)
	}
	if uint32(code) == trustNoSignature || uint32(code) == trustUnknownForm {
		return judgeMSI(uint32(code), "", t)
	}
	organization, err := signerOrganization(name)
	if err != nil {
		return refuse(JobUnsigned, "reading the signer: %v", err)
	}
	return judgeMSI(uint32(code), organization, t)
}

// cmsgSignerCertInfo is CMSG_SIGNER_CERT_INFO_PARAM: which certificate of a message is its first signer's.
const cmsgSignerCertInfo = 7

// organizationName is szOID_ORGANIZATION_NAME.
const organizationName = "2.5.4.10"

var cryptMsgGetParam = windows.NewLazySystemDLL("crypt32.dll").NewProc("CryptMsgGetParam")

// signerOrganization gives O of the certificate that signed a file.
func signerOrganization(name *uint16) (string, error) {
	var store, msg windows.Handle
	err := windows.CryptQueryObject(windows.CERT_QUERY_OBJECT_FILE, unsafe.Pointer(name), windows.CERT_QUERY_CONTENT_FLAG_PKCS7_SIGNED_EMBED,
		windows.CERT_QUERY_FORMAT_FLAG_BINARY, 0, nil, nil, nil, &store, &msg, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = windows.CertCloseStore(store, 0) }()
	var size uint32
	if ok, _, err := cryptMsgGetParam.Call(uintptr(msg), cmsgSignerCertInfo, 0, 0, uintptr(unsafe.Pointer(&size))); ok == 0 {
		return "", err
	}
	info := make([]byte, max(int(size), int(unsafe.Sizeof(windows.CertInfo{}))))
	if ok, _, err := cryptMsgGetParam.Call(uintptr(msg), cmsgSignerCertInfo, 0, uintptr(unsafe.Pointer(&info[0])), uintptr(unsafe.Pointer(&size))); ok == 0 {
		return "", err
	}
	const encoding = windows.X509_ASN_ENCODING | windows.PKCS_7_ASN_ENCODING
	cert, err := windows.CertFindCertificateInStore(store, encoding, 0, windows.CERT_FIND_SUBJECT_CERT, unsafe.Pointer(&info[0]), nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = windows.CertFreeCertificateContext(cert) }()
	oid, err := windows.BytePtrFromString(organizationName)
	if err != nil {
		return "", err
	}
	buf := make([]uint16, 256)
	n := windows.CertGetNameString(cert, windows.CERT_NAME_ATTR_TYPE, 0, unsafe.Pointer(oid), &buf[0], uint32(len(buf)))
	return windows.UTF16ToString(buf[:n]), nil
}
