//go:build pc

package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"example.com/enrollment-assistant/steps"
)

// installerPolicy sets a policy of the Windows Installer until the test is over: Logging has it log what it does, and Debug
// with its third bit even what packages hide. https://learn.microsoft.com/windows/win32/msi/machine-policies
func (p *pc) installerPolicy(name, kind, value string) {
	p.t.Helper()
	const policies = `HKLM\SOFTWARE\Policies\Microsoft\Windows\Installer`
	if out, code := p.run("reg", "add", policies, "/v", name, "/t", kind, "/d", value, "/f"); code != 0 {
		p.t.Fatal(out)
	}
	p.t.Cleanup(func() {
		if out, code := p.run("reg", "delete", policies, "/v", name, "/f"); code != 0 {
			p.t.Error(out)
		}
	})
}

// What a PC is found to be: every check is made and comes to a verdict, the build is the one that Windows itself tells,
// and policies that have installs logged are warned of, the one that has the key logged for certain in other words.
func TestPC_Check(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	s.furnish(p)
	p.installerPolicy("Logging", "REG_SZ", "voicewarmupx")
	out, code := p.run(pcProgram, "check", "--json")
	if code != 0 && code != steps.ExitCode(&steps.Problem{Code: steps.CodeBlocked}) {
		t.Fatalf("it ends with %d:\n%s", code, out)
	}
	found := map[string]steps.Check{}
	for line := range strings.Lines(out) {
		var c steps.Check
		if json.Unmarshal([]byte(line), &c) == nil {
			found[c.ID] = c
		}
	}
	for _, id := range []string{
		steps.CheckSystem, steps.CheckArchitecture, steps.CheckContainer, steps.CheckRights, steps.CheckConsent, steps.CheckDisk,
		steps.CheckMemory, steps.CheckPower, steps.CheckPackages, steps.CheckRestart, steps.CheckClock, steps.CheckNames, steps.CheckHosts,
		steps.CheckProxy, steps.CheckInspection, steps.CheckAgent, steps.CheckLeftovers, steps.CheckManagers, steps.CheckHostname,
	} {
		c := found[id]
		t.Logf("%s: %s, %s, %s", id, c.Level, c.Title, strings.ReplaceAll(c.Detail, "\n", ", "))
		if c.Level == "" || c.Level == steps.LevelLooking || strings.Contains(c.Title, "could not be") {
			t.Errorf("%s: %+v", id, c)
		}
	}
	if c := found[steps.CheckLogging]; c.Level != steps.LevelWarn {
		t.Errorf("installs are logged, the check says %+v", c)
	}
	p.installerPolicy("Debug", "REG_DWORD", "7")
	if whole, _ := p.run(pcProgram, "check"); !strings.Contains(whole, "will stand in the log") || strings.Contains(out, "will stand in the log") {
		t.Errorf("hidden values are logged, the checks say\n%s\nand before it\n%s", whole, out)
	}
	user, _ := p.run("cmd", "/c", "echo %USERNAME%")
	if c := found[steps.CheckRights]; !strings.Contains(c.Detail, strings.TrimSpace(user)) {
		t.Errorf("%s is an administrator, the check says %+v", user, c)
	}
	ver, _ := p.run("cmd", "/c", "ver")
	build := regexp.MustCompile(`10\.0\.(\d+)`).FindStringSubmatch(ver)
	if build == nil || !strings.Contains(found[steps.CheckSystem].Detail, build[1]) {
		t.Errorf("Windows says %q, the check %+v", ver, found[steps.CheckSystem])
	}
}
