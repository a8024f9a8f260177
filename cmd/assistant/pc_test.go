//go:build pc

package main

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/enrollment-assistant/server-stub/stub"
)

// Files of the agent on a computer with Windows.
const (
	agentFolder = `C:\Program Files\JumpCloud`
	agentExe    = agentFolder + `\jumpcloud-agent.exe`
	agentConf   = agentFolder + `\Plugins\Contrib\jcagent.conf`
	agentKey    = agentFolder + `\Plugins\Contrib\client.key`
	agentBoot   = agentFolder + `\Plugins\Contrib\agentBootstrap.json`
	agentLog    = `C:\windows\temp\jcagent.log`
)

// windowsProgram is one of the programs for Windows, which `make wine` builds.
func windowsProgram(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(os.Getenv("PC_BIN"), name)
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("PC_BIN names no folder with %s; make wine builds it: %v", name, err)
	}
	return file
}

// pcStub is a stub server whose shelf has the package for Windows, and a key that nora made in her portal.
type pcStub struct {
	*stub.Server
	t    *testing.T
	at   stub.Addresses
	key  string
	nora stub.User
}

func newPCStub(t *testing.T) *pcStub {
	t.Helper()
	server, ports := servePC(t)
	s := &pcStub{Server: server, t: t}
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, s.Demo(t.Context()))
	var err error
	s.at, err = s.Start(ports)
	must(t, err)
	s.nora, err = s.UserLogin(t.Context(), "nora@acme.example", "demo-User-1")
	must(t, err)
	s.newKey()
	return s
}

// newKey makes a key, which replaces the one before.
func (s *pcStub) newKey() {
	s.t.Helper()
	key, err := s.IssueKey(s.t.Context(), s.nora)
	must(s.t, err)
	s.key = key.Value
}

// packageFor gives the package of a version of the agent, as a file.
func (s *pcStub) packageFor(version string) string {
	s.t.Helper()
	must(s.t, s.ChangeSettings(func(c *stub.Settings) { c.AgentVersion = version }))
	_, err := s.Packages(s.t.Context())
	must(s.t, err)
	return filepath.Join(s.Data, "production", "jcagent-msi-signed.msi")
}

// poisoned gives a package of the poisoned shelf, as a file.
func (s *pcStub) poisoned(kind stub.Poison) string {
	return filepath.Join(s.Data, "poison", string(kind), "jcagent-msi-signed.msi")
}

// await waits until what is asked for is so.
func (s *pcStub) await(p *pc, what string, is func(stub.Snapshot) bool) stub.Snapshot {
	s.t.Helper()
	var last stub.Snapshot
	ctx, cancel := p.patience()
	defer cancel()
	if err := s.Await(ctx, func(now stub.Snapshot) bool { last = now; return is(now) }); err != nil {
		s.t.Fatalf("%s: %v\n%s", what, err, p.read(agentLog))
	}
	return last
}
