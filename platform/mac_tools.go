//go:build !windows

package platform

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The tools of macOS that are asked, by path: never PATH, which is the person's.
const (
	toolDiskutil  = "/usr/sbin/diskutil"
	toolDscl      = "/usr/bin/dscl"
	toolFdesetup  = "/usr/bin/fdesetup"
	toolID        = "/usr/bin/id"
	toolLaunchctl = "/bin/launchctl"
	toolPkgutil   = "/usr/sbin/pkgutil"
	toolPmset     = "/usr/bin/pmset"
	toolProfiler  = "/usr/sbin/system_profiler"
	toolProfiles  = "/usr/bin/profiles"
	toolPs        = "/bin/ps"
	toolScutil    = "/usr/sbin/scutil"
	toolSpctl     = "/usr/sbin/spctl"
	toolSqlite    = "/usr/bin/sqlite3"
	toolSysadmin  = "/usr/sbin/sysadminctl"
	toolVersion   = "/usr/bin/sw_vers"
)

// What the vendor's agent is on a Mac:
// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/remove_mac_agent.sh
const (
	macLabel   = "com.jumpcloud.darwin-agent"
	macDaemon  = "/Library/LaunchDaemons/" + macLabel + ".plist"
	macAccount = "_jumpcloudserviceaccount"
)

// macTraces are what an agent leaves that anybody can see.
var macTraces = []string{
	agentFolder, "/opt/jc_user_ro", macDaemon, "/Library/LaunchAgents/com.jumpcloud.user-agent.plist", "/Applications/JumpCloudServiceAccount.app",
}

// Rosetta: the program that runs others, and the receipt that the vendor's script looks for.
const (
	rosettaRuntime = "/Library/Apple/usr/libexec/oah/libRosettaRuntime"
	rosettaReceipt = "com.apple.pkg.RosettaUpdateAuto"
)

// macTools learns of a Mac from its own tools and files.
type macTools struct {
	ask  commands
	root string // "" but in tests: where files are looked for
	now  func() time.Time
	// database tells that what persons have given may be looked up: see access.
	database bool
}

func (m macTools) exists(path string) bool { return exists(filepath.Join("/", m.root, path)) }

// said gives what a tool printed; "" when it could not be run, and what it managed to say when it failed.
func (m macTools) said(ctx context.Context, path string, args ...string) string {
	out, _, _ := m.ask(ctx, path, args...) //nolint:errcheck // the words are judged, and no words say nothing
	return out
}

// facts adds what this Mac tells. silicon says that its processor is Apple's, uid who asks.
func (m macTools) facts(ctx context.Context, f *Facts, silicon bool, uid int) error {
	f.Name, f.Version = "macOS", strings.TrimSpace(m.said(ctx, toolVersion, "-productVersion"))
	if f.Version == "" {
		return errors.New("reading the version: sw_vers does not tell it")
	}
	var mac Mac
	var all sync.WaitGroup
	all.Go(func() { f.Accounts = m.accounts(ctx) })
	all.Go(func() { f.ProxyScript = m.proxy(ctx).script })
	all.Go(func() {
		mac.MDM = parseEnrollment(m.said(ctx, toolProfiles, "status", "-type", "enrollment"))
		mac.Bootstrap = parseBootstrapToken(m.said(ctx, toolProfiles, "status", "-type", "bootstraptoken"))
		mac.FullDiskAccess = m.profileAccess(ctx, mac.MDM)
	})
	all.Go(func() {
		mac.FileVault = parseFileVault(m.said(ctx, toolFdesetup, "status"))
		mac.FileVaultUsers = parseFileVaultUsers(m.said(ctx, toolFdesetup, "list"))
	})
	all.Go(func() {
		mac.Power = parsePmset(m.said(ctx, toolPmset, "-g", "batt"))
		mac.Service = m.account(ctx, macAccount)
		mac.Earlier = m.earlier(ctx)
	})
	if silicon {
		f.Arch, f.Rosetta = "arm64", m.rosetta(ctx)
	}
	all.Wait()
	f.Mac = &mac
	f.Admin, f.AdminNames = macAdmin(f.Accounts, f.User, uid)
	return ctx.Err()
}

// proxy gives the person's own proxy settings, of the network that is in use.
func (m macTools) proxy(ctx context.Context) personProxy {
	return parseProxies(m.said(ctx, toolScutil, "--proxy"))
}

// rosetta tells whether Rosetta is there.
func (m macTools) rosetta(ctx context.Context) Answer {
	if m.exists(rosettaRuntime) || strings.Contains(m.said(ctx, toolPkgutil, "--pkgs="+rosettaReceipt), rosettaReceipt) {
		return Yes
	}
	return No
}

// profileAccess tells whether a profile gives the agent Full Disk Access. Only a profile of an MDM can, and reading
// them takes seconds, so a Mac without an MDM is not asked.
func (m macTools) profileAccess(ctx context.Context, mdm MDM) Answer {
	if mdm.Enrolled == No {
		return No
	}
	return parseProfileAccess(m.said(ctx, toolProfiler, "-json", "SPConfigurationProfileDataType"))
}

// accounts lists the people who have an account on this Mac.
func (m macTools) accounts(ctx context.Context) []Account {
	names := parseUsers(m.said(ctx, toolDscl, "/Local/Default", "-list", "/Users", "UniqueID"))
	owners := sync.OnceValue(func() []string { return parseCryptoUsers(m.said(ctx, toolDiskutil, "apfs", "listUsers", "/")) })
	list := make([]Account, len(names))
	for i, name := range names {
		// The vendor's own rule, which counts groups in groups.
		admin := slices.Contains(strings.Fields(m.said(ctx, toolID, "-Gn", name)), "admin")
		list[i] = Account{Name: name, Admin: admin, SecureToken: m.account(ctx, name).Token}
		if list[i].SecureToken == Unknown && m.ownsVolume(ctx, name, owners()) {
			list[i].SecureToken = Yes
		}
	}
	return list
}

// ownsVolume tells whether the account is among those that can unlock the volume: who is has a SecureToken.
func (m macTools) ownsVolume(ctx context.Context, name string, owners []string) bool {
	_, id, _ := strings.Cut(m.said(ctx, toolDscl, "/Local/Default", "-read", "/Users/"+name, "GeneratedUID"), ": ")
	return slices.Contains(owners, strings.TrimSpace(id))
}

// account asks for an account's SecureToken.
func (m macTools) account(ctx context.Context, name string) ServiceAccount {
	_, stderr, _ := m.ask(ctx, toolSysadmin, "-secureTokenStatus", name) //nolint:errcheck // its words are judged
	return parseTokenStatus(stderr)
}

// earlier tells what anybody can see of an agent that is or was here.
func (m macTools) earlier(ctx context.Context) Earlier {
	var e Earlier
	for _, path := range macTraces {
		if m.exists(path) {
			e.Traces = append(e.Traces, path)
		}
	}
	if m.receipt(ctx).id != "" {
		e.Package = "installed"
	}
	if conf, err := readEnd(filepath.Join("/", m.root, agentConf)); err == nil {
		e.Server = parseServer(conf)
	}
	return e
}

// receipt asks the package database which package the agent's program came with: its name is not public.
func (m macTools) receipt(ctx context.Context) receipt {
	return parseFileInfo(m.said(ctx, toolPkgutil, "--file-info", agentBinary))
}

// macAdmin tells who on this Mac is an administrator.
func macAdmin(accounts []Account, user string, uid int) (Admin, []string) {
	var names []string
	for _, a := range accounts {
		if a.Admin {
			names = append(names, a.Name)
		}
	}
	switch {
	case uid == 0 || slices.Contains(names, user):
		return AdminYou, names
	case len(names) > 0:
		return AdminAnother, names
	case len(accounts) == 0:
		return AdminAnother, nil // nothing was read, so the careful answer
	default:
		return AdminNobody, nil
	}
}

// macArch tells the processor of a Mac as uname -m does on it. Under Rosetta uname names the other kind, while
// hw.optional.arm64 is 1 on every Mac with Apple's:
// https://developer.apple.com/documentation/apple-silicon/about-the-rosetta-translation-environment
func macArch(machine string, arm64 uint32) (arch string, silicon bool) {
	if arm64 == 1 || machine == "arm64" {
		return "arm64", true
	}
	return machine, false
}

// seldom is what is asked of databases, and changes only with an install.
type seldom struct {
	receipt receipt
	account ServiceAccount
}

func (m macTools) seldom(ctx context.Context) seldom {
	return seldom{receipt: m.receipt(ctx), account: m.account(ctx, macAccount)}
}

// agentState tells what anybody can see of the agent, with what was asked of the databases.
func (m macTools) agentState(ctx context.Context, known seldom) (AgentState, error) {
	s := AgentState{Package: known.receipt.id, Version: known.receipt.version, ServiceAccount: known.account, Service: m.service(ctx)}
	s.Installed = known.receipt.id != "" && m.exists(macDaemon) || s.Service.Exists
	if !s.Installed { // a receipt outlives what it is of
		s.Package, s.Version = "", ""
	}
	return s, ctx.Err()
}

// service asks launchd for the agent's service.
func (m macTools) service(ctx context.Context) Service {
	s, pid := parseLaunchctl(m.said(ctx, toolLaunchctl, "print", "system/"+macLabel))
	if !s.Running {
		return s
	}
	if age, ok := parseElapsed(m.said(ctx, toolPs, "-o", "etime=", "-p", strconv.Itoa(pid))); ok {
		s.Since = m.now().Add(-age).Truncate(time.Second)
	}
	return s
}

// What persons have given lies in this database, which macOS shows only to programs that have Full Disk Access
// themselves. A program that is refused is from then on shown in the settings beside the agent, which would lead the
// person to the wrong one; so it is read only for who started us with sudo, from a terminal that may have it.
const (
	accessDatabase = "/Library/Application Support/com.apple.TCC/TCC.db"
	accessQuery    = "select auth_value from access where service='kTCCServiceSystemPolicyAllFiles' and client='" + agentBinary + "'"
	accessGiven    = "2"
)

// access tells whether the agent has Full Disk Access: by a profile, or given by a person. Unknown is the answer where
// no profile gives it and the database cannot be read. The agent's own log is no source: what it says of it is not public.
func (m macTools) access(ctx context.Context, mdm MDM) Answer {
	if m.profileAccess(ctx, mdm) == Yes {
		return Yes
	}
	if !m.database {
		return Unknown
	}
	out, _, err := m.ask(ctx, toolSqlite, "-readonly", accessDatabase, accessQuery)
	switch {
	case err != nil:
		return Unknown
	case slices.Contains(strings.Fields(out), accessGiven):
		return Yes
	default:
		return No
	}
}

// macSigner asks macOS who signed a package. Both tools say on stderr what they refuse, and end with an error then:
// their words are judged, and no words are a refusal.
func macSigner(ask commands) signer {
	return func(ctx context.Context, t Trust, kind, path string) error {
		if kind != kindPKG {
			return refuse(JobNotPackage, "a %s package is not for this system", kind)
		}
		ctx, cancel := context.WithTimeout(ctx, 2*time.Minute) // Gatekeeper may ask Apple
		defer cancel()
		said := func(path string, args ...string) string {
			out, errs, _ := ask(ctx, path, args...) //nolint:errcheck // see above
			return fmt.Sprintf("%s\n%s", out, errs)
		}
		return judgePKG(said(toolPkgutil, "--check-signature", path), said(toolSpctl, "--assess", "--type", "install", "--verbose=2", path), t)
	}
}
