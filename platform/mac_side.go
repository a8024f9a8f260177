//go:build !windows

package platform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// macSide is the elevated side's own way on macOS. It runs nothing but through its funcs, so that a recorded Mac drives
// all of it on any system.
type macSide struct {
	*session
	tools macTools
	// do runs a program that changes something, to its end, and gives its last lines: session.runCommand.
	do func(phase Phase, limit time.Duration, path string, args ...string) ([]string, error)
	// start starts a program that is ended by calling stop.
	start func(path string, args ...string) (stop func(), err error)

	known  seldom
	asked  time.Time  // when that was
	before AgentState // what was there before the install
	mdm    MDM
	given  Answer    // Full Disk Access, as it was last found
	looked time.Time // when
	until  time.Time // of the wait for it
	done   int       // percent that the installer has told
}

// What changes a Mac, by path.
const (
	toolCaffeinate     = "/usr/bin/caffeinate"
	toolInstaller      = "/usr/sbin/installer"
	toolSoftwareUpdate = "/usr/sbin/softwareupdate"
)

// suffix is how a package must end for Apple's tools.
func (m *macSide) suffix() string { return ".pkg" }

// tidy removes the password of a run that was killed, unless another run is just using it.
func (m *macSide) tidy(locked bool) error {
	if !locked {
		unlock, err := lockFile(filepath.Join(m.state, "lock"))
		if errors.Is(err, ErrBusy) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("locking: %w", err)
		}
		defer unlock()
	}
	return m.removeCredentials()
}

// keepAwake keeps the Mac from sleeping, its display too: a person has to click. See caffeinate(8).
func (m *macSide) keepAwake(context.Context) (release func()) {
	stop, err := m.start(toolCaffeinate, "-dims")
	if err != nil {
		m.log.Warn("keeping the computer awake", "err", err)
		return func() {}
	}
	return stop
}

// mend puts right what the job says, before anything else is done.
func (m *macSide) mend(ctx context.Context) error {
	if len(m.job.Fixes) == 0 {
		return nil
	}
	m.report(Report{Phase: PhaseMend})
	for _, fix := range m.job.Fixes {
		m.log.Info("fix", "name", fix)
		var err error
		switch fix {
		case FixRosetta:
			err = m.mendRosetta(ctx)
		case FixLeftovers:
			err = m.mendLeftovers(ctx)
		case FixProxy:
			err = m.mendProxy()
		default:
			err = &JobError{JobMalformed, PhaseMend, "the fix is not for this system"}
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return errStopped
		}
	}
	return nil
}

// mendRosetta installs Rosetta, as the vendor's script does. What the tool says and how it ends is not believed.
func (m *macSide) mendRosetta(ctx context.Context) error {
	if m.tools.rosetta(ctx) == Yes {
		return nil
	}
	lines, err := m.do(PhaseMend, m.limits.install, toolSoftwareUpdate, "--install-rosetta", "--agree-to-license")
	if m.tools.rosetta(ctx) == Yes {
		return nil
	}
	return &JobError{JobRosetta, PhaseMend, fmt.Sprintf("%v: %s", err, lastLines(lines))}
}

func (m *macSide) agentState(ctx context.Context) (AgentState, error) {
	if now := m.tools.now(); m.asked.IsZero() || now.Sub(m.asked) >= m.limits.look {
		m.known, m.asked = m.tools.seldom(ctx), now
	}
	s, err := m.tools.agentState(ctx, m.known)
	if err != nil {
		return s, err
	}
	if s.Version == "" && s.Installed {
		own, err := readEnd(filepath.Join("/", m.root, agentVersion))
		if err != nil {
			return s, err
		}
		s.Version = printable(strings.TrimSpace(string(own)))
	}
	if s.Installed {
		s.FullDiskAccess = m.access(ctx)
	}
	return s, nil
}

func (m *macSide) checkPackage(ctx context.Context, p *Package) error {
	return m.trusted.checkPackage(ctx, p, macSigner(m.tools.ask))
}

// installFile has macOS install the package, with the account's password beside it for as long as that takes and no
// longer.
func (m *macSide) installFile(path string) error {
	ctx := context.Background() // a question that is cut short would be a wrong answer
	state, err := m.agentState(ctx)
	if err == nil {
		err = addDeep(&state, m.root)
	}
	if err != nil {
		return fmt.Errorf("reading the agent's state: %w", err)
	}
	m.before = state
	defer func() { m.asked = time.Time{} }()
	return m.withCredentials(func() error {
		m.heard = m.hear
		defer func() { m.heard = nil }()
		// It may itself wait for a person's click.
		lines, err := m.do(PhaseInstallPackage, m.limits.install+m.limits.access, toolInstaller, "-pkg", path, "-target", "/", "-verboseR")
		// It is known to end with 0 when it failed, and to say so.
		if err == nil && !slices.ContainsFunc(lines, installFailed.MatchString) {
			return nil
		}
		code := JobPackageFailed
		if disk := diskCode(strings.Join(lines, "\n")); disk != "" {
			code = disk
		}
		return &JobError{code, PhaseInstallPackage, fmt.Sprintf("%v: %s", err, lastLines(lines))}
	})
}

// installFailed is how the installer says that it did.
var installFailed = regexp.MustCompile(`^(The (install|upgrade) failed|Error - )`)

// actionsBegin is the percentage after which what the installer runs are the package's own programs, which ask for Full
// Disk Access: by then all files are there.
const actionsBegin = 90

// hear takes what the installer prints, and gives what is kept.
func (m *macSide) hear(phase Phase, line string) string {
	l := parseInstaller(line)
	switch {
	case l.isPercent:
		if n := int(l.percent); n > m.done {
			m.done = n
			m.report(Report{Phase: phase, Percent: n})
		}
		return ""
	case l.status && m.done >= actionsBegin:
		m.askAccess()
	}
	if strings.TrimSpace(l.text) == "" {
		return ""
	}
	return m.output(phase, l.text)
}

// startAgent makes sure that launchd runs the agent. The vendor's installer starts it, and it is left alone then: it
// may be asking the person for something.
func (m *macSide) startAgent(ctx context.Context) error {
	service := m.tools.service(ctx)
	if !service.Exists {
		if lines, err := m.do(PhaseStartService, m.limits.fetch, toolLaunchctl, "bootstrap", "system", macDaemon); err != nil {
			return fmt.Errorf("loading the service: %w: %s", err, lastLines(lines))
		}
		service = m.tools.service(ctx)
	}
	if service.Running {
		return nil
	}
	if lines, err := m.do(PhaseStartService, m.limits.fetch, toolLaunchctl, "kickstart", "system/"+macLabel); err != nil {
		return fmt.Errorf("starting the service: %w: %s", err, lastLines(lines))
	}
	return nil
}

// macCredentials is where the vendor's installer looks for the account that gives the service account its SecureToken:
// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/install_agent_and_serviceaccount.sh
const macCredentials = "/var/run/JumpCloud-SecureToken-Creds.txt" //nolint:gosec // a path

// noAccount is the vendor's word for none.
const noAccount = "=skip"

// withCredentials writes that file, does what needs it, and removes it whatever happens, a panic too.
func (m *macSide) withCredentials(install func() error) (err error) {
	if err := m.removeCredentials(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.removeCredentials()) }()
	// O_EXCL makes it ours, with its mode from the first byte on.
	f, err := os.OpenFile(filepath.Join("/", m.root, macCredentials), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return onDisk(PhaseInstallPackage, fmt.Errorf("writing the account: %w", err))
	}
	line := []byte(noAccount + "\n")
	if a := m.job.Account; a != nil {
		line = []byte(a.Name + ";" + a.Password + "\n")
	}
	_, err = f.Write(line)
	clear(line)
	if err := errors.Join(err, f.Close()); err != nil {
		return onDisk(PhaseInstallPackage, fmt.Errorf("writing the account: %w", err))
	}
	return install()
}

// removeCredentials takes the password off the disk, and looks that it is gone.
func (m *macSide) removeCredentials() error {
	path := filepath.Join("/", m.root, macCredentials)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the account's file: %w", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the account's file is still there: %w", err)
	}
	return nil
}
