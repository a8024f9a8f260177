package platform

import (
	"context"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// New gives the Host of this computer. There is no sandbox: the Windows Installer installs for the whole computer.
func New(o Options) Host {
	o.Root = ""
	adoptProxy(ownProxy())
	attempts := func() ([]attempt, error) { return windowsAttempts(o) }
	h := Host{
		Facts:      func(ctx context.Context) (Facts, error) { return windowsFacts(ctx, o) },
		Probe:      prober{rootsPEM: o.RootsPEM, proxy: httpproxy.FromEnvironment(), now: time.Now, wait: probeWait}.ask,
		AgentState: func(ctx context.Context) (AgentState, error) { return shallowState(ctx, "") },
		Elevate:    elevation{options: o, sandbox: Sandbox, wait: consentWait, attempts: attempts}.run,
		OpenURL:    openURL, CheckPackage: checkPackage,
	}
	addKeychain(&h)
	return h
}
