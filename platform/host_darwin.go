package platform

import (
	"context"
	"os"
	"os/user"
	"slices"
	"strconv"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// New gives the Host of this computer. What is nil is not written yet for macOS.
func New(o Options) Host {
	h := Host{
		Facts:   darwinFacts,
		Probe:   prober{rootsPEM: o.RootsPEM, proxy: httpproxy.FromEnvironment(), now: time.Now, wait: probeWait}.ask,
		OpenURL: openURL, CheckPackage: checkPackage,
	}
	addKeychain(&h)
	return h
}

// darwinFacts gathers the facts of this computer. Who else is an administrator is in the directory service, which is
// not asked yet: anyone who is none is told that another person may be.
func darwinFacts(ctx context.Context) (Facts, error) {
	f, err := gatherFacts(ctx, agentFolder)
	if err != nil {
		return f, err
	}
	if f.Version, err = systemVersion(ctx); err != nil {
		return f, err
	}
	f.Name, f.Admin, f.ProxyFile = "macOS", AdminAnother, exists(AgentProxyFile)
	gids, err := os.Getgroups()
	admin, lookup := user.LookupGroup("admin")
	if err == nil && lookup == nil {
		gid, err := strconv.Atoi(admin.Gid)
		if err == nil && slices.Contains(gids, gid) || os.Getuid() == 0 {
			f.Admin, f.AdminNames = AdminYou, []string{f.User}
		}
	}
	return f, nil
}
