//go:build cgo

package platform

/*
#cgo LDFLAGS: -framework CoreFoundation -framework OpenDirectory
#include <CoreFoundation/CoreFoundation.h>
#include <OpenDirectory/OpenDirectory.h>

static CFStringRef text(const void *bytes, long length) {
	return CFStringCreateWithBytes(NULL, bytes, length, kCFStringEncodingUTF8, false);
}

// code gives the code of an error, -1 where there is none, and frees it.
static long code(CFErrorRef error) {
	long n = -1;
	if (error != NULL) {
		n = CFErrorGetCode(error);
		CFRelease(error);
	}
	return n;
}

// verify gives 0 for a password that is right, else the code of OpenDirectory.
static long verify(const void *name, long nameLength, const void *password, long passwordLength) {
	long answer = -1;
	CFErrorRef error = NULL;
	ODRecordRef record = NULL;
	CFStringRef user = text(name, nameLength);
	CFStringRef secret = text(password, passwordLength);
	ODNodeRef node = ODNodeCreateWithNodeType(NULL, kODSessionDefault, kODNodeTypeLocalNodes, &error);
	if (user == NULL || secret == NULL) {
		answer = -2;
	} else if (node == NULL) {
		answer = code(error);
	} else if ((record = ODNodeCopyRecord(node, kODRecordTypeUsers, user, NULL, &error)) == NULL) {
		answer = error == NULL ? kODErrorCredentialsAccountNotFound : code(error);
	} else if (ODRecordVerifyPassword(record, secret, &error)) {
		answer = 0;
	} else {
		answer = code(error);
	}
	if (record != NULL) CFRelease(record);
	if (node != NULL) CFRelease(node);
	if (secret != NULL) CFRelease(secret);
	if (user != NULL) CFRelease(user);
	return answer;
}
*/
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// verifyUser asks OpenDirectory: https://developer.apple.com/documentation/opendirectory/odrecordverifypassword(_:_:_:)
func verifyUser(ctx context.Context, name string, password Secret) error {
	if err := verifiable(name, password); err != nil {
		return err
	}
	answer := make(chan int, 1)
	go func() {
		user, secret := []byte(name), []byte(password.Reveal())
		n := C.verify(unsafe.Pointer(&user[0]), C.long(len(user)), unsafe.Pointer(&secret[0]), C.long(len(secret)))
		runtime.KeepAlive(user)
		clear(secret)
		answer <- int(n)
	}()
	select {
	case n := <-answer:
		return explainDirectory(n)
	case <-ctx.Done():
		return ctx.Err()
	}
}
