package platform

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/sys/unix"
)

// New gives the Host of this computer.
func New(o Options) Host {
	if !Sandbox {
		o.Root = ""
	}
	adoptProxy(ownTools(false).proxy(context.Background()))
	attempts := func() ([]attempt, error) { return darwinAttempts(o) }
	h := Host{
		Facts: darwinFacts,
		Probe: prober{rootsPEM: o.RootsPEM, proxy: httpproxy.FromEnvironment(), now: time.Now, wait: probeWait}.ask,
		AgentState: func(ctx context.Context) (AgentState, error) {
			return shallowState(ctx, o.Root)
		},
		VerifyUser: verifyUser,
		Elevate:    elevation{options: o, sandbox: Sandbox, wait: consentWait, attempts: attempts}.run,
		OpenURL:    openURL, CheckPackage: checkPackage,
	}
	// A sandbox leaves the keychain of the person who tests alone.
	if o.Root == "" {
		addKeychain(&h)
	}
	return h
}

// darwinFacts gathers the facts of this computer.
func darwinFacts(ctx context.Context) (Facts, error) {
	f, err := gatherFacts(ctx, agentFolder)
	if err != nil {
		return f, err
	}
	machine, err := unix.Sysctl("hw.machine")
	if err != nil {
		return f, fmt.Errorf("reading the processor: %w", err)
	}
	arm64, err := unix.SysctlUint32("hw.optional.arm64")
	if err != nil {
		arm64 = 0 // an Intel Mac does not know the name
	}
	var silicon bool
	f.Arch, silicon = macArch(machine, arm64)
	f.ProxyFile = exists(AgentProxyFile)
	return f, ownTools(false).facts(ctx, &f, silicon, os.Getuid())
}

// measureSystem adds what every system tells in its own way. Go's libraries run vm_stat and sw_vers for it, wherever
// PATH has them; the kernel tells the first itself, and the second is asked with the other tools.
func measureSystem(_ context.Context, f *Facts) error {
	memory, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return fmt.Errorf("measuring the memory: %w", err)
	}
	f.Memory = memory
	return nil
}
