//go:build crash && linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/goreleaser/nfpm/v2"
)

// switchedSystemctl stands in for systemd, which runs in no chroot, and does what is asked of the agent's service: what
// it is lies in files.
const switchedSystemctl = `#!/bin/sh
mkdir -p -m 0755 /run/switched && cd /run/switched || exit 1
case "$1" in
show)
	load=loaded file=enabled state=inactive sub=dead
	[ ! -e disabled ] || file=disabled
	[ ! -e masked ] || load=masked file=masked
	[ ! -e active ] || state=active sub=running
	printf 'LoadState=%s\nUnitFileState=%s\nActiveState=%s\nSubState=%s\nNRestarts=0\nActiveEnterTimestampMonotonic=1\n' $load $file $state $sub
	;;
start | restart) [ ! -e masked ] && [ -x /opt/jc/bin/jumpcloud-agent ] && : >active ;;
stop) rm -f active ;;
unmask) rm -f masked ;;
enable) rm -f disabled ;;
esac
`

// halfway is one install that meets an agent that is broken, or that breaks.
type halfway struct {
	what   string
	format string // of the packages: deb, or rpm on a computer without dpkg
	there  string // version of the agent that was installed before; empty for none …
	breaks bool   // … whose installer failed
	before string // what else was done before
	pack   string // version of the package
	post   string // its maintainer script
	fixes  []string
	end    string
	wants  string // a shell expression that holds in the end
}

// withRPM makes the computer one with rpm, whose database knows who has /bin/sh and nothing else.
const withRPM = `rm -r /var/lib/dpkg /usr/bin/dpkg*
mkdir -p /etc/rpm /var/lib/rpm
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
printf 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=41\nPRETTY_NAME="Fedora Linux 41"\n' >/usr/lib/os-release
rpm --initdb && rpm -U /srv/base.rpm || exit 1
`

// Shell expressions about the computer.
const (
	packageIs = `[ "$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' jcagent 2>&1)" = "%s" ]`
	serviceUp = `[ -e /run/switched/active ] && [ ! -e /run/switched/masked ] && [ ! -e /run/switched/disabled ]`
	noTraces  = `[ ! -e /opt/jc/agentBootstrap.json ] && ! ls /var/lib/enrollment-assistant/received-* 2>/dev/null`
)

func is(version string) string { return fmt.Sprintf(packageIs, version) }

func rpmIs(version string) string {
	return `[ "$(rpm -q --qf '%{VERSION}' jcagent)" = ` + version + ` ]`
}

// halfways are the cases. The agent's package, dpkg, rpm and their databases are real; systemd is not.
func halfways() []halfway {
	const fails = "exit 3\n"
	const running = "systemctl start jcagent.service"
	const identity = `echo '{"systemKey":"64930a6d00466f31842811a1"}' >/opt/jc/jcagent.conf; echo cert >/opt/jc/client.crt`
	and := func(parts ...string) string { return strings.Join(parts, " && ") }
	return []halfway{
		{"a first install that fails is taken back", "deb", "", false, "", "2.166.2", fails, nil, "package-undone",
			and("! dpkg-query -W -f '${db:Status-Abbrev}' jcagent 2>/dev/null | grep -q '^i'", "[ ! -e /opt/jc/bin/jumpcloud-agent ]")},
		{"an upgrade that fails leaves the agent running", "deb", "2.166.1", false, running, "2.166.2", fails, nil, "package-kept", serviceUp},
		{"an upgrade that stops the agent and fails starts it again", "deb", "2.166.1", false, running, "2.166.2", "systemctl stop jcagent.service\nexit 3\n", nil, "package-kept", serviceUp},
		{"an agent that did not run is not called kept", "deb", "2.166.1", false, "", "2.166.2", fails, nil, "package-failed", "[ ! -e /run/switched/active ]"},
		{"a newer one, half installed, is not replaced by an older one", "deb", "2.166.9", true, "", "2.166.2", agentFiles, []string{"agent"}, "package-lower", is("iF 2.166.9")},
		{"a newer one is left alone", "deb", "2.166.9", false, running + "; " + identity, "2.166.2", agentFiles, nil, "done", and(is("ii 2.166.9"), serviceUp)},
		{"one that is half installed is finished", "deb", "2.166.2", true, "", "2.166.2", agentFiles, []string{"agent"}, "done", and(is("ii 2.166.2"), serviceUp)},
		{"one that was switched off is switched on", "deb", "2.166.2", false, "touch /run/switched/masked /run/switched/disabled; " + identity, "2.166.2", "", []string{"agent"}, "done", and(is("ii 2.166.2"), serviceUp)},
		{"one whose program is gone gets it back", "deb", "2.166.2", false, "rm /opt/jc/bin/jumpcloud-agent; " + identity, "2.166.2", "", []string{"agent"}, "done", and("[ -x /opt/jc/bin/jumpcloud-agent ]", serviceUp)},
		{"an emptied configuration is removed before the agent starts", "deb", "2.166.2", false, ": >/opt/jc/jcagent.conf; echo cert >/opt/jc/client.crt", "2.166.2",
			"[ ! -e /opt/jc/jcagent.conf ] || exit 9\n" + agentFiles, []string{"agent"}, "done", and(is("ii 2.166.2"), "[ -e /opt/jc/client.crt ]", serviceUp)},
		{"a first install", "rpm", "", false, "", "2.166.2", agentFiles, nil, "done", and(rpmIs("2.166.2"), serviceUp)},
		{"a first install that fails is taken back", "rpm", "", false, "", "2.166.2", fails, nil, "package-undone", "! rpm -q jcagent >/dev/null && [ ! -e /opt/jc/bin/jumpcloud-agent ]"},
		{"an upgrade that stops the agent and fails starts it again", "rpm", "2.166.1", false, running, "2.166.2", "systemctl stop jcagent.service\nexit 3\n", nil, "package-kept", serviceUp},
		{"a newer one is left alone", "rpm", "2.166.9", false, running + "; " + identity, "2.166.2", agentFiles, nil, "done", and(rpmIs("2.166.9"), serviceUp)},
		{"one whose program is gone gets it back", "rpm", "2.166.2", false, "rm /opt/jc/bin/jumpcloud-agent; " + identity, "2.166.2", "", []string{"agent"}, "done", and("[ -x /opt/jc/bin/jumpcloud-agent ]", serviceUp)},
	}
}

// hold runs one case, compares what the elevated side did with the plan that a person saw, and looks at what there is.
func (c halfway) hold(t *testing.T, program string) {
	t.Helper()
	computer := newInspected(t, program, "")
	content, sum := tracedPackage(t, c.format, c.pack, c.post)
	computer.profile["linux"] = map[string]any{"install": "package", "sha256": sum}
	must(t, os.WriteFile(filepath.Join(computer.dir, "files/usr/bin/systemctl"), []byte(switchedSystemctl), 0o755))
	lines := []string{"systemctl show >/dev/null"} // makes its folder
	srv := filepath.Join(computer.dir, "files/srv")
	must(t, os.MkdirAll(srv, 0o755))
	if c.format == "rpm" {
		must(t, os.WriteFile(filepath.Join(srv, "base.rpm"), shellPackage(t), 0o644))
		lines = append(lines, withRPM)
	}
	if c.there != "" {
		post := ""
		if c.breaks {
			post = "exit 3\n"
		}
		old, _ := tracedPackage(t, c.format, c.there, post)
		must(t, os.WriteFile(filepath.Join(srv, "old"), old, 0o644))
		lines = append(lines, map[string]string{"deb": "dpkg -i", "rpm": "rpm -U"}[c.format]+" /srv/old >/dev/null 2>&1 || true")
	}
	lines = append(lines, c.before)
	must(t, os.WriteFile(filepath.Join(computer.dir, "files/before.sh"), []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(computer.dir, "files/after.sh"), []byte(c.wants+" && "+noTraces+" && echo held\n"), 0o644))
	computer.before = "chroot $R /bin/sh /before.sh\n"
	computer.after = "chroot $R /bin/sh -x /after.sh >$D/held 2>$D/looked || true\n"
	job := map[string]any{
		"verb": "install", "way": "package", "key": strings.Repeat("0", 40), "kickstartUrl": computer.url, "privateKickstartUrl": computer.url,
		"profile": systemProfilePath, "fixes": c.fixes,
		"package": map[string]any{"size": len(content), "sha256": sum, "name": "jcagent", "version": c.pack},
	}
	seen, end := computer.elevate(job, computer.before, content, "")
	if end != c.end {
		t.Errorf("it ended with %s, want %s", end, c.end)
	}
	for _, what := range seen.unplanned(computer.plan()) {
		t.Errorf("not in the plan: %s", what)
	}
	if held, _ := os.ReadFile(filepath.Join(computer.dir, "held")); string(held) != "held\n" {
		looked, _ := os.ReadFile(filepath.Join(computer.dir, "looked"))
		t.Errorf("in the end it is not as it should be:\n%s%s", held, looked)
	}
}

// shellPackage is an rpm that says who has /bin/sh, which the scripts of others need.
func shellPackage(t *testing.T) []byte {
	t.Helper()
	packager, err := nfpm.Get("rpm")
	must(t, err)
	var out bytes.Buffer
	must(t, packager.Package(nfpm.WithDefaults(&nfpm.Info{
		Name: "base", Arch: runtime.GOARCH, Platform: "linux", Version: "1", Maintainer: "Nobody <nobody@acme.example>", Description: "base",
		Overridables: nfpm.Overridables{Provides: []string{"/bin/sh"}},
	}), &out))
	return out.Bytes()
}

// TestProve_Halfway has the release build's elevated side install over agents that are broken, and packages that break
// while they are installed, with the real dpkg and rpm and their real databases.
func TestProve_Halfway(t *testing.T) {
	var tried, held atomic.Int64
	t.Cleanup(func() { fmt.Printf("proof halfway tried=%d held=%d\n", tried.Load(), held.Load()) })
	program := ""
	if os.Geteuid() == 0 {
		bin := t.TempDir()
		goBuild(t, bin, "assistant-cli", "nogui", ".")
		program = filepath.Join(bin, "assistant-cli")
	}
	for _, c := range halfways() {
		tried.Add(1)
		if program == "" {
			t.Logf("%s: needs root, not run", c.what)
			continue
		}
		if t.Run(c.format+", "+c.what, func(t *testing.T) { c.hold(t, program) }) {
			held.Add(1)
		}
	}
}
