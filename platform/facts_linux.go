package platform

import (
	"context"
	"os"
	"path/filepath"
)

// linuxFacts gathers the facts of this computer. In the sandbox of a test build it is the sandbox's disk that is
// measured, and its agent that is looked for.
func linuxFacts(ctx context.Context, o Options) (Facts, error) {
	f, err := gatherFacts(ctx, filepath.Join("/", o.Root, agentFolder))
	if err != nil {
		return f, err
	}
	release := readText("/etc/os-release")
	if release == "" {
		release = readText("/usr/lib/os-release")
	}
	f.Distribution, f.Name, f.Version = parseOSRelease(release)
	gids, err := os.Getgroups()
	if err != nil {
		gids = nil // a process without groups is in none that matters
	}
	gids = append(gids, os.Getgid())
	f.Admin, f.AdminNames = adminAnswer(readText("/etc/passwd"), readText("/etc/group"), f.User, os.Getuid(), gids)
	f.Container = containerKind(containerFiles{
		dockerenv:    exists("/.dockerenv"),
		containerenv: exists("/run/.containerenv"),
		systemd:      readText("/run/systemd/container"),
		env:          os.Getenv("container"),
		version:      readText("/proc/version"),
		cgroup:       readText("/proc/1/cgroup"),
	})
	f.ProxyFile = exists(filepath.Join("/", o.Root, AgentProxyFile))
	synced := make(chan TimeSync, 1) // asking a service may take a while
	go func() { synced <- timeSync(ctx) }()
	l := tree("/").surroundings()
	l.Asking = tree("/").asking(o, os.Geteuid(), hasTerminal(), func() bool { return granted(o.Program) })
	if o.Root == "" {
		packageState(ctx, &l)
	} else {
		l.Earlier, l.Disks = tree(o.Root).earlier(), tree(o.Root).disks()
	}
	l.Sync = <-synced
	f.Linux = &l
	return f, ctx.Err()
}
