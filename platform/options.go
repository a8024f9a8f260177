package platform

// Consent is how a person is asked before anything runs with administrator rights. Root is never asked.
type Consent string

// The ways of asking.
const (
	// ConsentDialog shows the operating system's own dialog: pkexec, which falls back to its text agent in a terminal
	// when no graphical one runs.
	ConsentDialog Consent = "dialog"
	// ConsentTerminal lets sudo ask in the terminal that this program runs in.
	ConsentTerminal Consent = "terminal"
	// ConsentSilent never asks: sudo -n, else pkexec when polkit grants it without asking, else ErrNoConsent.
	ConsentSilent Consent = "silent"
)

// Options is what a Host needs to know of the program it works for.
type Options struct {
	// Program is the absolute path of assistant-cli, which is what gets administrator rights.
	Program string
	// Consent is how they are asked for; the zero value means ConsentDialog.
	Consent Consent
	// Prompt gives the sentence that says why in the dialog of macOS, in the language of the moment; nil for none. The
	// dialogs of the other systems have sentences of their own.
	Prompt func() string
	// Root is the sandbox of a test build: the agent is looked for, and installed, below it, and nothing runs as
	// root. Ignored unless Sandbox is true.
	Root string
	// RootsPEM are certificate authorities besides the system's, from a protected profile.
	RootsPEM []byte
	// StateDir is the folder of this user's state, 0700.
	StateDir string
}
