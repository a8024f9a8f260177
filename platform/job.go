package platform

import (
	"fmt"
	"time"
)

// Verb is what a job does. The list is fixed; the elevated side refuses any other.
type Verb string

// The verbs of a job.
const (
	VerbInstall Verb = "install" // install, or upgrade what is there, then watch
	VerbWatch   Verb = "watch"   // only read the state of the agent and report its changes
)

// Way is how the agent is installed.
type Way string

// The ways of an install.
const (
	WayScript  Way = "script"  // Linux: the vendor's Kickstart script, fetched and run by the elevated side
	WayPackage Way = "package" // the vendor's package, downloaded by the user's side and sent over the channel
)

// Job is all the work that needs administrator rights, sent to the elevated side as one message. It has a wire type
// of its own, because a Secret does not travel by accident.
type Job struct {
	Verb Verb
	Way  Way
	// Key is the connect key in either form, unchanged.
	Key Secret
	// KickstartURL and PrivateKickstartURL are base URLs without a path; the elevated side checks their hosts
	// against the built-in list and the protected profile it read itself.
	KickstartURL        string
	PrivateKickstartURL string
	// Account is the Mac account that grants the agent's service account its SecureToken; without a name there is none.
	Account Credentials
	// Fixes are put right first, in this order; the list is fixed, and what they touch is not the user's to say.
	Fixes []Fix
	// Package is the file to send; nil for the script way.
	Package *Package
	// Profile is the path of the profile that the run uses; the elevated side reads it again, and honours only what
	// a protected source may say.
	Profile string
	// Proxy and Language are what sudo and pkexec drop.
	Proxy    string
	Language string
	// Root is the sandbox; a release build refuses a job that has one.
	Root string
}

// Package is an installer that lies complete on disk.
type Package struct {
	Path    string
	Size    int64
	SHA256  string // lower-case hex
	Name    string // package name by its own metadata: jcagent
	Version string // by its own metadata
	// Signature is the detached OpenPGP signature that came with it, empty for none.
	Signature []byte
}

// Trust is what the elevated side accepts beyond the built-in hosts. It comes from a protected profile that the
// elevated side read itself.
type Trust struct {
	Endpoints []string // base URLs whose hosts (and ports) are allowed
	RootsPEM  []byte   // extra certificate authorities; nil for the system's alone
	SHA256    string   // pin of the package, lower-case hex; empty for none
	// PublisherKey is the OpenPGP key, armored, that must have signed the package for Linux, and Fingerprint the pin of
	// that key; empty for none, and for VendorFingerprint.
	PublisherKey string
	Fingerprint  string
	Oldest       string // version below which a package for Linux is refused; empty for none
	OldestMSI    string // the same for Windows
	TeamID       string // Apple team whose package is accepted; empty for VendorTeam
	Signer       string // organization that must have signed a package for Windows, whole; empty for one with VendorSigner in it
	// AgentProxy is what the agent's proxy file is to hold; empty for nothing to be written.
	AgentProxy Secret
}

// Phase is one thing the elevated side does, in order. Phases are keys of translations ("phase.fetch-script").
type Phase string

// The phases of a job.
const (
	PhaseConsent        Phase = "consent"          // the dialog is shown
	PhaseMend           Phase = "mend"             // what the plan says stands in the way is put right
	PhaseFetchScript    Phase = "fetch-script"     // script way
	PhaseRunScript      Phase = "run-script"       // script way: the vendor's script runs
	PhaseReceive        Phase = "receive-package"  // package way: over the channel, hashed
	PhaseBootstrap      Phase = "write-bootstrap"  // package way: /opt/jc/agentBootstrap.json
	PhaseInstallPackage Phase = "install-package"  // package way: dpkg or rpm runs
	PhaseStartService   Phase = "start-service"    // the service is started and stays up
	PhaseFullDiskAccess Phase = "full-disk-access" // macOS: the person, or an MDM profile, lets the agent read the whole disk
	PhaseRegister       Phase = "register"         // the agent gets its certificate and systemKey
	PhaseWatch          Phase = "watch"            // everything done; reports changes only
)

// Report is what the elevated side says.
type Report struct {
	Time  time.Time `json:"time"`
	Phase Phase     `json:"phase"`
	// Done and Total are bytes, in phases that count them.
	Done  int64 `json:"done,omitempty"`
	Total int64 `json:"total,omitempty"`
	// Percent is how far the vendor's installer says it is, where it says so: in PhaseInstallPackage on macOS.
	Percent int `json:"percent,omitempty"`
	// Output is one line that the vendor's script or installer printed, secrets removed.
	Output string `json:"output,omitempty"`
	// State is the agent's state, deep, when it changed.
	State *AgentState `json:"state,omitempty"`
	// Until is, in PhaseFullDiskAccess, when the vendor's five minutes end. The phase is not reported where the access
	// was there before, ends when it is given, and ends then in any case; AgentState.FullDiskAccess says which. The
	// agent's state is reported in it as in PhaseWatch, since nothing else waits for a person's click.
	Until time.Time `json:"until,omitzero"`
	// Unchanged says that nothing was done because the agent installed is newer than the package.
	Unchanged bool `json:"unchanged,omitempty"`
	// Restart says that the install is complete only after the next start of Windows.
	Restart bool `json:"restart,omitempty"`
}

// JobCode is why a job failed; codes are stable.
type JobCode string

// Why a job failed.
const (
	JobMalformed     JobCode = "malformed"      // the job itself is wrong: verb, size, form
	JobUntrusted     JobCode = "untrusted"      // a host, payload or place that is not allowed
	JobKeyRefused    JobCode = "key-refused"    // the server answered 4xx
	JobUnreachable   JobCode = "unreachable"    // the server could not be reached, or answered 5xx
	JobInsecure      JobCode = "insecure"       // the vendor's script or agent does not trust who answers as the server
	JobBadScript     JobCode = "bad-script"     // what came is not a script: HTML, too long, cut short
	JobScriptFailed  JobCode = "script-failed"  // the vendor's script ended with an error
	JobBadPackage    JobCode = "bad-package"    // hash, size or kind is wrong
	JobNoAgent       JobCode = "no-agent"       // the vendor's installer ended well, and no agent is there
	JobPackageFailed JobCode = "package-failed" // the package manager ended with an error
	JobRosetta       JobCode = "rosetta"        // macOS: Rosetta could not be installed
	JobUndone        JobCode = "package-undone" // the package manager ended with an error, and what had come of it was removed
	JobKept          JobCode = "package-kept"   // the same, and the agent that was there runs on
	JobDowngrade     JobCode = "package-lower"  // a newer agent is there, though not whole
	JobUnsupported   JobCode = "unsupported"    // the server does not support this system
	JobClock         JobCode = "clock"          // the server calls this computer's clock wrong
	JobServiceFailed JobCode = "service-failed" // the service does not run, or crash-loops
	JobNotRegistered JobCode = "not-registered" // no systemKey in time
	JobBusy          JobCode = "busy"           // another run holds the lock
	JobUnsafeProgram JobCode = "unsafe-program" // this program could be changed by someone else
	JobInternal      JobCode = "internal"
)

// JobError is a job that failed. Detail is for the log; it never holds a secret.
type JobError struct {
	Code   JobCode `json:"code"`
	Phase  Phase   `json:"phase"`
	Detail string  `json:"detail"`
}

// Error implements error.
func (e *JobError) Error() string { return fmt.Sprintf("%s (%s): %s", e.Phase, e.Code, e.Detail) }
