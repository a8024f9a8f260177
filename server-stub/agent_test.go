//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// lab is a stub server with its demo organization and a computer, which is a folder.
type lab struct {
	t      *testing.T
	server *stub.Server
	at     stub.Addresses
	root   place
	nora   stub.User
	ada    stub.Admin
}

// shelved is the data folder of a server that has built its packages: packing takes longer than most tests.
var shelved = sync.OnceValues(func() (string, error) {
	program, err := built.stub()
	if err != nil {
		return "", err
	}
	s := &stub.Server{Data: filepath.Join(built.dir, "shelved"), AgentProgram: program}
	_, err = s.Packages(context.Background())
	return s.Data, errors.Join(err, s.Close())
})

// newLab makes a lab whose server has the authority that all labs share, and so its packages.
func newLab(t *testing.T) *lab {
	t.Helper()
	from, err := shelved()
	must(t, err)
	data := t.TempDir()
	for _, name := range []string{"ca.crt", "ca.key"} {
		must(t, os.WriteFile(filepath.Join(data, name), []byte(readFile(t, filepath.Join(from, name))), 0o600))
	}
	must(t, os.CopyFS(filepath.Join(data, "production"), os.DirFS(filepath.Join(from, "production"))))
	return newLabIn(t, data)
}

func newLabIn(t *testing.T, data string) *lab {
	t.Helper()
	settings := stub.DefaultSettings()
	// Whatever this runs on is supported, but for what a test says is not.
	release := place("").osRelease()
	settings.Supported = append(settings.Supported, stub.Support{ID: release["ID"], Names: []string{lowerName(release)},
		Versions: []string{release["VERSION_ID"]}, Format: "deb"})
	l := &lab{t: t, root: place(t.TempDir()), server: &stub.Server{Data: data, AgentProgram: stubProgram(t), Initial: &settings}}
	t.Cleanup(func() {
		must(t, l.server.Close())
		if pid := l.pid(); pid != 0 {
			eventually(t, "the agent ends after its stub", func() bool { return !running(pid) })
		}
	})
	must(t, l.server.Demo(t.Context()))
	var err error
	l.at, err = l.server.Start(stub.Ports{})
	must(t, err)
	users, err := l.server.Users(t.Context())
	must(t, err)
	l.nora = users[slices.IndexFunc(users, func(u stub.User) bool { return u.Username == "nora" })]
	admins, err := l.server.Admins(t.Context())
	must(t, err)
	l.ada = admins[slices.IndexFunc(admins, func(a stub.Admin) bool { return a.Role == stub.RoleAdministrator })]
	return l
}

func (l *lab) key() string {
	l.t.Helper()
	k, err := l.server.IssueKey(l.t.Context(), l.nora)
	must(l.t, err)
	return k.Value
}

func (l *lab) file(name string) string { return l.root.path(name) }

func (l *lab) log() string {
	raw, err := os.ReadFile(l.file(logFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.t.Fatal(err)
	}
	return string(raw)
}

// pid is the agent's process, 0 when there is none.
func (l *lab) pid() int {
	raw, err := os.ReadFile(l.file(pidFile))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(raw)))
	return pid
}

// running tells whether a process runs, as opposed to having ended without anybody to wait for it.
func running(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// await waits until the server's state is as wanted.
func (l *lab) await(what string, holds func(stub.Snapshot) bool) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	if err := l.server.Await(ctx, holds); err != nil {
		l.t.Fatalf("%s: %v\n%s", what, err, l.log())
	}
}

func (l *lab) snapshot() stub.Snapshot {
	l.t.Helper()
	s, err := l.server.Snapshot(l.t.Context())
	must(l.t, err)
	return s
}

// kickstart runs the command that the portal shows, without sudo and within the sandbox.
func (l *lab) kickstart(key string, env ...string) (output string, code int) {
	l.t.Helper()
	cmd := exec.Command("bash", "-c", `set -o pipefail; curl --tlsv1.2 --silent --show-error --cacert "$CA" --config - "$URL/Kickstart" <<<"header = \"x-connect-key: $CONNECT\"" | bash`)
	cmd.Env = append(append(os.Environ(), "STUB_ROOT="+string(l.root), "CA="+l.at.CAFile, "URL="+l.at.Console, "CONNECT="+key), env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		l.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (l *lab) enrollByScript() string {
	l.t.Helper()
	out, code := l.kickstart(l.key())
	if code != 0 {
		l.t.Fatalf("kickstart ended with %d:\n%s", code, out)
	}
	l.await("the device is there", func(s stub.Snapshot) bool { return len(s.Systems) == 1 && !s.Systems[0].LastContact.IsZero() })
	return out
}

func TestAgent_ScriptWay(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	s := l.snapshot()
	y := s.Systems[0]
	if y.ProvisionerID != l.nora.ID || y.AgentVersion != "2.166.2" || y.OSFamily != "linux" || y.Arch != machine() || y.Hostname == "" || len(y.BoundUserIDs) != 0 {
		t.Errorf("the device is %+v", y)
	}
	if len(s.Outbox) != len(s.Admins) {
		t.Errorf("%d mails for %d admins", len(s.Outbox), len(s.Admins))
	}
	eventually(t, "jcagent.conf has the system's key", func() bool {
		return regexp.MustCompile(`^\{.*"systemKey":"` + y.ID + `".*\}\n$`).MatchString(readFile(t, l.file(confFile)))
	})
	for name, mode := range map[string]fs.FileMode{jcDir: fs.ModeDir | 0o700, keyFile: 0o600, certFile: 0o600, confFile: 0o600, logFile: 0o600,
		"/opt/jc/bin/jumpcloud-agent": 0o755} {
		info, err := os.Stat(l.file(name))
		must(t, err)
		if info.Mode() != mode {
			t.Errorf("%s is %v, want %v", name, info.Mode(), mode)
		}
	}
	if v := readFile(t, l.file(versionFile)); v != "2.166.2" {
		t.Errorf("version.txt is %q", v)
	}
	form := regexp.MustCompile(`(?m)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[` + strconv.Itoa(l.pid()) + `\] \[INFO\] poll ok$`)
	eventually(t, "a poll is in the log", func() bool { return form.MatchString(l.log()) })
}

func TestAgent_BindUnbindDelete(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	id := l.snapshot().Systems[0].ID
	managed := func(want string) {
		t.Helper()
		eventually(t, "managedUsers.json is "+want, func() bool {
			raw, err := os.ReadFile(l.file(managedFile))
			return err == nil && strings.TrimSpace(string(raw)) == want
		})
	}
	managed(`[]`)
	must(t, l.server.Bind(t.Context(), l.ada, id, l.nora.ID))
	managed(`[{"username":"nora"}]`)
	must(t, l.server.Unbind(t.Context(), l.ada, id, l.nora.ID))
	managed(`[]`)
	pid := l.pid()
	must(t, l.server.DeleteSystem(t.Context(), l.ada, id))
	eventually(t, "the agent removed itself", func() bool {
		_, err := os.Stat(l.file(jcDir))
		return errors.Is(err, fs.ErrNotExist) && !running(pid)
	})
	if l.pid() != 0 {
		t.Error("the pid file is still there")
	}
}

func TestAgent_ScriptUpgrades(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	before := l.snapshot()
	first := l.pid()
	change := func(version string) {
		t.Helper()
		must(t, l.server.ChangeSettings(func(s *stub.Settings) { s.AgentVersion = version }))
	}
	change("2.200.0")
	out, code := l.kickstart(l.key())
	if code != 0 || !strings.Contains(out, "It keeps its certificate.") {
		t.Fatalf("the upgrade ended with %d:\n%s", code, out)
	}
	l.await("the new version", func(s stub.Snapshot) bool { return s.Systems[0].AgentVersion == "2.200.0" })
	second := l.pid()
	if first == second || running(first) {
		t.Error("the agent before the upgrade still runs")
	}
	// An older package is never put over a newer agent.
	change("2.180.0")
	out, code = l.kickstart(l.key())
	if code != 0 || !strings.Contains(out, "(2.200.0) is newer than the one of the server (2.180.0). Nothing was changed.") {
		t.Errorf("an older package ended with %d:\n%s", code, out)
	}
	if l.pid() != second || readFile(t, l.file(versionFile)) != "2.200.0" {
		t.Error("the newer agent was touched")
	}
	after := l.snapshot()
	if len(after.Systems) != 1 || after.Systems[0].ID != before.Systems[0].ID || len(after.Outbox) != len(before.Outbox) {
		t.Errorf("an upgrade made a device or a mail: %+v", after)
	}
}

// unpackAndStart is the package way in a sandbox, as the assistant does it.
func (l *lab) unpackAndStart(key string) {
	l.t.Helper()
	l.unpack()
	l.bootstrap(key)
	cmd := exec.Command(l.file("/opt/jc/bin/"+agentProgram), "run", "--root", string(l.root))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	must(l.t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is ended by its stub
	}()
	l.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		<-ended
	})
}

func (l *lab) unpack() {
	l.t.Helper()
	shelf, err := l.server.Packages(l.t.Context())
	must(l.t, err)
	deb := shelf[slices.IndexFunc(shelf, func(p stub.Package) bool { return p.Format == "deb" })]
	out, err := exec.Command("dpkg-deb", "--extract", filepath.Join(l.server.Data, "production", deb.File), string(l.root)).CombinedOutput()
	if err != nil {
		l.t.Fatalf("%v: %s", err, out)
	}
}

func (l *lab) bootstrap(key string) {
	l.t.Helper()
	must(l.t, l.root.writeJSON(bootstrapFile, bootstrap{l.at.Console, l.at.Private, key}))
}

func TestAgent_PackageWay(t *testing.T) {
	l := newLab(t)
	l.unpackAndStart(strings.Repeat("0", 40))
	refused := regexp.MustCompile(`(?m)\[ERROR\] enrollment refused: 403 `)
	eventually(t, "the refusal is in the log", func() bool { return refused.MatchString(l.log()) })
	// Another key is tried at once, not only after the slow retry.
	key := l.key()
	l.bootstrap(key)
	l.await("the device is there", func(s stub.Snapshot) bool { return len(s.Systems) == 1 && !s.Systems[0].LastContact.IsZero() })
	if _, err := os.Stat(l.file(bootstrapFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the bootstrap file is still there: %v", err)
	}
	must(t, filepath.WalkDir(string(l.root), func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && bytes.Contains([]byte(readFile(t, name)), []byte(key)) {
			t.Errorf("the connect key is in %s", name)
		}
		return err
	}))
	// A second install: the certificate is known, so the device stays the same and nobody is told.
	before := l.snapshot()
	pid := l.pid()
	l.unpackAndStart(l.key())
	eventually(t, "the second agent took over", func() bool { return l.pid() != pid && l.pid() != 0 && !running(pid) })
	eventually(t, "the second bootstrap file is used", func() bool {
		_, err := os.Stat(l.file(bootstrapFile))
		return errors.Is(err, fs.ErrNotExist) && strings.Contains(l.log(), "certificate kept")
	})
	after := l.snapshot()
	if len(after.Systems) != 1 || after.Systems[0].ID != before.Systems[0].ID || len(after.Outbox) != len(before.Outbox) {
		t.Errorf("an upgrade made a device or a mail: %+v", after)
	}
}

func TestAgent_PackageWayUnsupported(t *testing.T) {
	l := newLab(t)
	must(t, os.Mkdir(l.file("/etc"), 0o755))
	must(t, os.WriteFile(l.file("/etc/os-release"), []byte("NAME=\"Arch Linux\"\nID=arch\n"), 0o600))
	l.unpackAndStart(l.key())
	eventually(t, "the log says so", func() bool {
		return strings.Contains(l.log(), "Could not get the Linux template ID from the server for arch='"+machine()+"', os='Arch Linux") &&
			strings.Contains(l.log(), "Template ID request failed with status=400")
	})
	if s := l.snapshot(); len(s.Systems)+len(s.Outbox) != 0 {
		t.Errorf("a failed install left %+v", s)
	}
}

func TestAgent_EndsWithItsFolder(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	pid := l.pid()
	must(t, os.RemoveAll(l.file("/")))
	eventually(t, "the agent ends", func() bool { return !running(pid) })
}

func TestAgent_RegistersAgainAfterLosingItsConfiguration(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	before := l.snapshot()
	c, err := l.root.readConf()
	must(t, err)
	c.SystemKey = ""
	must(t, l.root.writeConf(c))
	l.unpackAndStart("")
	must(t, os.Remove(l.file(bootstrapFile)))
	eventually(t, "the same system's key", func() bool {
		c, err := l.root.readConf()
		return err == nil && c.SystemKey == before.Systems[0].ID
	})
	if after := l.snapshot(); len(after.Systems) != 1 || len(after.Outbox) != len(before.Outbox) {
		t.Errorf("it became another device: %+v", after)
	}
}

// TestAgent_AnotherServer moves a computer from one server to another and back. Each knows only its own certificates.
func TestAgent_AnotherServer(t *testing.T) {
	first, second := newLab(t), newLabIn(t, t.TempDir())
	second.root = first.root
	first.enrollByScript()
	if out := second.enrollByScript(); strings.Contains(out, "keeps its certificate") {
		t.Errorf("a certificate of another server was kept:\n%s", out)
	}
	first.unpackAndStart(first.key())
	first.await("a new device", func(s stub.Snapshot) bool { return len(s.Systems) == 2 && !s.Systems[0].LastContact.IsZero() })
	if c, err := first.root.readConf(); err != nil || c.server() != first.at.Private || c.SystemKey == "" {
		t.Errorf("the configuration is %+v: %v", c, err)
	}
}

func TestKickstart_Refusals(t *testing.T) {
	const failed = "It appears your agent installation has failed. Please contact support@jumpcloud.com."
	for name, c := range map[string]struct {
		prepare func(*testing.T, *lab)
		tools   []string
		key     func(*lab) string
		says    string
	}{
		"unsupported": {prepare: func(t *testing.T, l *lab) {
			must(t, os.Mkdir(l.file("/etc"), 0o755))
			must(t, os.WriteFile(l.file("/etc/os-release"), []byte("NAME=Gentoo\nVERSION_ID=2.17\n"), 0o600))
		}, says: "Your OS/architecture [Gentoo 2.17/" + machine() + "] is not supported."},
		"clock": {prepare: func(_ *testing.T, l *lab) { l.server.MoveClock(time.Hour) },
			key: func(l *lab) string { return l.ada.ConnectKey }, says: "Your system time seems inaccurate."},
		"foreign": {prepare: func(t *testing.T, l *lab) {
			must(t, os.MkdirAll(l.file(jcDir), 0o700))
			must(t, os.WriteFile(l.file(confFile), []byte("{}"), 0o600))
		}, says: "This computer already has an agent in "},
		"commands": {tools: []string{"bash", "curl", "cat", "mkdir", "chmod", "mktemp", "rm", "tee"},
			says: "Missing necessary install commands: cut date grep head"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			if c.prepare != nil {
				c.prepare(t, l)
			}
			key := l.key()
			if c.key != nil {
				key = c.key(l)
			}
			var env []string
			if c.tools != nil {
				env = []string{"PATH=" + onlyCommands(t, c.tools...)}
			}
			out, code := l.kickstart(key, env...)
			if code != 1 || !strings.Contains(out, c.says) || !strings.HasSuffix(strings.TrimSpace(out), failed) {
				t.Errorf("it ended with %d:\n%s", code, out)
			}
			if s := l.snapshot(); len(s.Systems)+len(s.Outbox) != 0 {
				t.Errorf("a failed install left %+v", s)
			}
			if name == "foreign" && readFile(t, l.file(confFile)) != "{}" {
				t.Error("the foreign agent was touched")
			}
		})
	}
}

// onlyCommands is a PATH of these commands alone.
func onlyCommands(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path, err := exec.LookPath(name)
		must(t, err)
		must(t, os.Symlink(path, filepath.Join(dir, name)))
	}
	return dir
}

// TestKickstart_KeyStaysOffArguments watches every curl that the script starts.
func TestKickstart_KeyStaysOffArguments(t *testing.T) {
	l := newLab(t)
	curl, err := exec.LookPath("curl")
	must(t, err)
	dir := t.TempDir()
	seen := filepath.Join(dir, "arguments")
	must(t, os.WriteFile(filepath.Join(dir, "curl"), []byte("#!/bin/sh\nprintf '%s\\n' \"$*\" >>'"+seen+"'\nexec "+curl+" \"$@\"\n"), 0o755))
	key := l.key()
	out, code := l.kickstart(key, "PATH="+dir+":"+os.Getenv("PATH"))
	if code != 0 {
		t.Fatalf("kickstart ended with %d:\n%s", code, out)
	}
	arguments := readFile(t, seen)
	if strings.Count(arguments, "\n") < 6 || strings.Contains(arguments, key) {
		t.Errorf("curl was called with:\n%s", arguments)
	}
	if strings.Contains(out+readFile(t, l.file("/opt/jc/jcagentInstall.log")), key) {
		t.Error("the key is in the output or the log")
	}
}

// TestKickstart_KeyRefusedAfterFetch is a key that runs out between the script's download and its first request.
func TestKickstart_KeyRefusedAfterFetch(t *testing.T) {
	l := newLab(t)
	script, err := exec.Command("curl", "--silent", "--show-error", "--fail", "--cacert", l.at.CAFile, "--header", "x-connect-key: "+l.key(), l.at.Console+"/Kickstart").Output()
	must(t, err)
	l.server.MoveClock(61 * time.Minute)
	cmd := exec.Command("bash")
	cmd.Stdin = bytes.NewReader(script)
	cmd.Env = append(os.Environ(), "STUB_ROOT="+string(l.root))
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "HTTP 403") {
		t.Errorf("it ended with %v:\n%s", err, out)
	}
	// Cut short anywhere, it must do nothing at all.
	for _, part := range []int{2, 3} {
		half := exec.Command("bash")
		half.Stdin = bytes.NewReader(script[:len(script)*(part-1)/part])
		half.Env = append(os.Environ(), "STUB_ROOT="+filepath.Join(string(l.root), "half"))
		_ = half.Run() // a syntax error or nothing; what counts is what it left
		if _, err := os.Stat(l.file("/half")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%d/%d of the script did something", part-1, part)
		}
	}
}
