package platform

import (
	"context"
	"time"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/sys/windows"
)

// New gives the Host of this computer. There is no sandbox: the Windows Installer installs for the whole computer.
func New(o Options) Host {
	o.Root = ""
	attempts := func() ([]attempt, error) { return windowsAttempts(o) }
	return Host{
		Facts:      windowsFacts,
		Probe:      prober{rootsPEM: o.RootsPEM, proxy: httpproxy.FromEnvironment(), now: time.Now, wait: probeWait}.ask,
		AgentState: func(ctx context.Context) (AgentState, error) { return shallowState(ctx, "") },
		Elevate:    elevation{options: o, sandbox: Sandbox, wait: consentWait, attempts: attempts}.run,
		OpenURL:    openURL, CheckPackage: checkPackage,
	}
}

// windowsFacts gathers the facts of this computer. Who else is an administrator is not asked yet: anyone who is none
// is told that another person may be.
func windowsFacts(ctx context.Context) (Facts, error) {
	f, err := gatherFacts(ctx, agentFolder)
	if err != nil {
		return f, err
	}
	if f.Version, err = systemVersion(ctx); err != nil {
		return f, err
	}
	f.Name, f.Admin = "Windows", AdminAnother
	administrators, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return f, nil //nolint:nilerr // without the group's id the answer stays the careful one
	}
	token := windows.GetCurrentProcessToken()
	groups, err := token.GetTokenGroups()
	if err != nil {
		return f, nil //nolint:nilerr // as above
	}
	// Before elevation an administrator's token has the group for denying only; the person is one all the same.
	for _, g := range groups.AllGroups() {
		if g.Sid.Equals(administrators) {
			f.Admin, f.AdminNames = AdminYou, []string{f.User}
		}
	}
	return f, nil
}
