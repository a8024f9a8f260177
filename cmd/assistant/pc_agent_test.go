//go:build pc

package main

import (
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/server-stub/stub"
)

// install runs the Windows Installer as an admin's script does and gives its exit code.
func (p *pc) install(file, key string) int {
	p.t.Helper()
	_, code := p.run("msiexec", "/i", p.outside(file), "/qn", "JCINSTALLERARGUMENTS=-k "+key)
	return code & 0xff
}

// installFailed are ERROR_INSTALL_FAILURE, 1603, and what Wine says when the package's own program fails,
// ERROR_FUNCTION_FAILED, 1627, as far as they fit in an exit code under Wine:
// https://learn.microsoft.com/en-us/windows/win32/msi/error-codes
var installFailed = []int{1603 & 0xff, 1627 & 0xff}

// The life of the stub's agent: installed with a key, upgraded without a mail, deleted by an admin.
func TestPC_Agent(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	if code := p.install(s.packageFor("2.166.2"), s.key); code != 0 {
		t.Fatalf("the installer ends with %d", code)
	}
	online := s.await(p, "the device is online", func(now stub.Snapshot) bool {
		return len(now.Systems) == 1 && now.Systems[0].Active && !now.Systems[0].LastContact.IsZero()
	})
	device, mails := online.Systems[0], len(online.Outbox)
	if device.OSFamily != "windows" || device.ProvisionerID != s.nora.ID || device.AgentVersion != "2.166.2" || mails != len(online.Admins) {
		t.Errorf("%+v, %d mails for %d admins", device, mails, len(online.Admins))
	}
	if out, code := p.run("sc", "query", "jumpcloud-agent"); code != 0 || !strings.Contains(out, "RUNNING") {
		t.Errorf("the service: %d %s", code, out)
	}
	p.until("jcagent.conf has the system's key", func() bool { return strings.Contains(p.read(agentConf), `"systemKey":"`+device.ID+`"`) })
	if p.has(agentBoot) || strings.Contains(p.read(agentConf)+p.read(agentLog), s.key) {
		t.Error("the connect key is still on the disk")
	}

	s.newKey()
	if code := p.install(s.packageFor("2.167.0"), s.key); code != 0 {
		t.Fatalf("the installer of the newer version ends with %d", code)
	}
	after := s.await(p, "the device says the newer version", func(now stub.Snapshot) bool { return now.Systems[0].AgentVersion == "2.167.0" })
	if len(after.Systems) != 1 || after.Systems[0].ID != device.ID || len(after.Outbox) != mails {
		t.Errorf("after the upgrade: %+v, %d mails", after.Systems, len(after.Outbox))
	}

	must(t, s.DeleteSystem(t.Context(), after.Admins[0], device.ID))
	p.until("the agent removed itself", func() bool { return !p.has(agentFolder) })
	p.until("the service is gone", func() bool { _, code := p.run("sc", "query", "jumpcloud-agent"); return code != 0 })
	if v := s.Violations(); len(v) != 0 {
		t.Error(v)
	}
}

// A computer with another's agent, or with what another's left, is not touched.
func TestPC_Foreign(t *testing.T) {
	s := newPCStub(t)
	file := s.packageFor("2.166.2")
	for name, prepare := range map[string]func(*pc){
		"service": func(p *pc) {
			if out, code := p.run("sc", "create", "jumpcloud-agent", "binPath=", `C:\windows\system32\cmd.exe`); code != 0 {
				t.Fatal(out)
			}
		},
		"leftovers": func(p *pc) { p.write(agentKey, "somebody else's") },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPC(t)
			prepare(p)
			if code := p.install(file, s.key); !slices.Contains(installFailed, code) {
				t.Errorf("the installer ends with %d", code)
			}
			if p.has(agentConf) || p.has(agentBoot) || p.has(agentFolder+`\.stub`) {
				t.Error("it is marked as the stub's")
			}
			if now, err := s.Snapshot(t.Context()); err != nil || len(now.Systems) != 0 {
				t.Errorf("%v %v", now.Systems, err)
			}
		})
	}
}

// The canary sings: each package of the poisoned shelf that can be installed at all tells when it is.
func TestPC_Canary(t *testing.T) {
	s := newPCStub(t)
	s.stock()
	for _, kind := range []stub.Poison{stub.PoisonUnsigned, stub.PoisonOther, stub.PoisonTruncated, stub.PoisonOlder} {
		t.Run(string(kind), func(t *testing.T) {
			p := newPC(t)
			code := p.install(s.poisoned(kind), s.key)
			whole := kind != stub.PoisonTruncated
			if sang := p.has(stub.MSICanaryPath); sang != whole || (code == 0) != whole {
				t.Errorf("it sang: %t; the installer ended with %d", sang, code)
			}
			if p.has(agentFolder) {
				t.Error("it did more than to sing")
			}
		})
	}
}
