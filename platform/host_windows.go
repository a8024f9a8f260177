package platform

import (
	"context"
	"os"
	"time"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/sys/windows"
)

// New gives the Host of this computer. What is nil is not written yet for Windows.
func New(o Options) Host {
	return Host{
		Facts:   windowsFacts,
		Probe:   prober{rootsPEM: o.RootsPEM, proxy: httpproxy.FromEnvironment(), now: time.Now, wait: probeWait}.ask,
		OpenURL: openURL, CheckPackage: checkPackage,
	}
}

// windowsFacts gathers the facts of this computer. Who else is an administrator is not asked yet: anyone who is none
// is told that another person may be.
func windowsFacts(ctx context.Context) (Facts, error) {
	f, err := gatherFacts(ctx, os.Getenv("ProgramFiles")+`\JumpCloud`)
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
