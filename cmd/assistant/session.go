package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"sync"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// Names below the system's folder for a user's state.
const (
	stateName = "enrollment-assistant"
	logName   = "assistant.log"
)

// session is what every front end starts from: what Run needs, found and opened.
type session struct {
	// config is complete but for what a front end chooses (Until).
	config steps.Config
	// problem says why no enrollment can start: an invalid profile, no state folder. A front end shows it and ends.
	problem *steps.Problem
	logPath string
	// shown tells the program that started this one that a person can see the window. Only the first call does
	// anything; it may come from any goroutine.
	shown  func()
	closer io.Closer
}

// newSession finds the profile, opens the log and fills the host, with consent as the way to ask for administrator
// rights. It always gives a session that can be shown and closed.
func newSession(o options, consent platform.Consent) *session {
	s := &session{shown: sync.OnceFunc(announceShown), closer: io.NopCloser(nil)}
	s.config.Log = slog.New(slog.DiscardHandler)
	s.config.Root = o.root
	dir, err := stateDir()
	if err != nil {
		s.problem = internalProblem("cli.problem.state-dir", err)
		return s
	}
	s.config.StateDir = dir
	s.logPath = filepath.Join(dir, logName)
	log, closer, err := platform.OpenLog(s.logPath)
	if err != nil {
		s.problem = internalProblem("cli.problem.log", err)
		return s
	}
	s.config.Log, s.closer = log, closer
	log.Info("starting", "version", buildVersion(), "test", testBuild, "os", runtime.GOOS, "arch", runtime.GOARCH)
	p, err := steps.FindProfile(o.profile)
	if err != nil {
		s.problem = profileProblem(err)
		log.Error("profile", "error", err)
		return s
	}
	s.config.Profile = p
	setLanguage(p.Languages...)
	cli, err := elevatedProgram()
	if err != nil {
		s.problem = internalProblem("cli.problem.program", err)
		return s
	}
	s.config.Host = platform.New(platform.Options{Program: cli, Consent: consent, Root: o.root,
		RootsPEM: []byte(p.CA), StateDir: dir,
		Prompt: func() string { return assets.Text("app.consent") }})
	return s
}

// close ends the log.
func (s *session) close() { _ = s.closer.Close() } // what was logged is written already

// elevatedProgram is assistant-cli, which lies beside the program that runs: the window program never gets
// administrator rights, because it links graphics libraries.
func elevatedProgram() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return "", err
	}
	name := "assistant-cli"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(filepath.Dir(self), name), nil
}

// stateDir is this user's folder for the log, downloads and run.json; it is made when it is not there, 0700.
func stateDir() (string, error) {
	base, err := stateBase()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, stateName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o700) //nolint:gosec // a folder needs its x bit
}

// stateBase is where the system keeps such folders. Linux:
// https://specifications.freedesktop.org/basedir-spec/latest/, which has an absolute XDG_STATE_HOME win.
func stateBase() (string, error) {
	home, err := homeDir()
	if runtime.GOOS == "windows" {
		return os.UserCacheDir() // %LocalAppData%
	}
	if xdg := os.Getenv("XDG_STATE_HOME"); runtime.GOOS == "linux" && filepath.IsAbs(xdg) {
		return xdg, nil
	}
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".local", "state"), nil
}

// homeDir is this user's home folder. What manages computers starts its scripts as root without HOME: then it is what the
// system's table of users has.
func homeDir() (string, error) {
	home, err := os.UserHomeDir()
	if err == nil {
		return home, nil
	}
	me, failed := user.Current()
	if failed != nil || !filepath.IsAbs(me.HomeDir) {
		return "", err
	}
	return me.HomeDir, nil
}

// window starts the window, which has two flags and no arguments.
func window(ctx context.Context, args []string, io stdio) int {
	var o options
	rest, err := parseFlags(args, &o, "profile")
	if errors.Is(err, errHelp) {
		return help(ctx, nil, io)
	}
	if p, bad := usageError(rest, err); bad {
		return fail(io, p)
	}
	return runWindow(ctx, o, io)
}
