package platform

import (
	"context"
	"os"
	"path/filepath"
)

// linuxFacts gathers the facts of this computer. root is the sandbox of a test build, whose disk is measured.
func linuxFacts(ctx context.Context, root string) (Facts, error) {
	f, err := gatherFacts(ctx, filepath.Join("/", root, agentFolder))
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
	return f, nil
}

// readText reads a file that tells something when it is there; a missing one tells nothing.
func readText(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

// exists tells whether there is anything at path.
func exists(path string) bool {
	_, err := os.Lstat(path) //nolint:gosec // only whether it is there is used
	return err == nil
}
