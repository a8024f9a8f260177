// Package steps enrolls one computer. Run is an ordinary blocking function that reports Events to a UI and asks it
// questions; windows, terminals and scripts are UIs. Every step checks before it does: where an enrollment stands is
// derived from facts, so a second start goes on where the first ended.
package steps

// Step names a part of the enrollment. The same words name files, pictures of pages, test scripts, log keys and
// translations.
type Step string

// The steps, in order.
const (
	Welcome      Step = "welcome"
	Login        Step = "login"
	ConnectKey   Step = "connect-key"
	Requirements Step = "requirements"
	SecureToken  Step = "secure-token" // macOS only
	Plan         Step = "plan"
	Install      Step = "install"
	Online       Step = "online"
	Done         Step = "done"
)

// All lists the steps in order.
var All = []Step{Welcome, Login, ConnectKey, Requirements, SecureToken, Plan, Install, Online, Done}
