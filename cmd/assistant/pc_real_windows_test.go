//go:build pc

package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/windows/registry"

	"example.com/enrollment-assistant/server-stub/stub"
)

// pc is this computer. Tests install services on it, trust a test publisher and remove the agent again, so that they run
// only on one that is thrown away afterwards.
type pc struct {
	t     *testing.T
	began time.Time
}

func newPC(t *testing.T) *pc {
	t.Helper()
	if os.Getenv("PC_SACRIFICE") == "" {
		t.Fatal("this would install services and trust a test publisher on this computer; PC_SACRIFICE=1 says that it may")
	}
	p := &pc{t, time.Now().Add(-time.Second)} // clocks of files are coarse
	p.clear()
	t.Cleanup(p.clear)
	return p
}

// clear takes away what a test may have left.
func (p *pc) clear() {
	const list = `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, list, registry.ENUMERATE_SUB_KEYS)
	must(p.t, err)
	codes, err := k.ReadSubKeyNames(0)
	must(p.t, errors.Join(err, k.Close()))
	for _, code := range codes {
		one, err := registry.OpenKey(registry.LOCAL_MACHINE, list+`\`+code, registry.QUERY_VALUE)
		must(p.t, err)
		name, _, err := one.GetStringValue("DisplayName")
		must(p.t, one.Close())
		if err == nil && name == "JumpCloud Agent" {
			p.run("msiexec", "/x", code, "/qn")
		}
	}
	p.run("sc", "delete", "jumpcloud-agent") // only a test's own is left
	logs, err := filepath.Glob(`C:\users\*\AppData\Local\enrollment-assistant`)
	must(p.t, err)
	for _, name := range append(logs, agentFolder, stub.MSICanaryPath, agentLog) {
		must(p.t, os.RemoveAll(name))
	}
}

func (p *pc) path(name string) string { return name }

func (p *pc) outside(file string) string { return file }

// command prepares a program of the computer. The Windows Installer takes NAME="TWO WORDS" alone, where Go would write
// "NAME=TWO WORDS": https://learn.microsoft.com/windows/win32/msi/command-line-options
func (p *pc) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the test's own words
	if args[0] == "msiexec" {
		words := make([]string, len(args))
		for i, a := range args {
			name, value, set := strings.Cut(a, "=")
			if words[i] = syscall.EscapeArg(a); set {
				words[i] = name + "=" + syscall.EscapeArg(value)
			}
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: strings.Join(words, " ")}
	}
	cmd.WaitDelay = time.Second
	return cmd
}

// servePC starts a server on the data folder PC_STUB, which `make artifacts` filled on Linux, or on a copy of it.
func servePC(t *testing.T) (*stub.Server, stub.Ports) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(os.Getenv("PC_STUB"))))
	if _, err := os.Stat(filepath.Join(dir, "ca.crt")); errors.Is(err, fs.ErrNotExist) {
		t.Fatal("PC_STUB names no data folder of a stub")
	}
	ports := stub.Ports{Public: stub.DefaultPublicPort, Private: stub.DefaultPrivatePort} // those that the packages were built for
	return &stub.Server{Data: dir, AgentProgram: os.Args[0]}, ports
}

// stock does nothing: the shelves are full.
func (s *pcStub) stock() {}

// enrollProgram is the release build.
const enrollProgram = "assistant-cli.exe"

// admin puts a file on the computer that administrators alone can change or read.
func (p *pc) admin(name string, content []byte) {
	p.t.Helper()
	must(p.t, os.MkdirAll(filepath.Dir(name), 0o755))
	must(p.t, os.WriteFile(name, content, 0o600))
	for _, args := range [][]string{
		{"icacls", filepath.Dir(name), "/setowner", "*S-1-5-32-544"}, {"icacls", name, "/setowner", "*S-1-5-32-544"},
		{"icacls", filepath.Dir(name), "/inheritance:r", "/grant:r", "*S-1-5-32-544:(OI)(CI)F", "*S-1-5-18:(OI)(CI)F"},
	} {
		if out, code := p.run(args...); code != 0 {
			p.t.Fatal(out)
		}
	}
}

// copyProgram puts a program on the computer.
func (p *pc) copyProgram(name, to string) {
	p.t.Helper()
	raw, err := os.ReadFile(windowsProgram(p.t, name))
	must(p.t, err)
	must(p.t, os.MkdirAll(filepath.Dir(to), 0o755))
	must(p.t, os.WriteFile(to, raw, 0o755))
}
