// Package platform is this computer: what can be learned about it, what can be changed on it, and how the rights to
// change it are obtained. It knows nothing of windows, pages or the order of an enrollment.
//
// Everything that differs between operating systems lies in files with their suffix; parsers of the output of an
// operating system's tools lie in untagged files, so that they are tested everywhere.
package platform

import (
	"context"
	"errors"
	"time"
)

// Host is what this computer can do. A nil func is something this platform does not do, and callers say so instead
// of pretending. All funcs may be called from any goroutine and, but for Elevate, at the same time.
type Host struct {
	// Facts gathers what can be learned about this computer without changing it and without the network.
	Facts func(context.Context) (Facts, error)
	// Probe asks one host of the region over the network, through the proxy that this computer uses. It gives an
	// answer in every case; what went wrong is part of it.
	Probe func(ctx context.Context, baseURL string, private bool) HostAnswer
	// AgentState tells of the agent what an ordinary user can see.
	AgentState func(context.Context) (AgentState, error)
	// VerifyUser tells whether a macOS account's password is right: ErrPassword when it is not, another error when that
	// could not be learned. Nil on other systems.
	VerifyUser func(ctx context.Context, name string, password Secret) error
	// Elevate asks for consent, runs the job with administrator rights and hands on what that side reports, one
	// report at a time. It returns when the elevated side has ended; when ctx ends first, that side finishes the
	// vendor's command that is running, begins nothing new, and Elevate returns ctx's error after that.
	// Errors: ErrDenied, ErrNoConsent, ErrBusy, ErrTimeout, *JobError.
	Elevate func(ctx context.Context, job Job, report func(Report)) error
	// CheckPackage refuses a package that is not the publisher's: see Trust.CheckPackage.
	CheckPackage func(ctx context.Context, p *Package, t Trust) error
	// OpenURL shows a web address in the person's browser, a mail (mailto:) in their mail program, or FullDiskAccessSettings. It returns at once.
	OpenURL func(string) error
	// Remember, Recall and Forget keep the connect key in the system's keychain until it is used or an hour old.
	// Where a system has no keychain all three are nil and the key lives in this run only.
	Remember func(Remembered) error
	Recall   func() (Remembered, error)
	Forget   func() error
}

// Remembered is a connect key that was kept, and since when. Recall gives the zero value when there is none.
type Remembered struct {
	Key  Secret
	Kept time.Time
}

// Errors of Elevate and VerifyUser that callers tell apart.
var (
	// ErrDenied: the person, or the person asked to type a password, said no.
	ErrDenied = errors.New("consent was refused")
	// ErrNoConsent: there is nobody to ask: no polkit agent, no terminal, sudo -n refused.
	ErrNoConsent = errors.New("nobody could be asked for consent")
	// ErrBusy: another run holds the lock of the elevated side.
	ErrBusy = errors.New("another enrollment is running on this computer")
	// ErrPassword: VerifyUser's answer that the password is not the account's.
	ErrPassword = errors.New("the password is not right")
	// ErrTimeout: the consent dialog was left open for too long.
	ErrTimeout = errors.New("consent was not given in time")
)

// Admin answers whose administrator rights an install can use.
type Admin string

// The three answers.
const (
	AdminYou     Admin = "you"     // this user is an administrator, or root
	AdminAnother Admin = "another" // someone else on this computer is, and may type a password into the dialog
	AdminNobody  Admin = "nobody"  // no account of this computer is one
)

// Answer is what is known of a question that may have no answer.
type Answer string

// The answers. The zero value is that nothing is known.
const (
	Unknown Answer = ""
	Yes     Answer = "yes"
	No      Answer = "no"
)

// Account is an account of a Mac.
type Account struct {
	Name        string `json:"name"`
	Admin       bool   `json:"admin,omitempty"`
	SecureToken Answer `json:"secureToken,omitempty"` // whether it holds one, so that it can give one to the agent's service account
}

// Facts is what was learned about this computer. Gathering changes nothing. Sizes are in bytes.
type Facts struct {
	OS           string   `json:"os"`                     // linux, darwin, windows (GOOS)
	Distribution string   `json:"distribution,omitempty"` // Linux: ID of os-release, such as ubuntu
	Name         string   `json:"name"`                   // as a person says it: Ubuntu, macOS, Windows
	Version      string   `json:"version"`                // 24.04, 15.1, 10.0.26100
	Arch         string   `json:"arch"`                   // as uname -m says it: x86_64, aarch64, arm64
	Hostname     string   `json:"hostname"`
	User         string   `json:"user"`
	Admin        Admin    `json:"admin"`
	AdminNames   []string `json:"adminNames,omitempty"` // accounts that are administrators
	Container    string   `json:"container,omitempty"`  // docker, podman, lxc, wsl, …; empty on a computer of its own
	DiskPath     string   `json:"diskPath"`             // the folder whose file system was measured: the agent's
	DiskFree     uint64   `json:"diskFree"`
	Memory       uint64   `json:"memory"`
	Proxy        string   `json:"proxy,omitempty"`       // the proxy for https, without user info; empty when there is none
	ProxyLogin   bool     `json:"proxyLogin,omitempty"`  // it is given with a name and password
	ProxyFile    bool     `json:"proxyFile,omitempty"`   // the agent's own proxy file is there: see AgentProxyFile
	ProxyScript  bool     `json:"proxyScript,omitempty"` // macOS, Windows: a script (PAC) reckons the proxy, and is not run

	// Linux is of Linux alone, nil elsewhere.
	Linux *Linux `json:"linux,omitempty"`
	// Windows is of Windows alone, nil elsewhere.
	Windows *Windows `json:"windows,omitempty"`

	// The rest is of Macs alone.
	Accounts []Account `json:"accounts,omitempty"` // of people, not of services
	Rosetta  Answer    `json:"rosetta,omitempty"`  // Apple silicon: whether Rosetta is there, which the agent needs
	Mac      *Mac      `json:"mac,omitempty"`
}

// Failure is why a host did not answer.
type Failure string

// The ways in which asking a host can fail.
const (
	FailNone        Failure = ""
	FailDNS         Failure = "dns"         // the name does not resolve
	FailConnect     Failure = "connect"     // nothing listens, or a firewall
	FailTimeout     Failure = "timeout"     // no answer in time, or no way there
	FailProxy       Failure = "proxy"       // the proxy refuses
	FailClock       Failure = "clock"       // the certificate is not yet or no longer valid by this computer's clock
	FailCertificate Failure = "certificate" // signed by an authority this computer does not know
	FailTLS         Failure = "tls"         // any other failure of the handshake
	FailHTTP        Failure = "http"        // connected, but what answered is not a web server
)

// HostAnswer is what asking one host gave.
type HostAnswer struct {
	Host    string        `json:"host"` // host, with port when it is not 443
	Private bool          `json:"private,omitempty"`
	Took    time.Duration `json:"took"`
	Failure Failure       `json:"failure,omitempty"`
	Detail  string        `json:"detail,omitempty"`  // the error for the log
	Issuer  string        `json:"issuer,omitempty"`  // who issued the certificate, as shown to people
	Proxied bool          `json:"proxied,omitempty"` // it was asked through a proxy
	// Inspected tells that somebody between here and there opens the secure connection: the certificate's authority was
	// added to this computer by hand, or is a known product's. Never of a private host, whose authority no system knows.
	Inspected bool `json:"inspected,omitempty"`
	// Offset is how far this computer's clock is ahead of the server's Date header; zero with HasOffset false when
	// the server sent none.
	Offset    time.Duration `json:"offset,omitempty"`
	HasOffset bool          `json:"hasOffset,omitempty"`
	// NotBefore and NotAfter are the certificate's dates; they tell a wrong clock apart when TLS fails.
	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
}

// AgentState is what is known of the agent on this computer.
type AgentState struct {
	Installed bool   `json:"installed"`         // the package database knows it
	Version   string `json:"version,omitempty"` // as the package database says; of one that is half installed too
	// Package is the name under which the package database knows it, where that is not the same everywhere: on macOS.
	Package string `json:"package,omitempty"`
	// Service is what the service manager says; kardianos' Status says "running" for a unit that crash-loops.
	Service Service `json:"service"`

	// Deep is true when the rest was read with administrator rights: /opt/jc is 0700.
	Deep         bool      `json:"deep,omitempty"`
	Certificate  bool      `json:"certificate,omitempty"` // the client certificate was signed
	SystemKey    string    `json:"systemKey,omitempty"`   // 24 hex digits, the system's id in the API
	LastContact  time.Time `json:"lastContact,omitzero"`
	ContactLost  bool      `json:"contactLost,omitempty"`  // since then the service was not reached, as the agent's log says
	ManagedUsers []string  `json:"managedUsers,omitempty"` // local users that JumpCloud manages; the bound ones
	// FullDiskAccess tells of macOS whether the agent was given it; Unknown on other systems.
	FullDiskAccess Answer `json:"fullDiskAccess,omitempty"`
	// ServiceAccount is the agent's own account on a Mac; the zero value on other systems.
	ServiceAccount ServiceAccount `json:"serviceAccount,omitzero"`
}

// Service is the state of the agent's service.
type Service struct {
	Exists   bool      `json:"exists"`
	Running  bool      `json:"running"`
	Off      bool      `json:"off,omitempty"`   // it is masked or disabled, so it does not start with the computer
	State    string    `json:"state,omitempty"` // the service manager's own words, such as active/running
	Restarts int       `json:"restarts,omitempty"`
	Since    time.Time `json:"since,omitzero"`
}

// ActiveFor is how long a service must have run on end to count as running, not as crash-looping.
const ActiveFor = 10 * time.Second

// Steady tells whether the service has run on end for ActiveFor at time now.
func (s Service) Steady(now time.Time) bool {
	return s.Running && !s.Since.IsZero() && now.Sub(s.Since) >= ActiveFor
}
