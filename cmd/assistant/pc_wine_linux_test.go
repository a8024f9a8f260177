//go:build pc

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// pc is a computer with Windows, as far as Wine plays one: a folder with a registry, services and a C: drive of its own,
// and processes that end with the test. Whoever uses it is an administrator: Wine knows no others.
type pc struct {
	t      *testing.T
	began  time.Time
	prefix string
	env    []string
}

// wineProgram is the loader of 64-bit programs, which Debian's package keeps off the path.
func wineProgram(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"/usr/lib/wine", "/usr/bin"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name)
		}
	}
	t.Fatalf("%s is not on this computer: .ci/setup wine installs it", name)
	return ""
}

// wineEnv is the environment of Wine's processes: nothing of this computer's but the path. HOME is elsewhere, since Wine
// makes the person's folders out of those that it finds there. Wine's part for screen readers ends a program that calls
// what it lacks, so it is left out, and a program does without.
func wineEnv(prefix string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(prefix), "WINEPREFIX=" + prefix, "WINEDEBUG=-all", "WINEARCH=win64",
		"WINEDLLOVERRIDES=mscoree,mshtml,uiautomationcore=;winemenubuilder.exe=", "LANG=C.UTF-8"}
}

// newPC gives a fresh computer. It is a copy of one that is made once and kept, whose files it shares until it changes
// them.
func newPC(t *testing.T) *pc {
	t.Helper()
	template := wineTemplate(t)
	dir, err := os.MkdirTemp(filepath.Dir(template), "pc-") //nolint:usetesting // beside the template, to share its files
	must(t, err)
	p := &pc{t: t, began: time.Now().Add(-time.Second), prefix: filepath.Join(dir, "prefix")}
	p.env = wineEnv(p.prefix)
	t.Cleanup(func() {
		p.end()
		must(t, os.RemoveAll(dir))
	})
	output(t, exec.Command("cp", "--archive", "--link", template, p.prefix))
	registry, err := filepath.Glob(filepath.Join(template, "*.reg"))
	must(t, err)
	output(t, exec.Command("cp", append([]string{"--archive", "--remove-destination", "--target-directory", p.prefix}, registry...)...))
	return p
}

// end stops whatever still runs on the computer.
func (p *pc) end() {
	server := exec.Command(wineProgram(p.t, "wineserver"), "--kill", "--wait")
	server.Env = p.env
	_ = server.Run() // nothing runs any more
}

// wineTemplate gives the folder that computers are copied from. It is made once for each version of Wine and kept.
func wineTemplate(t *testing.T) string {
	t.Helper()
	version := output(t, exec.Command(wineProgram(t, "wine64"), "--version"))
	cache, err := os.UserCacheDir()
	must(t, err)
	dir := filepath.Join(cache, "enrollment-assistant", fmt.Sprintf("wine-%x", sha256.Sum256(append([]byte(version), prngDLL()...)))[:17])
	must(t, os.MkdirAll(dir, 0o755))
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	must(t, err)
	defer func() { _ = lock.Close() }()
	must(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	template := filepath.Join(dir, "template")
	if _, err := os.Stat(template); err == nil {
		return template
	}
	fresh := filepath.Join(dir, "new")
	must(t, os.RemoveAll(fresh))
	for _, args := range [][]string{{"wineboot", "--init"}, {"winecfg", "-v", "win10"}} { // it would call itself Windows 7
		boot := exec.Command(wineProgram(t, "wine64"), args...)
		boot.Env = wineEnv(fresh)
		output(t, boot)
	}
	wait := exec.Command(wineProgram(t, "wineserver"), "--wait")
	wait.Env = wineEnv(fresh)
	output(t, wait)
	must(t, os.WriteFile(filepath.Join(fresh, "drive_c/windows/system32/bcryptprimitives.dll"), prngDLL(), 0o644))
	must(t, os.Rename(fresh, template))
	return template
}

// path is where a file of the computer lies on this one. Names there are the same in capitals.
func (p *pc) path(name string) string {
	at := filepath.Join(p.prefix, "drive_c")
	for part := range strings.SplitSeq(strings.TrimPrefix(name, `C:\`), `\`) {
		next := filepath.Join(at, part)
		entries, err := os.ReadDir(at)
		for i := 0; err == nil && i < len(entries); i++ {
			if strings.EqualFold(entries[i].Name(), part) {
				next = filepath.Join(at, entries[i].Name())
			}
		}
		at = next
	}
	return at
}

// outside is what the computer calls a file of this one.
func (p *pc) outside(file string) string { return `Z:` + strings.ReplaceAll(file, "/", `\`) }

// command prepares a program of the computer.
func (p *pc) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, wineProgram(p.t, "wine64"), args...)
	cmd.Env, cmd.Dir = p.env, p.path(`C:\windows\temp`)
	cmd.WaitDelay = time.Second // services inherit the pipes
	return cmd
}

// servePC starts a server with packages for its own ports.
func servePC(t *testing.T) (*stub.Server, stub.Ports) {
	t.Helper()
	return &stub.Server{Data: t.TempDir(), WindowsAgent: windowsProgram(t, "server-stub.exe")}, stub.Ports{}
}

// stock fills both shelves.
func (s *pcStub) stock() {
	s.t.Helper()
	_, err := s.Artifacts(s.t.Context())
	must(s.t, err)
}

// admin puts a file on the computer as an administrator does. Under Wine its owner and access list are made up from those
// here: only root may write it.
func (p *pc) admin(name string, content []byte) {
	p.t.Helper()
	must(p.t, os.MkdirAll(filepath.Dir(p.path(name)), 0o755))
	must(p.t, os.WriteFile(p.path(name), content, 0o600))
}

// copyProgram puts a program on the computer.
func (p *pc) copyProgram(name, to string) {
	p.t.Helper()
	raw, err := os.ReadFile(windowsProgram(p.t, name))
	must(p.t, err)
	must(p.t, os.MkdirAll(filepath.Dir(p.path(to)), 0o755))
	must(p.t, os.WriteFile(p.path(to), raw, 0o755))
}

// enrollProgram is the test build: Wine lets every file belong to the person alone, so that no profile is protected and
// the release build honours none that names a stub.
const enrollProgram = "qa/assistant-cli.exe"

// passes has tests of package platform run on the computer, each to a good end.
func (p *pc) passes(names ...string) {
	p.t.Helper()
	p.copyProgram("platform.test.exe", `C:\test\platform.test.exe`)
	out, code := p.run(`C:\test\platform.test.exe`, "-test.v", "-test.run", "^("+strings.Join(names, "|")+")$")
	if code != 0 {
		p.t.Errorf("they end with %d:\n%s", code, out)
	}
	for _, name := range names {
		if !strings.Contains(out, "--- PASS: "+name+" ") {
			p.t.Errorf("%s did not run to a good end", name)
		}
	}
}

// The pipe of the channel is attacked under Wine as on Windows: by another client, a second listener, and a process that
// nobody started.
func TestPC_Channel(t *testing.T) {
	newPC(t).passes("TestElevate", "TestElevate_AnotherUser", "TestAdmits_OnlyTheStarted", "TestListenChannel_IsTheFirst", "TestDialAsker", "TestDebugging")
}

// The Credential Manager remembers the key for this person.
func TestPC_Keychain(t *testing.T) { newPC(t).passes("TestKeychain") }

// The Windows Installer is stopped when it is not done in time, and undoes what it did.
func TestPC_Late(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	p.env = append(p.env, "LATE_MSI="+p.outside(s.packageFor("2.166.2")))
	p.passes("TestInstallFile_Late")
	if p.has(agentExe) || p.has(agentConf) {
		t.Error("something is installed")
	}
}

// Under Wine every file belongs to the person, who is no administrators' group: the release build then honours nothing of
// a profile that could do harm.
func TestPC_Unprotected(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	s.furnish(p)
	p.copyProgram("assistant-cli.exe", pcProgram)
	out, _ := p.run(pcProgram, "profile", "check", pcProfile)
	for _, want := range []string{"is not protected", "ignored  /endpoints/console", "ignored  /ca", "ignored  /windows/signer", "counts   /organization/name"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}
