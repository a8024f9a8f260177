// Package fake holds computers for tests: hosts whose facts, answers and elevated side are told what to say.
package fake

import (
	"context"
	"sync"
	"time"

	"example.com/enrollment-assistant/platform"
)

// Computer is a computer that does what its fields say. Set them before Host is used; afterwards use Change.
type Computer struct {
	// Facts are what Host.Facts gives.
	Facts platform.Facts
	// Agent is the agent as the elevated side sees it; Host.AgentState gives the part that a user can see.
	Agent platform.AgentState
	// Answers are what Probe gives by base URL; a host that is not in it answers well.
	Answers map[string]platform.HostAnswer
	// Consent is what Elevate returns instead of doing the job: platform.ErrDenied and the like. Nil means yes.
	Consent error
	// Fail, when it is set, ends the job in its phase.
	Fail *platform.JobError
	// AgentVersion is what an install installs.
	AgentVersion string
	// SystemKey is what the agent gets when it registers.
	SystemKey string
	// Bind are the local users that become managed while the elevated side watches; empty for nobody.
	Bind []string
	// Output is what the vendor's script prints.
	Output []string
	// Hold, when it is set, makes the watch end only when it is closed or the context ends; nil ends it at once.
	Hold chan struct{}
	// Passwords are those of a Mac's accounts, which VerifyUser compares; nil is a computer that verifies none.
	Passwords map[string]string
	// Access is a Mac whose person gives Full Disk Access by closing it; whoever does not loses the vendor's five
	// minutes. Nil is one to which an MDM profile gave it before.
	Access chan struct{}
	// Unready is a Mac on which the service account gets no SecureToken whatever password is given, as where another
	// MDM's rules for passwords are in the way.
	Unready bool
	// Register, when it is set, makes the agent known to a server once its service runs, and gives its systemKey.
	Register func(context.Context, platform.Job) (string, error)
	// Now is the computer's clock; nil means time.Now.
	Now func() time.Time

	mu     sync.Mutex
	jobs   []platform.Job
	opened []string
	kept   platform.Remembered
}

// Change alters the computer while it is in use.
func (c *Computer) Change(f func(*Computer)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

// Jobs gives the jobs that Elevate was given, in order.
func (c *Computer) Jobs() []platform.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]platform.Job(nil), c.jobs...)
}

// Opened gives the addresses that OpenURL was given, in order.
func (c *Computer) Opened() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.opened...)
}

// Host gives the computer as a platform.Host. Funcs of the result may be set to nil or replaced.
func (c *Computer) Host() platform.Host {
	h := platform.Host{
		Facts: func(ctx context.Context) (platform.Facts, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.Facts, ctx.Err()
		},
		Probe:      c.probe,
		AgentState: c.shallow,
		Elevate:    c.elevate,
		// What macOS and Windows say of a signature cannot be asked here.
		CheckPackage: func(ctx context.Context, p *platform.Package, t platform.Trust) error {
			if c.Facts.OS == "linux" {
				return t.CheckPackage(ctx, p)
			}
			return ctx.Err()
		},
		OpenURL: func(url string) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.opened = append(c.opened, url)
			return nil
		},
		Remember: func(r platform.Remembered) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.kept = r
			return nil
		},
		Recall: func() (platform.Remembered, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.kept, nil
		},
		Forget: func() error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.kept = platform.Remembered{}
			return nil
		},
	}
	if c.Passwords != nil {
		h.VerifyUser = c.verify
	}
	return h
}

// verify compares a password.
func (c *Computer) verify(ctx context.Context, name string, password platform.Secret) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if right, known := c.Passwords[name]; !known || right != password.Reveal() {
		return platform.ErrPassword
	}
	return ctx.Err()
}

// now is the computer's clock. The caller holds no lock.
func (c *Computer) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// probe answers as told, else as a healthy host of the vendor.
func (c *Computer) probe(ctx context.Context, baseURL string, private bool) platform.HostAnswer {
	c.mu.Lock()
	a, told := c.Answers[baseURL]
	c.mu.Unlock()
	if told {
		return a
	}
	a = platform.HostAnswer{Host: host(baseURL), Private: private, Took: 40 * time.Millisecond}
	if err := ctx.Err(); err != nil {
		a.Failure, a.Detail = platform.FailTimeout, err.Error()
		return a
	}
	if !private {
		a.Issuer, a.HasOffset = "Amazon", true
	}
	return a
}

// shallow gives what an ordinary user can see of the agent.
func (c *Computer) shallow(ctx context.Context) (platform.AgentState, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return platform.AgentState{
		Installed: c.Agent.Installed, Version: c.Agent.Version, Service: c.Agent.Service, ServiceAccount: c.Agent.ServiceAccount,
	}, ctx.Err()
}
