package platform

import (
	"fmt"
	"regexp"
	"strings"
)

// This file holds what is decided about the consent and the private channel on Windows.

// pipePrefix is how the names of our pipes begin.
const pipePrefix = `\\.\pipe\enrollment-assistant-`

// pipeName is the rest of one.
var pipeName = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// isPipe tells whether an address is that of a pipe of ours on this computer. Anything else, such as a path to another
// computer, would be opened with administrator rights.
func isPipe(address string) bool {
	name, ours := strings.CutPrefix(address, pipePrefix)
	return ours && pipeName.MatchString(name)
}

// pipeAccess is who may open a pipe, in the form of
// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format: nobody over the network,
// administrators, the system and the user. P: nothing is inherited.
func pipeAccess(user string) string {
	return "D:P(D;;GA;;;NU)(A;;GA;;;BA)(A;;GA;;;SY)(A;;GA;;;" + user + ")"
}

// What ShellExecuteEx fails with when consent is asked for. A launch that failed has it as its code, negative, so that
// it is not taken for what the program ended with.
// https://learn.microsoft.com/windows/win32/debug/system-error-codes
const (
	runasCanceled = 1223 // ERROR_CANCELLED: "No" in the dialog, or no answer within its own two minutes
	runasDenied   = 5    // ERROR_ACCESS_DENIED: a policy denies this user's every request
	runasPolicy   = 1260 // ERROR_ACCESS_DISABLED_BY_POLICY
	runasNoWindow = 1459 // ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION: nobody could see the dialog
)

// explainRunas tells what it means that the program with the rights did not come up.
func explainRunas(code int, stderr string) error {
	switch -code {
	case runasCanceled:
		return ErrDenied
	case runasDenied, runasPolicy, runasNoWindow:
		return ErrNoConsent
	}
	if code < 0 {
		return &JobError{JobInternal, PhaseConsent, fmt.Sprintf("asking for consent failed with %d", -code)}
	}
	return explainOwn(code, stderr)
}
