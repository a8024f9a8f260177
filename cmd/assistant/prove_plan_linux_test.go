package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers the format
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // as above

	"example.com/enrollment-assistant/steps"
)

// Where the channel is, as the elevated side sees it, and the user who asked.
const (
	doorPath = "/door/channel"
	asking   = 65534
)

// agentFiles is what an agent leaves that has registered.
const agentFiles = `mkdir -p /opt/jc/bin
echo '{"systemKey":"64930a6d00466f31842811a1"}' >/opt/jc/jcagent.conf
echo cert >/opt/jc/client.crt
`

// systemctl stands in for systemd, which runs in no chroot: the agent's service is up.
const systemctl = "#!/bin/sh\nprintf 'LoadState=loaded\\nActiveState=active\\nSubState=running\\nNRestarts=0\\nActiveEnterTimestampMonotonic=1\\n'\n"

// inspected is a computer whose every file is this one's, but whose changes nobody else sees: an overlay in a mount
// namespace. The release build's elevated side runs in it as root, and strace watches.
type inspected struct {
	t       *testing.T
	dir     string
	profile map[string]any
	url     string
	before  string // what is done in it before the plan is made, a shell script …
	after   string // … and once the elevated side has ended
}

// newInspected starts a kickstart server and writes what lies on the computer.
func newInspected(t *testing.T, program, script string) *inspected {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, script) }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	dir, err := os.MkdirTemp("", "inspected-") //nolint:usetesting // the other user enters it
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	c := &inspected{t: t, dir: dir, url: s.URL, profile: map[string]any{
		"endpoints": map[string]any{"console": s.URL, "kickstart": s.URL, "privateKickstart": s.URL, "agent": s.URL, "packages": s.URL},
		"ca":        string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})),
	}}
	for _, folder := range []string{"ov", "door", "files/etc/enrollment-assistant", "files/usr/bin"} {
		must(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
	}
	must(t, errors.Join(os.Chmod(dir, 0o755), os.Chown(filepath.Join(dir, "door"), asking, asking), os.Chmod(filepath.Join(dir, "door"), 0o700)))
	must(t, os.WriteFile(filepath.Join(dir, "files/usr/bin/systemctl"), []byte(systemctl), 0o755))
	must(t, os.Link(program, filepath.Join(dir, "files/usr/bin/assistant-cli")))
	return c
}

// inside makes the computer and runs a shell line in it; $R is its root.
func (c *inspected) inside(line string) *exec.Cmd {
	const prepare = `set -e
D=$1 R=$1/ov/root
mount -t tmpfs -o mode=0755 none $D/ov
mkdir $D/ov/up $D/ov/work $R
mount -t overlay overlay -o lowerdir=/,upperdir=$D/ov/up,workdir=$D/ov/work $R
mount -t proc proc $R/proc
mount --rbind /dev $R/dev
mkdir -p $R/door $R/run/systemd/system $R/run/dbus
: >$R/run/dbus/system_bus_socket # nobody listens, but it is tried
mount --bind $D/door $R/door
rm -rf $R/opt/jc $R/etc/enrollment-assistant $R/usr/bin/systemctl
cp -a $D/files/. $R/
chown -R 0:0 $R/etc/enrollment-assistant
`
	cmd := exec.Command("/usr/bin/unshare", "--mount", "/bin/sh", "-c", prepare+line, "sh", c.dir)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	return cmd
}

// writeProfile writes the profile that only root can change.
func (c *inspected) writeProfile() {
	c.t.Helper()
	text, err := json.Marshal(c.profile)
	must(c.t, err)
	must(c.t, os.WriteFile(filepath.Join(c.dir, "files", systemProfilePath), text, 0o644))
}

const systemProfilePath = "/etc/enrollment-assistant/profile.json"

// plan gives the details of the plan that the user is shown.
func (c *inspected) plan() []string {
	c.t.Helper()
	cmd := c.inside(c.before + `
exec chroot $R /usr/bin/setpriv --reuid 65534 --regid 65534 --clear-groups /usr/bin/env HOME=/door /usr/bin/assistant-cli plan --json`)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	must(c.t, cmd.Run())
	details := planDetails(c.t, out.Bytes())
	if len(details) == 0 {
		c.t.Fatalf("no plan: %s %s", &out, &errs)
	}
	return details
}

// planDetails gives the details of what `plan --json` prints.
func planDetails(t *testing.T, text []byte) (details []string) {
	t.Helper()
	var shown struct {
		Plan  *steps.InstallPlan
		Lines []steps.PlanLine
	}
	must(t, json.Unmarshal(text, &shown))
	if shown.Plan != nil {
		shown.Lines = shown.Plan.Lines
	}
	for _, l := range shown.Lines {
		details = append(details, l.Details...)
	}
	return details
}

// elevate runs a job to its end, under strace, and gives what was done and how it ended. pack is sent when it is asked
// for; stopAt ends the job when a phase is reported.
func (c *inspected) elevate(job map[string]any, before string, pack []byte, stopAt string) (trace, string) {
	c.t.Helper()
	c.writeProfile()
	l := listenAs(c.t, filepath.Join(c.dir, "door", "channel"))
	cmd := c.inside(before + `
export PKEXEC_UID=65534
strace -f -qq -s 4096 -o $D/trace -e ` + traceSet + ` chroot $R /usr/bin/assistant-cli elevated ` + doorPath + ` || true
` + c.after)
	var errs bytes.Buffer
	cmd.Stderr, cmd.Stdout = &errs, &errs
	must(c.t, cmd.Start())
	defer func() { _ = cmd.Wait() }() // how it ended is told over the channel
	_ = l.SetDeadline(time.Now().Add(3 * time.Minute))
	conn, err := l.Accept()
	if err != nil {
		_ = cmd.Process.Kill()
		c.t.Fatalf("it did not connect: %v: %s", err, &errs)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Minute))
	text, err := json.Marshal(map[string]any{"job": job})
	must(c.t, err)
	_, err = conn.Write(append(text, '\n'))
	must(c.t, err)
	end := c.follow(conn, pack, stopAt)
	_ = conn.Close()
	_ = cmd.Wait()
	return readTrace(c.t, filepath.Join(c.dir, "trace")), end
}

// follow answers the elevated side until it ends, and gives its error's code or "done".
func (c *inspected) follow(conn net.Conn, pack []byte, stopAt string) string {
	c.t.Helper()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m struct {
			Send, Done bool
			Report     *struct{ Phase, Output string }
			Error      *struct{ Code, Detail string }
		}
		must(c.t, json.Unmarshal(lines.Bytes(), &m))
		switch {
		case m.Send && stopAt == "receive-package":
			_, err := conn.Write(pack[:len(pack)/2])
			must(c.t, errors.Join(err, conn.(*net.UnixConn).CloseWrite()))
		case m.Send:
			_, err := conn.Write(pack)
			must(c.t, err)
		case m.Report != nil && (m.Report.Phase == stopAt && stopAt != "receive-package" || m.Report.Phase == "watch"):
			_, _ = io.WriteString(conn, `{"stop":true}`+"\n")
		case m.Error != nil:
			c.t.Logf("ended: %s: %s", m.Error.Code, m.Error.Detail)
			return m.Error.Code
		case m.Done:
			return "done"
		}
	}
	c.t.Fatalf("no end: %v", lines.Err())
	return ""
}

// listenAs listens as the user who asks.
func listenAs(t *testing.T, path string) *net.UnixListener {
	t.Helper()
	made := make(chan error)
	var l net.Listener
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, asking, asking, asking); errno != 0 {
			made <- errno
			return
		}
		var err error
		l, err = net.Listen("unix", path)
		made <- err
	}()
	must(t, <-made)
	t.Cleanup(func() { _ = l.Close() })
	return l.(*net.UnixListener)
}

// tracedPackage is an agent's package, a deb or an rpm, with a maintainer script, and its hash.
func tracedPackage(t *testing.T, format, version, postinst string) (content []byte, sum string) {
	t.Helper()
	dir := t.TempDir()
	must(t, errors.Join(
		os.WriteFile(filepath.Join(dir, "agent"), []byte("#!/bin/sh\n"), 0o755),
		os.WriteFile(filepath.Join(dir, "postinst"), []byte("#!/bin/sh\n"+postinst), 0o755)))
	var out bytes.Buffer
	packager, err := nfpm.Get(format)
	must(t, err)
	must(t, packager.Package(nfpm.WithDefaults(&nfpm.Info{
		Name: "jcagent", Arch: runtime.GOARCH, Platform: "linux", Version: version, Maintainer: "Nobody <nobody@acme.example>", Description: "agent",
		Overridables: nfpm.Overridables{
			Contents: files.Contents{{Source: filepath.Join(dir, "agent"), Destination: "/opt/jc/bin/jumpcloud-agent", FileInfo: &files.ContentFileInfo{Mode: 0o755}}},
			Deb:      nfpm.Deb{Compression: "xz"}, // as distributions pack theirs
			Scripts:  nfpm.Scripts{PostInstall: filepath.Join(dir, "postinst")},
		},
	}), &out))
	hash := sha256.Sum256(out.Bytes())
	return out.Bytes(), hex.EncodeToString(hash[:])
}

// tracedRun is one run of the elevated side.
type tracedRun struct {
	what    string
	script  string
	pack    string // version; empty for the script way
	post    string
	before  string // in the computer, before the job
	profile string // of the job
	stopAt  string
	end     string
	runs    string // a command of the plan that must have been seen
}

// hold runs it and compares what was seen with the plan.
func (c tracedRun) hold(t *testing.T, program string) {
	t.Helper()
	computer := newInspected(t, program, c.script)
	computer.before = c.before
	job := map[string]any{"verb": "install", "way": "script", "key": strings.Repeat("0", 40), "kickstartUrl": computer.url, "profile": c.profile}
	var content []byte
	if c.pack != "" {
		var sum string
		content, sum = tracedPackage(t, "deb", c.pack, c.post)
		computer.profile["linux"] = map[string]any{"install": "package", "sha256": sum}
		if c.end == "package-pin" {
			computer.profile["linux"] = map[string]any{"install": "package", "sha256": strings.Repeat("0", 64)}
		}
		job["way"], job["privateKickstartUrl"] = "package", computer.url
		job["package"] = map[string]any{"size": len(content), "sha256": sum, "name": "jcagent", "version": c.pack}
	}
	seen, end := computer.elevate(job, c.before, content, c.stopAt)
	if end != c.end {
		t.Errorf("it ended with %s, want %s", end, c.end)
	}
	for _, what := range seen.unplanned(computer.plan()) {
		t.Errorf("not in the plan: %s", what)
	}
	met := slices.ContainsFunc(seen.execs, func(argv []string) bool { return filepath.Base(argv[0]) == c.runs })
	if c.end == "package-pin" && len(seen.execs) > 0 {
		t.Errorf("it ran %q", seen.execs)
	}
	if c.runs != "" && !met {
		t.Errorf("%s was not seen to run: %q", c.runs, seen.execs)
	}
	for _, path := range seen.opens {
		for _, theirs := range []string{"/door", "/tmp/", "/var/tmp/", "/dev/shm/", "/home/", "/run/user/"} {
			if strings.HasPrefix(path, theirs) {
				t.Errorf("opened, though the user can write it: %s", path)
			}
		}
	}
	t.Logf("%d commands, %d writes, %d connections of ours", len(seen.execs), len(seen.writes), len(seen.connects))
}

// TestProve_Plan runs the release build's elevated side as root, for a user without rights, and holds every command,
// every file that is written and every connection of its own against the plan that this user is shown. What the
// vendor's installer did is one item of the plan; it is only counted.
func TestProve_Plan(t *testing.T) {
	var tried, held atomic.Int64
	t.Cleanup(func() { fmt.Printf("proof plan tried=%d held=%d\n", tried.Load(), held.Load()) })
	program := ""
	if os.Geteuid() == 0 {
		bin := t.TempDir()
		goBuild(t, bin, "assistant-cli", "nogui", ".")
		program = filepath.Join(bin, "assistant-cli")
	}
	script := "#!/bin/bash\n" + agentFiles
	for _, c := range []tracedRun{
		{"script way", script, "", "", "", systemProfilePath, "", "done", "bash"},
		{"script way, stopped while the script runs", script, "", "", "", systemProfilePath, "run-script", "internal", "bash"},
		{"script that fails", "#!/bin/bash\nexit 7\n", "", "", "", systemProfilePath, "", "script-failed", "bash"},
		{"a user's own profile", script, "", "", "cp $R" + systemProfilePath + " $R/door/profile.json; chown 65534 $R/door/profile.json", "/door/profile.json", "", "untrusted", ""},
		{"package way", "", "2.166.2", agentFiles, "", systemProfilePath, "", "done", "dpkg"},
		{"package way, an upgrade", "", "2.166.3", "", "mkdir -p $R/opt/jc; chroot $R /bin/sh -c \"" + strings.ReplaceAll(agentFiles, `"`, `\"`) + "\"", systemProfilePath, "", "done", "dpkg"},
		{"package that fails", "", "2.166.2", "exit 3\n", "", systemProfilePath, "", "package-kept", "dpkg"}, // systemctl says that an agent ran before
		{"package that is refused", "", "2.166.2", "touch /canary\n", "", systemProfilePath, "", "package-pin", ""},
		{"package way, stopped while the package comes", "", "2.166.2", agentFiles, "", systemProfilePath, "receive-package", "internal", ""},
	} {
		tried.Add(1)
		if program == "" {
			t.Logf("%s: needs root, not run", c.what)
			continue
		}
		ran := false
		ok := t.Run(c.what, func(t *testing.T) {
			ran = true
			c.hold(t, program)
		})
		if ok && ran {
			held.Add(1)
		}
	}
}
