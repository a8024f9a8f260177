package steps

import (
	"errors"
	"fmt"

	"example.com/enrollment-assistant/assets"
)

// Code names a problem. Codes are stable: scripts and help desks rely on them.
type Code string

// Problem is a failure as people read it. Summary says what happened and Hint what to do; Err is for the log.
type Problem struct {
	Code    Code   `json:"code"`
	Step    Step   `json:"step"`
	Summary string `json:"summary"`
	Hint    string `json:"hint,omitempty"`
	Link    string `json:"link,omitempty"` // the vendor's article, where there is one
	Retry   bool   `json:"retry"`
	Err     error  `json:"-"`

	// What Summary and Hint are made of, so that they can be said again in another language.
	summary, hint sentence
	check         string // id of the check that it repeats, in place of both
}

// sentence is a text of the translations.
type sentence struct {
	key  string
	args []any
}

// text gives it in the language chosen now; nothing for the zero value.
func (s sentence) text() string {
	if s.key == "" {
		return ""
	}
	return assets.Text(s.key, s.args...)
}

// say sets the summary to the sentence of key, and the hint to that of hint. args are those of both.
func (p *Problem) say(key, hint string, args ...any) *Problem {
	p.summary, p.hint = sentence{key, args}, sentence{hint, args}
	p.reword()
	return p
}

// reword makes the texts anew in the language chosen now.
func (p *Problem) reword() {
	if p.summary.key != "" {
		p.Summary, p.Hint = p.summary.text(), p.hint.text()
	}
}

// Error implements error, for logs.
func (p *Problem) Error() string {
	if p.Err == nil {
		return string(p.Code)
	}
	return fmt.Sprintf("%s: %v", p.Code, p.Err)
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Err }

// All codes and their exit codes in one place; README.md and cmd/assistant/README.md hold the same table, compared by a test.
const (
	CodeInternal      Code = "internal"        // a defect of this program
	CodeUsage         Code = "usage"           // wrong arguments or answers
	CodeProfile       Code = "profile-invalid" // the profile cannot be used
	CodeKeyMalformed  Code = "key-malformed"   // found offline
	CodeKeyForeign    Code = "key-foreign"     // the key or command names a host that is not the profile's
	CodeKeyRefused    Code = "key-refused"     // the server's 4xx
	CodeKeyOld        Code = "key-old"         // its hour is over, as far as its age is known
	CodeUnreachable   Code = "unreachable"     // a host does not answer
	CodeClock         Code = "clock-wrong"     // secure connections fail because of the clock
	CodeSignIn        Code = "sign-in-failed"
	CodeDenied        Code = "consent-refused" // somebody said no
	CodeNeedsAdmin    Code = "needs-admin"     // nobody to ask for consent
	CodeBlocked       Code = "blocked"         // a requirement that blocks
	CodeUnsupported   Code = "unsupported"     // the server does not support this system
	CodeBusy          Code = "already-running"
	CodeUntrusted     Code = "untrusted" // what came is not what the vendor sends
	CodeInstallFailed Code = "install-failed"
	CodeNotOnline     Code = "not-online" // installed, but not seen by the service in time
	CodeNotBound      Code = "not-bound"  // online, but no admin bound it in time (--until bound)
	CodeCanceled      Code = "canceled"   // the person stopped
)

// The vendor's public articles that problems point to.
const (
	LinkRequirements = "https://jumpcloud.com/support/agent-compatibility-system-requirements-and-impacts"
	LinkAgent        = "https://jumpcloud.com/support/understand-the-agent"
	LinkEnrollment   = "https://jumpcloud.com/support/enable-users-to-install-the-agent"
)

// exitCodes holds the process exit code of every Code.
var exitCodes = map[Code]int{
	CodeInternal: 1, CodeUsage: 2, CodeProfile: 3,
	CodeKeyMalformed: 10, CodeKeyForeign: 11, CodeKeyRefused: 12, CodeSignIn: 13, CodeKeyOld: 14,
	CodeUnreachable: 20, CodeClock: 21,
	CodeDenied: 30, CodeNeedsAdmin: 31, CodeBusy: 32,
	CodeBlocked: 40, CodeUnsupported: 41,
	CodeUntrusted: 50, CodeInstallFailed: 51, CodeNotOnline: 52, CodeNotBound: 53,
	CodeCanceled: 130,
}

// ExitCode gives the process exit code for an error of Run: 0 for nil, a Problem's own, else that of CodeInternal.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	var p *Problem
	if errors.As(err, &p) {
		if n, ok := exitCodes[p.Code]; ok {
			return n
		}
	}
	return exitCodes[CodeInternal]
}
