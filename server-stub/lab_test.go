//go:build linux

package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

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
	for _, name := range []string{"ca.crt", "ca.key", "publisher.key"} {
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
	if err == nil { // it has started the agent; one that nobody knows yet would write while its folder is removed
		eventually(l.t, "the agent names its process", func() bool { return l.pid() != 0 })
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
