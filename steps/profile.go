package steps

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"example.com/enrollment-assistant/platform"
)

// Profile is what an admin ships with the assistant, after the rule of protected sources was applied: what an
// unprotected source may not say is not in it. The zero value is a computer without a profile.
type Profile struct {
	Organization Organization        `json:"organization,omitzero"`
	Help         Help                `json:"help,omitzero"`
	Texts        Texts               `json:"texts,omitzero"`
	Languages    []string            `json:"languages,omitempty"`
	Region       platform.Region     `json:"region,omitempty"`
	Endpoints    *platform.Endpoints `json:"endpoints,omitempty"`   // protected only
	CA           string              `json:"ca,omitempty"`          // protected only: PEM of extra authorities
	ConnectKey   platform.Secret     `json:"connectKey,omitzero"`   // protected only
	SignIn       SignIn              `json:"signIn,omitzero"`       // protected only
	Linux        LinuxInstall        `json:"linux,omitzero"`        // protected only
	MacOS        MacInstall          `json:"macos,omitzero"`        // protected only
	Windows      WindowsInstall      `json:"windows,omitzero"`      // protected only
	Requirements RequirementLimits   `json:"requirements,omitzero"` // stricter from anywhere, looser protected only
	Reports      Reports             `json:"reports,omitzero"`      // protected only

	Source    string   `json:"-"` // where it came from: a path, or empty for none
	Protected bool     `json:"-"`
	Ignored   []string `json:"-"` // JSON pointers of what the source may not say
}

// Organization is who manages the computer.
type Organization struct {
	Name   string `json:"name,omitempty"`
	Logo   string `json:"logo,omitempty"`   // PNG or SVG, base64
	Accent string `json:"accent,omitempty"` // #rrggbb
}

// Help is whom to ask.
type Help struct {
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	URL   string `json:"url,omitempty"`
}

// Texts replace sentences of the assistant.
type Texts struct {
	Welcome string `json:"welcome,omitempty"`
}

// SignIn allows ways to sign in besides the browser.
type SignIn struct {
	// Portal is the address of the User Portal's Security page as a browser opens it, where it is not the console's
	// own. It may be plain HTTP on this computer: that is where the stub server is for people.
	Portal string `json:"portal,omitempty"`
	// KeyEndpoint is the path below the console's base URL that issues a connect key to a signed-in session. The
	// vendor's is not public, so sign-in in the wizard exists only where this is set.
	KeyEndpoint string `json:"keyEndpoint,omitempty"`
}

// LinuxInstall says how the agent is installed on Linux.
type LinuxInstall struct {
	Install platform.Way `json:"install,omitempty"` // script (default) or package
	Package string       `json:"package,omitempty"` // URL; default: the region's generic package for this computer
	SHA256  string       `json:"sha256,omitempty"`  // pin
	// Publisher says who must have signed the package. A package needs one of the two: a hash, or a publisher.
	Publisher Publisher `json:"publisher,omitzero"`
	// Oldest is the version below which a package is refused, so that nobody can bring back an old one.
	Oldest string `json:"oldest,omitempty"`
	// AgentProxy is what the agent's own proxy file is to hold: platform.AgentProxyFile. Its form is not public, so it is
	// written as it is, and only where it is given. It may hold a password.
	AgentProxy platform.Secret `json:"agentProxy,omitzero"`
}

// UnmarshalJSON reads the file form, where the secret is a plain string.
func (l *LinuxInstall) UnmarshalJSON(b []byte) error {
	type plain LinuxInstall
	file := struct {
		*plain
		AgentProxy string `json:"agentProxy"` // hides the one of plain
	}{plain: (*plain)(l)}
	if err := json.Unmarshal(b, &file); err != nil {
		return err
	}
	if file.AgentProxy != "" {
		l.AgentProxy = platform.NewSecret(file.AgentProxy)
	}
	return nil
}

// Publisher is who signs packages for Linux, by a detached OpenPGP signature.
type Publisher struct {
	Key         string `json:"key"`                   // armored
	Fingerprint string `json:"fingerprint,omitempty"` // of it; default: platform.VendorFingerprint
	Signature   string `json:"signature,omitempty"`   // what its address adds to the package's; default: .sig, the vendor's
}

// MacInstall says whose package is accepted on macOS.
type MacInstall struct {
	TeamID string `json:"teamID,omitempty"` // Apple's ten characters; default: platform.VendorTeam
}

// WindowsInstall says whose package is accepted on Windows.
type WindowsInstall struct {
	Signer string `json:"signer,omitempty"` // organization that must have signed, whole; default: one with platform.VendorSigner in it
	// Oldest is the version below which a package is refused. What the publisher signed once stays signed.
	Oldest string `json:"oldest,omitempty"`
}

// RequirementLimits override the built-in limits; nil fields do not.
type RequirementLimits struct {
	DiskMB       *int                `json:"diskMB,omitempty"`
	MemoryMB     *int                `json:"memoryMB,omitempty"`
	ClockSeconds *int                `json:"clockSeconds,omitempty"`
	Systems      map[string][]string `json:"systems,omitempty"` // os-release ID to versions; replaces the built-in table's row
}

// Reports is where failed runs are told, when the person presses Send.
type Reports struct {
	URL   string          `json:"url,omitempty"`
	Token platform.Secret `json:"token,omitzero"`
}

// EndpointsFor gives the base URLs to use: the profile's own, or those of its region, or of the region chosen.
func (p Profile) EndpointsFor(chosen platform.Region) (platform.Endpoints, bool) {
	if p.Endpoints != nil {
		return *p.Endpoints, true
	}
	if p.Region != "" {
		chosen = p.Region
	}
	return platform.EndpointsOf(chosen)
}

// UnmarshalJSON reads the profile's file form, where secrets are plain strings.
func (p *Profile) UnmarshalJSON(b []byte) error {
	type plain Profile
	file := struct {
		*plain
		ConnectKey string `json:"connectKey"` // hides the one of plain
		Reports    struct {
			URL   string `json:"url"`
			Token string `json:"token"`
		} `json:"reports"`
	}{plain: (*plain)(p)}
	if err := json.Unmarshal(b, &file); err != nil {
		return fmt.Errorf("reading the profile: %w", err)
	}
	if file.ConnectKey != "" {
		p.ConnectKey = platform.NewSecret(file.ConnectKey)
	}
	p.Reports.URL = file.Reports.URL
	if file.Reports.Token != "" {
		p.Reports.Token = platform.NewSecret(file.Reports.Token)
	}
	return nil
}

// Trust is what the elevated side may accept beyond the built-in hosts: nothing, unless the source is protected.
func (p Profile) Trust() platform.Trust {
	if !p.Protected {
		return platform.Trust{}
	}
	t := platform.Trust{
		SHA256: p.Linux.SHA256, AgentProxy: p.Linux.AgentProxy, Oldest: p.Linux.Oldest, OldestMSI: p.Windows.Oldest,
		PublisherKey: p.Linux.Publisher.Key, Fingerprint: p.Linux.Publisher.Fingerprint,
		TeamID: p.MacOS.TeamID, Signer: p.Windows.Signer,
	}
	if p.Endpoints != nil {
		t.Endpoints = basesOf(*p.Endpoints)
	}
	if p.CA != "" {
		t.RootsPEM = []byte(p.CA)
	}
	return t
}

// Deadlines of the client. There is none for a whole answer: an installer may take long, and callers bound the rest.
const (
	headerWithin = 30 * time.Second
	dialWithin   = 15 * time.Second
)

// keepAlive finds out within half a minute that the other end of a connection is gone, such as when a cable is pulled in
// the middle of a download. Without it the system's own patience counts, which is minutes.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4}

// HTTPClient gives a client that uses the proxy of the environment and trusts the system's authorities and, from a
// protected source, the profile's.
func (p Profile) HTTPClient() *http.Client {
	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12}
	if pem := p.Trust().RootsPEM; pem != nil {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool() // a system without a store of its own
		}
		pool.AppendCertsFromPEM(pem)
		tlsConfig.RootCAs = pool
	}
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialWithin, KeepAliveConfig: keepAlive}).DialContext,
		TLSClientConfig:       tlsConfig,
		TLSHandshakeTimeout:   dialWithin,
		ResponseHeaderTimeout: headerWithin,
		IdleConnTimeout:       time.Minute,
		ForceAttemptHTTP2:     true,
	}}
}
