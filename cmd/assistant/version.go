package main

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"example.com/enrollment-assistant/assets"
)

// version is the release, set when it is built (-ldflags "-X main.version=…").
var version string

// buildVersion is the release, else the commit, else "unknown".
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return "unknown"
}

// showVersion prints what this program is and where it writes its log.
func showVersion(ctx context.Context, args []string, io stdio) int {
	rest, err := parseFlags(args, &options{})
	if errors.Is(err, errHelp) {
		return help(ctx, nil, io)
	}
	if p, bad := usageError(rest, err); bad {
		return fail(io, p)
	}
	key := "cli.version.release"
	if testBuild {
		key = "cli.version.test"
	}
	say(io.out, assets.Text(key, "Version", buildVersion()))
	say(io.out, assets.Text("cli.version.built", "Go", runtime.Version(), "OS", runtime.GOOS, "Arch", runtime.GOARCH))
	if base, err := stateBase(); err == nil {
		say(io.out, assets.Text("cli.version.log", "Path", filepath.Join(base, stateName, logName)))
	}
	say(io.out, assets.Text("app.disclaimer"))
	return 0
}

// licenses prints the notices of every module that is linked in.
func licenses(ctx context.Context, args []string, io stdio) int {
	rest, err := parseFlags(args, &options{})
	if errors.Is(err, errHelp) {
		return help(ctx, nil, io)
	}
	if p, bad := usageError(rest, err); bad {
		return fail(io, p)
	}
	say(io.out, assets.Notices)
	return 0
}
