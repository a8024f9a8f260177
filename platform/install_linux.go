package platform

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/kardianos/service"
	"golang.org/x/sys/unix"
)

// stateFolder is the elevated side's own folder below the root, 0700: its lock, its log and the package it received.
const stateFolder = "/var/lib/enrollment-assistant"

// keepAwake asks logind not to let the computer sleep until the result is called. Where there is no logind the
// install goes on without. https://systemd.io/INHIBITOR_LOCKS/
func (s *session) keepAwake(ctx context.Context) (release func()) {
	if s.root != "" {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		s.log.Warn("keeping the computer awake", "err", err)
		return func() {}
	}
	defer func() { _ = conn.Close() }()
	var fd dbus.UnixFD
	err = conn.Object("org.freedesktop.login1", "/org/freedesktop/login1").CallWithContext(ctx, "org.freedesktop.login1.Manager.Inhibit", 0,
		"shutdown:sleep:idle:handle-lid-switch", "Enrollment assistant", "Installing the agent", "block").Store(&fd)
	if err != nil {
		s.log.Warn("keeping the computer awake", "err", err)
		return func() {}
	}
	return sync.OnceFunc(func() { _ = unix.Close(int(fd)) })
}

// lockedText is what dpkg and rpm say when another of their kind is at work.
var lockedText = regexp.MustCompile(`(?i)(frontend|database|transaction) lock\b|is locked by another|was locked by another`)

// postFailed is what rpm says when the last of a package's own scripts fails. It calls that a warning and ends well, but
// the package has not done what it must: https://github.com/rpm-software-management/rpm/blob/master/lib/rpmscript.cc
var (
	postFailed    = regexp.MustCompile(`^warning: %post(trans)?\(` + agentService + `-\S+\) scriptlet failed\b`)
	errPostFailed = errors.New("a script of the package failed")
)

// installCommand is what installs the package at path, or unpacks it into the sandbox.
func (s *session) installCommand(kind, path string) (name string, args []string, err error) {
	switch {
	case kind == kindDeb && s.root != "":
		name, args = "dpkg-deb", []string{"-x", path, s.root}
	case kind == kindDeb:
		name, args = "dpkg", []string{"-i", path}
	case kind == kindRPM && s.root == "":
		name, args = "rpm", []string{"-U", "--replacepkgs", path}
	default:
		return "", nil, &JobError{JobBadPackage, PhaseInstallPackage, fmt.Sprintf("a %s package cannot be installed here", kind)}
	}
	if command(name) == "" {
		return "", nil, &JobError{JobBadPackage, PhaseInstallPackage, fmt.Sprintf("this computer has no %s for a %s package", name, kind)}
	}
	return name, args, nil
}

// installFile has the package manager install the package, or unpacks it into the sandbox.
func (s *session) installFile(path string) error {
	kind, err := fileKind(path)
	if err != nil {
		return err
	}
	name, args, err := s.installCommand(kind, path)
	if err != nil {
		return err
	}
	begun := time.Now()
	for {
		lines, err := s.runCommand(PhaseInstallPackage, s.limits.install, nil, name, args...)
		if err == nil && kind == kindRPM && slices.ContainsFunc(lines, postFailed.MatchString) {
			err = errPostFailed
		}
		if err == nil {
			return nil
		}
		// Updates that run by themselves hold the lock for a while; dpkg and rpm do not wait for it.
		if !lockedText.MatchString(strings.Join(lines, "\n")) || time.Since(begun) > s.limits.install {
			code := JobPackageFailed
			if disk := diskCode(strings.Join(lines, "\n")); disk != "" {
				code = disk
			}
			return &JobError{code, PhaseInstallPackage, fmt.Sprintf("%v: %s", err, lastLines(lines))}
		}
		<-time.After(5 * s.limits.tick)
	}
}

// startAgent starts the agent's service; a package that was put over a running one needs it to be started again.
func (s *session) startAgent(ctx context.Context) error {
	if s.root != "" {
		if s.job.Way == WayScript {
			return nil // the stub's script starts it
		}
		return s.startSandboxAgent(ctx)
	}
	agent, err := service.New(nil, &service.Config{Name: agentService})
	if err != nil {
		return err
	}
	if s.job.Way == WayPackage {
		return agent.Restart()
	}
	return agent.Start()
}

// startSandboxAgent ends the sandbox's agent, if one runs, and starts the one just unpacked.
func (s *session) startSandboxAgent(ctx context.Context) error {
	if pid, _, ok := sandboxPID(s.root); ok && alive(pid) {
		_ = syscall.Kill(pid, syscall.SIGTERM)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for alive(pid) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return errStopped
			}
		}
	}
	if err := privateFolder(filepath.Join(s.root, agentFolder)); err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.root, agentBinary), "run", "--root", s.root) //nolint:noctx // it outlives this process
	cmd.Env, cmd.Dir = s.scriptEnv(), s.root
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
