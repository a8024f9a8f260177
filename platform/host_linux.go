package platform

import (
	"context"
	"os"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// New gives the Host of this computer.
func New(o Options) Host {
	if !Sandbox {
		o.Root = ""
	}
	attempts := func() ([]attempt, error) { return linuxAttempts(o, os.Geteuid()) }
	h := Host{
		Facts: func(ctx context.Context) (Facts, error) { return linuxFacts(ctx, o) },
		Probe: prober{
			rootsPEM: o.RootsPEM, proxy: httpproxy.FromEnvironment(), now: time.Now, wait: probeWait,
			added: tree("/").addedAuthorities,
		}.ask,
		AgentState: func(ctx context.Context) (AgentState, error) {
			return shallowState(ctx, o.Root)
		},
		Elevate: elevation{options: o, sandbox: Sandbox, wait: consentWait, attempts: attempts}.run,
		OpenURL: openURL, CheckPackage: checkPackage,
	}
	// A sandbox leaves the keyring of the person who tests alone.
	if o.Root == "" {
		addKeychain(&h)
	}
	return h
}
