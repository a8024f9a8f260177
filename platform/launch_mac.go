//go:build !windows

package platform

import (
	"regexp"
	"strconv"
	"strings"
)

// This file holds what is decided about asking for consent on macOS. It asks nobody, so every system tests it.

// Where macOS has what starts the elevated side.
const (
	osascript = "/usr/bin/osascript"
	macSudo   = "/usr/bin/sudo"
)

// consentScript is the whole of what osascript runs. Program, sentence and channel come as arguments, so nothing that
// varies is ever read as a script, and the shell gets the two that it runs in quotes of its own making:
// https://developer.apple.com/library/archive/technotes/tn2065/
const consentScript = `on run argv
	do shell script (quoted form of item 1 of argv) & " elevated " & (quoted form of item 3 of argv) with prompt (item 2 of argv) with administrator privileges
end run`

// macAsking is what there is on this Mac to ask with.
type macAsking struct {
	root     bool // nobody has to be asked
	terminal bool // sudo has a terminal to ask in
	prompt   string
	environ  []string
}

// macAttempts gives the ways of starting the elevated side that the consent allows. The dialog takes any
// administrator's name and password; sudo takes the person's own, and only if they are one.
func macAttempts(o Options, m macAsking) ([]attempt, error) {
	program := []string{o.Program, "elevated"}
	if m.root {
		return []attempt{{path: o.Program, args: program[1:], env: []string{"PATH=" + safePath}, explain: explainOwn}}, nil
	}
	sudo := attempt{path: macSudo, args: append([]string{"--"}, program...), env: m.environ, tty: true, explain: explainSudo}
	dialog := attempt{path: osascript, args: []string{"-e", consentScript, o.Program, m.prompt}, env: m.environ, explain: explainOsascript}
	switch {
	case o.Consent == ConsentSilent:
		sudo.args = append([]string{"-n"}, sudo.args...)
		sudo.tty, sudo.explain = false, explainSilent
		return []attempt{sudo}, nil
	case o.Consent == ConsentTerminal && !m.terminal:
		return nil, ErrNoConsent // sudo would have nowhere to ask
	case o.Consent == ConsentTerminal:
		return []attempt{sudo}, nil
	case m.terminal:
		return []attempt{dialog, sudo}, nil // over SSH there is nobody to show the dialog to
	default:
		return []attempt{dialog}, nil
	}
}

// scriptError is how osascript ends what it says of an error; the words before it are in the person's language.
var scriptError = regexp.MustCompile(`\((-?\d+)\)\s*$`)

// What osascript says when nobody agreed, and when nobody could be asked. The first of each is AppleScript's, the others
// are the authorization services':
// https://developer.apple.com/library/archive/documentation/AppleScript/Conceptual/AppleScriptLangGuide/reference/ASLR_error_codes.html
// https://developer.apple.com/documentation/security/authorization-services-result-codes
const (
	scriptCanceled      = -128
	authDenied          = -60005
	authCanceled        = -60006
	scriptNoInteraction = -1713
	authNoInteraction   = -60007
)

// explainOsascript reads why osascript ended before the elevated side connected. It ends with 1 for every error.
func explainOsascript(code int, stderr string) error {
	number := 0
	if m := scriptError.FindStringSubmatch(strings.TrimSpace(stderr)); m != nil {
		number, _ = strconv.Atoi(m[1])
	}
	switch number {
	case scriptCanceled, authDenied, authCanceled:
		return ErrDenied
	case scriptNoInteraction, authNoInteraction:
		return ErrNoConsent
	default:
		return explainOwn(code, stderr)
	}
}
