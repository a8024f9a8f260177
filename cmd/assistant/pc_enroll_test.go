//go:build pc

package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/server-stub/stub"
)

// Files that an admin puts on a PC.
const (
	pcProgram = `C:\Program Files\Enrollment Assistant\assistant-cli.exe`
	pcWindow  = `C:\Program Files\Enrollment Assistant\assistant.exe`
	pcProfile = `C:\ProgramData\enrollment-assistant\profile.json`
	pcAnswers = `C:\ProgramData\enrollment-assistant\answers.json`
)

// furnish puts onto a PC what an admin ships: the program and the profile of a stub.
func (s *pcStub) furnish(p *pc) {
	s.t.Helper()
	authority, err := s.CA()
	must(s.t, err)
	text, err := json.MarshalIndent(map[string]any{
		"organization": map[string]any{"name": "Acme Corporation"},
		"endpoints": map[string]any{"console": s.at.Console, "kickstart": s.at.Console, "packages": s.at.Console,
			"privateKickstart": s.at.Private, "agent": s.at.Private},
		"ca":      string(authority),
		"windows": map[string]any{"signer": stub.CodeOrganization, "oldest": "2.0"},
		"help":    map[string]any{"email": "it-help@acme.example"},
	}, "", "  ")
	must(s.t, err)
	p.admin(pcProfile, text)
	p.copyProgram(enrollProgram, pcProgram)
}

// enroll enrolls without a window and gives what it printed and its exit code. The key is in nothing that stays.
func (s *pcStub) enroll(p *pc) (string, int) {
	s.t.Helper()
	text, err := json.Marshal(map[string]string{"connectKey": s.key})
	must(s.t, err)
	p.admin(pcAnswers, text)
	out, code := p.run(pcProgram, "enroll", "--json", "--answers", pcAnswers)
	must(s.t, os.Remove(p.path(pcAnswers)))
	if strings.Contains(out, s.key) || p.holds(s.key) {
		s.t.Error("the key is printed, or still on the computer")
	}
	return out, code
}

// logs gives what the two sides of the assistant and the agent wrote down.
func (p *pc) logs() string {
	var all strings.Builder
	for _, pattern := range []string{`C:\users\*\AppData\Local\enrollment-assistant\*.log`, `C:\ProgramData\enrollment-assistant\elevated\*.log`, agentLog} {
		files, err := filepath.Glob(p.path(pattern))
		must(p.t, err)
		for _, name := range files {
			raw, err := os.ReadFile(name)
			must(p.t, err)
			all.WriteString(name + "\n" + string(raw))
		}
	}
	return all.String()
}

// holds tells whether a text is in any file that the assistant, the installer or the agent wrote since the test began.
// Windows' own programs write two bytes a letter.
func (p *pc) holds(text string) bool {
	p.t.Helper()
	found := false
	wide := strings.Join(strings.Split(text, ""), "\x00")
	for _, dir := range []string{`C:\users`, `C:\ProgramData\enrollment-assistant`, agentFolder, `C:\windows\temp`} {
		_ = filepath.WalkDir(p.path(dir), func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil //nolint:nilerr // what cannot be looked into, and what just went away
			}
			if info, err := d.Info(); err != nil || info.Size() > 4<<20 || info.ModTime().Before(p.began) {
				return nil //nolint:nilerr // as above; programs and packages
			}
			raw, _ := os.ReadFile(name)
			if strings.Contains(string(raw), text) || strings.Contains(string(raw), wide) {
				p.t.Log("found in", name)
				found = true
			}
			return nil
		})
	}
	return found
}

// What an agent that is gone has left, with a key that would be used again, is foreseen, named in the plan and removed
// before the new one is installed. Without that the stub's package refuses the computer, as TestPC_Foreign shows.
func TestPC_Leftovers(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	s.packageFor("2.166.2")
	s.furnish(p)
	const old = "64930a6d00466f31842811a1"
	p.write(agentConf, `{"systemKey":"`+old+`"}`)
	p.write(agentKey, "an old one")
	if plan, _ := p.run(pcProgram, "plan"); !strings.Contains(plan, agentFolder) {
		t.Errorf("the plan does not name it:\n%s", plan)
	}
	out, code := s.enroll(p)
	if code != 0 || !strings.Contains(out, `"fix":"leftovers"`) || !strings.Contains(out, `"phase":"mend"`) {
		t.Fatalf("the enrollment ends with %d:\n%s%s", code, out, p.logs())
	}
	now := s.await(p, "the device is online", func(now stub.Snapshot) bool { return len(now.Systems) == 1 && now.Systems[0].Active })
	if now.Systems[0].ID == old || strings.Contains(p.read(agentKey), "an old one") {
		t.Errorf("the old key was used again: %+v", now.Systems[0])
	}
}

// The headless enrollment of a PC: the package installed, the service running, the device online; a second one is an
// upgrade.
func TestPC_Enroll(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	s.packageFor("2.166.2")
	s.furnish(p)
	out, code := s.enroll(p)
	if code != 0 {
		t.Log(p.logs())
		t.Fatalf("the enrollment ends with %d:\n%s", code, out)
	}
	first := s.await(p, "the device is online", func(now stub.Snapshot) bool { return len(now.Systems) == 1 && now.Systems[0].Active })
	device, mails := first.Systems[0], len(first.Outbox)
	if device.ProvisionerID != s.nora.ID || device.AgentVersion != "2.166.2" || mails != len(first.Admins) {
		t.Errorf("%+v, %d mails", device, mails)
	}
	for _, want := range []string{`"phase":"install-package","title":"Install the agent","state":"done"`, `"name":"online"`, device.ID} {
		if !strings.Contains(out, want) {
			t.Errorf("%q was not told:\n%s", want, out)
		}
	}
	if service, code := p.run("sc", "query", "jumpcloud-agent"); code != 0 || !strings.Contains(service, "RUNNING") {
		t.Errorf("the service: %d %s", code, service)
	}

	s.packageFor("2.167.0")
	s.newKey()
	if out, code := s.enroll(p); code != 0 {
		t.Fatalf("the second enrollment ends with %d:\n%s", code, out)
	}
	after := s.await(p, "the device says the newer version", func(now stub.Snapshot) bool { return now.Systems[0].AgentVersion == "2.167.0" })
	if len(after.Systems) != 1 || after.Systems[0].ID != device.ID || len(after.Outbox) != mails {
		t.Errorf("after the upgrade: %+v, %d mails", after.Systems, len(after.Outbox))
	}
	if v := s.Violations(); len(v) != 0 {
		t.Error(v)
	}
}

// Each package that is not the publisher's is refused in its own words, and nothing of it is executed.
func TestPC_Refused(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	s.packageFor("2.166.2")
	s.stock()
	s.furnish(p)
	for preset, key := range refusals {
		t.Run(preset, func(t *testing.T) {
			_, err := s.ApplyPreset(preset)
			must(t, err)
			s.refuses(t, p, key)
			must(t, s.ClearFaults(""))
		})
	}
	if now, err := s.Snapshot(t.Context()); err != nil || len(now.Systems) != 0 {
		t.Errorf("%v %v", now.Systems, err)
	}
}

// refuses enrolls, and wants a refusal with that sentence, and nothing installed.
func (s *pcStub) refuses(t *testing.T, p *pc, key string) {
	t.Helper()
	out, code := s.enroll(p)
	host := strings.TrimPrefix(s.at.Console, "https://")
	if sentence := assets.Text(key, "Host", host); code != 50 || !strings.Contains(out, sentence) {
		t.Errorf("it ends with %d and does not say %q:\n%s", code, sentence, out)
	}
	if p.has(stub.MSICanaryPath) || p.has(agentFolder) {
		t.Error("something was installed")
	}
}

// refusals are the presets of the poisoned shelf and the sentence for each.
var refusals = map[string]string{
	"package-unsigned":        "problem.job.package-unsigned",
	"package-other-publisher": "problem.job.package-signer",
	"package-truncated":       "problem.job.package-none",
	"package-older":           "problem.job.package-old",
	"package-html":            "problem.package.other",
}
