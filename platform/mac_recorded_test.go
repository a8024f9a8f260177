//go:build !windows

package platform

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// recordedMac answers for a Mac's tools. A command that is not recorded, or not called by its path, fails the test.
type recordedMac struct {
	t       *testing.T
	mu      sync.Mutex
	answers map[string]string          // of what only reads, on stdout
	errs    map[string]string          // the same, on stderr
	fails   map[string]bool            // those that end with an error
	runs    map[string]func() []string // of what changes something: its lines
	ended   map[string]error           // how those end, where not well
	order   []string                   // what was run that changes something
	heard   func(Phase, string) string
}

// errExit is a tool that ended with an error.
var errExit = errors.New("exit status 1")

// checked fails the test for a command that is not called by its path.
func (m *recordedMac) checked(path string, args []string) string {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		m.t.Errorf("%s is not a path", path)
	}
	return strings.Join(append([]string{path}, args...), " ")
}

// ask implements commands.
func (m *recordedMac) ask(_ context.Context, path string, args ...string) (stdout, stderr string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	line := m.checked(path, args)
	out, known := m.answers[line]
	errs, said := m.errs[line]
	if !known && !said {
		m.t.Errorf("not recorded: %s", line)
	}
	if m.fails[line] {
		err = errExit
	}
	return out, errs, err
}

// do is macSide.do.
func (m *recordedMac) do(phase Phase, _ time.Duration, path string, args ...string) ([]string, error) {
	line := m.checked(path, args)
	if path == toolInstaller && len(args) > 1 { // the copy's name is random
		line = strings.Replace(line, args[1], "PACKAGE", 1)
	}
	m.mu.Lock()
	m.order = append(m.order, line)
	run := m.runs[line]
	m.mu.Unlock()
	if run == nil {
		m.t.Errorf("not recorded: %s", line)
		return nil, errExit
	}
	var kept []string
	for _, text := range run() {
		if text = m.heard(phase, text); text != "" {
			kept = append(kept, text)
		}
	}
	return kept, m.ended[line]
}

// start is macSide.start.
func (m *recordedMac) start(path string, args ...string) (stop func(), err error) {
	line := m.checked(path, args)
	if line != "/usr/bin/caffeinate -dims" {
		m.t.Errorf("not recorded: %s", line)
	}
	m.order = append(m.order, line)
	return sync.OnceFunc(func() { m.order = append(m.order, "awake no longer") }), nil
}

// Commands of the recordings, spelled out: what runs on a Mac is what is written here.
const (
	askEnrollment = "/usr/bin/profiles status -type enrollment"
	askBootstrap  = "/usr/bin/profiles status -type bootstraptoken"
	askProfiles   = "/usr/sbin/system_profiler -json SPConfigurationProfileDataType"
	askService    = "/bin/launchctl print system/com.jumpcloud.darwin-agent"
	askReceipt    = "/usr/sbin/pkgutil --file-info /opt/jc/bin/jumpcloud-agent"
	askRosetta    = "/usr/sbin/pkgutil --pkgs=com.apple.pkg.RosettaUpdateAuto"
	askAccount    = "/usr/sbin/sysadminctl -secureTokenStatus _jumpcloudserviceaccount"
	askDatabase   = "/usr/bin/sqlite3 -readonly /Library/Application Support/com.apple.TCC/TCC.db select auth_value from access " +
		"where service='kTCCServiceSystemPolicyAllFiles' and client='/opt/jc/bin/jumpcloud-agent'"
	askOwners    = "/usr/sbin/diskutil apfs listUsers /"
	runInstall   = "/usr/sbin/installer -pkg PACKAGE -target / -verboseR"
	runRosetta   = "/usr/sbin/softwareupdate --install-rosetta --agree-to-license"
	runLoad      = "/bin/launchctl bootstrap system /Library/LaunchDaemons/com.jumpcloud.darwin-agent.plist"
	runStart     = "/bin/launchctl kickstart system/com.jumpcloud.darwin-agent"
	askAge       = "/bin/ps -o etime= -p 4271"
	askFileVault = "/usr/bin/fdesetup status"
	askUnlockers = "/usr/bin/fdesetup list"
	askProxy     = "/usr/sbin/scutil --proxy"
)

// plainMac is macOS 15 on Apple silicon with Rosetta: nora is an administrator with a SecureToken, sam is neither,
// FileVault is on, there is no MDM and never was an agent.
func plainMac(t *testing.T) *recordedMac {
	return &recordedMac{
		t: t,
		answers: map[string]string{
			"/usr/bin/sw_vers -productVersion": "15.1\n",
			askEnrollment:                      saidUnmanaged,
			askBootstrap:                       saidNoToken,
			askProxy:                           saidNoProxy,
			askService:                         "",
			askReceipt:                         saidNoReceipt,
			askRosetta:                         rosettaReceipt + "\n",
			askFileVault:                       "FileVault is On.\n",
			askUnlockers:                       "",
			"/usr/bin/pmset -g batt":           saidPlugged,
			"/usr/bin/dscl /Local/Default -list /Users UniqueID": saidUsers,
			"/usr/bin/id -Gn nora":                               "staff everyone localaccounts _appserverusr admin _lpadmin\n",
			"/usr/bin/id -Gn sam":                                "staff everyone localaccounts\n",
			askAge:                                               "00:42\n",
		},
		errs: map[string]string{
			"/usr/sbin/sysadminctl -secureTokenStatus nora": saidHolds,
			"/usr/sbin/sysadminctl -secureTokenStatus sam":  saidLacks,
			askAccount: saidNoUser,
		},
		fails: map[string]bool{askService: true, askUnlockers: true},
		runs:  map[string]func() []string{}, ended: map[string]error{},
		heard: func(_ Phase, line string) string { return line },
	}
}

// with changes answers.
func (m *recordedMac) with(changes map[string]string) *recordedMac {
	m.mu.Lock()
	defer m.mu.Unlock()
	for line, said := range changes {
		if _, ok := m.errs[line]; ok {
			m.errs[line] = said
		} else {
			m.answers[line] = said
		}
		delete(m.fails, line)
	}
	return m
}

// agent makes the agent be there, and run.
func (m *recordedMac) agent() *recordedMac {
	return m.with(map[string]string{askService: saidRunning, askReceipt: saidReceipt})
}
