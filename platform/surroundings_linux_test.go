package platform

import (
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// plant makes files below a fresh folder; a path that ends with a slash is a folder, one in a command folder can be run.
func plant(t *testing.T, files map[string]string) tree {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "/") {
			if err := os.MkdirAll(full, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		mode := os.FileMode(0o644)
		if slices.Contains(commandFolders, filepath.Dir(path)) {
			mode = 0o755
		}
		if err := os.WriteFile(full, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return tree(root)
}

// TestSurroundings looks at a laptop that has about everything, from files as they were on real ones.
func TestSurroundings(t *testing.T) {
	files := map[string]string{
		"/run/systemd/system/": "", "/run/reboot-required": "*** System restart required ***\n",
		"/proc/sys/kernel/osrelease": "6.8.0-45-generic\n", "/lib/modules/6.8.0-47-generic/": "",
		"/etc/resolv.conf":                    "nameserver 127.0.0.53\noptions edns0 trust-ad\n",
		"/sys/class/power_supply/AC/type":     "Mains\n",
		"/sys/class/power_supply/AC/online":   "0\n",
		"/sys/class/power_supply/BAT0/type":   "Battery\n",
		"/sys/class/power_supply/BAT0/status": "Discharging\n", "/sys/class/power_supply/BAT0/capacity": "17\n",
		"/var/lib/dpkg/status":       "Package: bash\nStatus: install ok half-configured\n",
		"/var/lib/dpkg/updates/0001": "", "/var/lib/dpkg/updates/tmp.i": "",
		"/opt/puppetlabs/bin/puppet": "", "/etc/sssd/sssd.conf": "",
		"/opt/jc/jcagent.conf":              `{"agentServerHost":"agent.eu.jumpcloud.com"}`,
		"/etc/cron.d/jumpcloud-updater":     "",
		"/var/lib/dpkg/info/jcagent.list":   "",
		"/etc/machine-id":                   "",
		"/etc/ssh/ssh_host_ed25519_key.pub": "", "/etc/ssh/ssh_host_ed25519_key": "", "/etc/ssh/sshd_config": "",
	}
	for _, name := range scriptCommands {
		if name != "uuidgen" {
			files["/usr/bin/"+name] = ""
		}
	}
	root := plant(t, files)
	age := func(path string, by time.Duration) {
		t.Helper()
		when := time.Now().Add(-by)
		if err := os.Chtimes(root.path(path), when, when); err != nil {
			t.Fatal(err)
		}
	}
	age("/var/lib/dpkg/info/jcagent.list", time.Hour)
	l := root.surroundings()
	if !l.Systemd || !slices.Equal(l.Missing, []string{"uuidgen"}) || !slices.Equal(l.Resolvers, []string{"127.0.0.53"}) {
		t.Errorf("systemd %t, missing %q, resolvers %q", l.Systemd, l.Missing, l.Resolvers)
	}
	if !slices.Equal(l.Restart, []RestartReason{RestartRequired, RestartKernel}) || l.Power != (Power{true, true, 17}) {
		t.Errorf("restart %q, power %+v", l.Restart, l.Power)
	}
	if p := l.Packages; p.Kind != "dpkg" || p.Locked || !p.Interrupted || !slices.Equal(p.Half, []string{"bash"}) {
		t.Errorf("packages %+v", p)
	}
	if !slices.Equal(l.Managers, []string{"Puppet"}) || !slices.Equal(l.Directories, []string{"SSSD"}) {
		t.Errorf("managers %q, directories %q", l.Managers, l.Directories)
	}
	e := l.Earlier
	if !slices.Equal(e.Traces, []string{"/opt/jc", "/etc/cron.d/jumpcloud-updater"}) || e.Server != "agent.eu.jumpcloud.com" || !e.Copied {
		t.Errorf("earlier %+v", e)
	}
	if len(l.Disks) == 0 || l.Disks[0].Path != "/opt/jc" || l.Disks[0].Free == 0 || l.Disks[0].ReadOnly {
		t.Errorf("disks %+v", l.Disks)
	}
	age("/etc/ssh/ssh_host_ed25519_key.pub", 2*time.Hour)
	if root.copied() {
		t.Error("one of the two is older than the agent, and the computer counts as copied")
	}
	// An empty computer says nothing, and nothing fails.
	if l := tree(t.TempDir()).surroundings(); l.Systemd || l.Packages.Kind != "" || l.Power.Known || len(l.Missing) != len(scriptCommands) || l.Earlier.Copied || l.Restart != nil {
		t.Errorf("%+v", l)
	}
}

func TestRestart_Container(t *testing.T) {
	files := map[string]string{"/proc/sys/kernel/osrelease": "6.8.0", "/lib/modules/6.1.0/": "", "/run/systemd/container": "systemd-nspawn"}
	if why := plant(t, files).restart(); why != nil {
		t.Errorf("a container has no kernel of its own: %q", why)
	}
	if why := plant(t, map[string]string{"/system-update": "/var/lib/PackageKit"}).restart(); !slices.Equal(why, []RestartReason{RestartUpdate}) {
		t.Errorf("%q", why)
	}
}

// holdVariable names the file that a child of this test locks, as dpkg does.
const holdVariable = "TEST_HOLD_LOCK"

// TestHolder has another process lock a file as dpkg does, and asks the real kernel who holds it.
func TestHolder(t *testing.T) {
	if path := os.Getenv(holdVariable); path != "" {
		holdLock(path)
	}
	file := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files := []string{file + ".none", file}
	if locked, _ := tree("/").holder(files); locked {
		t.Fatal("nobody has locked the file yet")
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHolder$")
	child.Env = append(os.Environ(), holdVariable+"="+file)
	held, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	release, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := held.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	locked, comm := tree("/").holder(files)
	name := filepath.Base(os.Args[0])
	if !locked || comm != name[:min(15, len(name))] {
		t.Errorf("%t, held by %q", locked, comm)
	}
	if err := errors.Join(release.Close(), child.Wait()); err != nil {
		t.Fatal(err)
	}
	if locked, _ := tree("/").holder(files); locked {
		t.Error("the file is free again")
	}
}

// holdLock locks a file, says so, and ends the process once stdin is closed.
func holdLock(path string) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		err = syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print("x")
	_, _ = os.Stdin.Read(make([]byte, 1)) // its end is what is waited for
	os.Exit(0)
}

// TestHolder_ByName: where the device of a lock is not stat's, as on btrfs, the command decides.
func TestHolder_ByName(t *testing.T) {
	root := plant(t, map[string]string{"/var/lib/dpkg/status": "", "/var/lib/dpkg/lock-frontend": ""})
	var at unix.Stat_t
	if err := unix.Stat(root.path("/var/lib/dpkg/lock-frontend"), &at); err != nil {
		t.Fatal(err)
	}
	for comm, want := range map[string]bool{"unattended-upgr\n": true, "some-database\n": false} {
		line := "1: POSIX  ADVISORY  WRITE 77 ff:7f:" + strconv.FormatUint(at.Ino, 10) + " 0 EOF\n"
		for path, text := range map[string]string{"/proc/locks": line, "/proc/77/comm": comm} {
			full := root.path(path)
			if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if p := root.packages(); p.Locked != want {
			t.Errorf("%q: %+v", comm, p)
		}
	}
}

func TestAsking(t *testing.T) {
	const tools, bus = "/usr/bin/sudo", "/run/dbus/system_bus_socket"
	uid := os.Getuid()
	for _, c := range []struct {
		what    string
		files   map[string]string
		consent Consent
		euid    int
		tty     bool
		granted bool
		can     Answer
		why     AskReason
	}{
		{"root", nil, ConsentDialog, 0, false, false, Yes, AskRoot},
		{"sudo in a terminal", map[string]string{tools: ""}, ConsentTerminal, 1000, true, false, Yes, AskTerminal},
		{"sudo without a terminal", map[string]string{tools: ""}, ConsentTerminal, 1000, false, false, No, AskNoTTY},
		{"no sudo", nil, ConsentTerminal, 1000, true, false, No, AskNoSudo},
		{"silent, granted by polkit", nil, ConsentSilent, 1000, false, true, Yes, AskGranted},
		{"silent, not granted", nil, ConsentSilent, 1000, false, false, Unknown, AskSilent},
		{"no pkexec", map[string]string{bus: ""}, ConsentDialog, 1000, false, false, No, AskNoPkexec},
		{"no bus", map[string]string{"/usr/bin/pkexec": ""}, ConsentDialog, 1000, false, false, No, AskNoPolkit},
		{"nobody shows the dialog", map[string]string{"/usr/bin/pkexec": "", bus: "", "/proc/5/comm": "bash"}, "", 1000, false, false, Unknown, AskNoAgent},
		{"in a terminal without a desktop", map[string]string{"/usr/bin/pkexec": "", bus: ""}, ConsentDialog, 1000, true, false, Yes, AskTerminal},
	} {
		got := plant(t, c.files).asking(Options{Consent: c.consent}, c.euid, c.tty, func() bool { return c.granted })
		if got.Can != c.can || got.Why != c.why || got.Consent == "" {
			t.Errorf("%s: %+v", c.what, got)
		}
	}
	// A process in /proc belongs to who runs it; the files here are this test's user's.
	desktop := plant(t, map[string]string{"/proc/77/comm": "polkit-kde-auth\n", "/proc/self/comm": "x"})
	if got := desktop.dialogProgram(uid); got != "polkit-kde-auth" {
		t.Errorf("the program is %q", got)
	}
	if got := desktop.dialogProgram(uid + 1); got != "" {
		t.Errorf("another user's %q shows nothing to this one", got)
	}
	if a := plant(t, nil).asking(Options{Root: "/sandbox", Consent: ConsentDialog}, 1000, false, nil); a.Can != Yes {
		t.Errorf("nobody is asked in a sandbox: %+v", a)
	}
}

func TestAddedAuthorities(t *testing.T) {
	ca := newAuthority(t)
	root := plant(t, map[string]string{
		"/usr/local/share/ca-certificates/acme/proxy.crt": string(ca.pem), "/usr/local/share/ca-certificates/README": "no certificate",
		"/etc/pki/ca-trust/source/anchors/": "",
	})
	block, _ := pem.Decode(ca.pem)
	if got := root.addedAuthorities(); len(got) != 1 || !slices.Equal(got[0], block.Bytes) {
		t.Errorf("%d authorities", len(got))
	}
}
