//go:build laptop

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/enrollment-assistant/steps"
)

// scriptWay is the main job: nora runs the assistant, the administrator types a password into the dialog, the vendor's
// script installs the agent, and the computer is online. An admin binds it while a second run watches.
func scriptWay(t *testing.T, l *lab, image string) {
	name := "script-" + filepath.Base(image)
	g, s := l.bootFrom(t, image, name), l.serve(t, name)
	l.furnish(g, s.profile(nil))
	answers, err := json.Marshal(map[string]string{"email": demoUser, "password": demoPassword, "totpSecret": demoTOTP})
	must(t, err)
	g.put(answersPath, localUser, "0600", answers)

	d := g.seat(localAdminPass, enrollDialog).wait().device(t)
	if d.Upgrade || !d.Installed.Yes || !d.Online.Yes || d.Bound.Yes {
		t.Errorf("the device is %+v, want new, installed, online and not bound", d)
	}
	row := onlyDevice(t, s.snapshot(), d.SystemKey, 3)
	if len(row.BoundUserIDs) != 0 || !row.Active {
		t.Errorf("installing bound %v (active: %v), want nobody on an active device", row.BoundUserIDs, row.Active)
	}
	checkAgent(g, d.AgentVersion)

	key := s.newKey()
	g.answerKey(key)
	second := g.seat(localAdminPass, enrollDialog+" --until bound")
	second.until(`"event":"verdict"`, `"name":"online"`, `"yes":true`)
	s.bind(d.SystemKey)
	again := second.wait().device(t)
	if !again.Upgrade || !again.Online.Yes || !again.Bound.Yes || again.SystemKey != d.SystemKey {
		t.Errorf("the second run gave %+v, want an upgrade of %s, online and bound", again, d.SystemKey)
	}
	checkBound(g, s)
	checkSecrets(g, s, key, demoPassword, demoTOTP, localAdminPass)
}

// packageWay installs the vendor's package, which the user's side downloads and the elevated side checks, installs and
// starts. The run stays until an admin has bound the computer.
func packageWay(t *testing.T, l *lab, image string) {
	name := "package-" + filepath.Base(image)
	g, s := l.bootFrom(t, image, name), l.serve(t, name)
	l.furnish(g, s.profile(s.byPackage))
	key := s.newKey()
	g.answerKey(key)

	run := g.seat(localAdminPass, enrollDialog+" --until bound")
	run.until(`"event":"verdict"`, `"name":"online"`, `"yes":true`)
	row := onlyDevice(t, s.snapshot(), "", 3)
	s.bind(row.ID)
	d := run.wait().device(t)
	if d.Upgrade || !d.Online.Yes || !d.Bound.Yes || d.SystemKey != row.ID {
		t.Errorf("the device is %+v, want %s, new, online and bound", d, row.ID)
	}
	checkAgent(g, d.AgentVersion)
	checkBound(g, s)

	// A package that is older than the agent is never put over it.
	s.set(`{"agentVersion":"1.0.0"}`)
	again := g.seat(localAdminPass, enrollDialog).wait().device(t)
	if !again.Unchanged || again.AgentVersion != d.AgentVersion {
		t.Errorf("an older package gave %+v, want nothing done", again)
	}
	checkAgent(g, d.AgentVersion)
	checkBound(g, s)
	checkSecrets(g, s, key, localAdminPass)
}

// asAdmin is an administrator who enrolls the laptop alone, in a terminal: questions there, the key pasted, and sudo
// asking for the password.
func asAdmin(t *testing.T, l *lab) {
	g, s := l.boot(t, "terminal"), l.serve(t, "terminal")
	l.furnish(g, s.profile(nil))
	key := s.newKey()
	shown := g.sit(localAdmin, "exec assistant-cli enroll", toEnd(key)...).succeeds(s)
	if strings.Contains(shown, key) || strings.Contains(shown, localAdminPass) {
		t.Error("a secret stood in the terminal")
	}
}

// portalCommand enrolls a computer that has no assistant: the command that the User Portal shows is copied into a
// root's shell.
func portalCommand(t *testing.T, l *lab) {
	g, s := l.boot(t, "command"), l.serve(t, "command")
	g.check("! command -v assistant-cli")
	// A stub's authority is known to nobody; its command names the file, which somebody has to bring along.
	g.put(s.CA, "root", "0644", []byte(s.authority()))
	page := s.signInUser()
	command := s.element(page, "command")
	t.Logf("the command: %s", strings.ReplaceAll(command, s.element(page, "key"), "KEY"))
	if o := g.root(command); o.code != 0 {
		t.Fatalf("the command ended with %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	row := onlyDevice(t, s.await("online=1"), "", 3)
	checkAgent(g, row.AgentVersion)
}

// consentUnasked is a company whose admins have given the consent beforehand: by a polkit rule, by a line for sudo, or
// by running the assistant as root, as a device management's script does. Nobody is asked, so no terminal is needed.
func consentUnasked(t *testing.T, l *lab) {
	g, s := l.boot(t, "granted"), l.serve(t, "granted")
	l.furnish(g, s.profile(nil))
	g.answerKey(s.newKey())
	const alone = "assistant-cli enroll --json --answers " + answersPath

	rule, err := os.ReadFile("testdata/laptop/50-enrollment.rules")
	must(t, err)
	const rulePath = "/etc/polkit-1/rules.d/50-enrollment.rules"
	g.put(rulePath, "root", "0644", rule)
	first := g.as(localUser, alone).device(t)
	g.check("rm " + rulePath)
	onlyDevice(t, s.snapshot(), first.SystemKey, 3)

	const sudoers = "/etc/sudoers.d/enrollment"
	g.put(sudoers, "root", "0440", []byte("nora ALL=(root) NOPASSWD: /usr/bin/assistant-cli elevated *\n"))
	upgrades := []steps.Device{g.as(localUser, alone).device(t)}
	g.check("rm " + sudoers)

	upgrades = append(upgrades, g.root("HOME=/root "+alone).device(t))
	for _, d := range upgrades {
		if !d.Upgrade || d.SystemKey != first.SystemKey {
			t.Errorf("another run gave %+v, want an upgrade of %s", d, first.SystemKey)
		}
	}
	onlyDevice(t, s.snapshot(), first.SystemKey, 3)
}
