//go:build laptop

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// foreseen makes a real computer lack one thing after another, asks as nora what the assistant foresees, and lets it put
// right what it says that it will.
func foreseen(t *testing.T, l *lab) {
	g, s := l.boot(t, "requirements"), l.serve(t, "requirements")
	l.furnish(g, s.profile(nil))
	checks := g.foresees()
	for id, c := range checks {
		if c.Level == steps.LevelBlock || c.Level == steps.LevelLooking {
			t.Errorf("%s of a healthy computer: %+v", id, c)
		}
	}
	for _, id := range []string{
		steps.CheckSystem, steps.CheckContainer, steps.CheckPackages, steps.CheckTools, steps.CheckRestart, steps.CheckClock, steps.CheckNames,
		steps.CheckHosts, steps.CheckProxy, steps.CheckInspection, steps.CheckAgent, steps.CheckLeftovers, steps.CheckManagers,
	} {
		if checks[id].Level != steps.LevelOK {
			t.Errorf("%s of a healthy computer: %+v", id, checks[id])
		}
	}

	g.expect("an update that waits for a restart", "touch /run/reboot-required", "rm /run/reboot-required",
		steps.CheckRestart, steps.LevelInfo, "restart is due")
	g.expect("another manager", "touch /usr/bin/landscape-client", "rm /usr/bin/landscape-client",
		steps.CheckManagers, steps.LevelInfo, "Landscape")
	g.expect("a missing tool", "chmod -x /usr/bin/openssl", "chmod +x /usr/bin/openssl",
		steps.CheckTools, steps.LevelWarn, "openssl")
	g.expect("a read-only /opt", "mount -t tmpfs -o ro tmpfs /opt", "umount /opt",
		steps.CheckDisk, steps.LevelBlock, "Nothing can be written to /opt")
	g.expect("a full /opt", "mount -t tmpfs -o size=1m tmpfs /opt", "umount /opt",
		steps.CheckDisk, steps.LevelBlock, "Not enough space")
	g.askers(s)
	g.packageManager()
	g.earlierAgents(s)
}

// askers sees whether the assistant foresees who can be asked for consent: nobody for root, in a terminal sudo, which
// wants the password of nora, who is no administrator; and that no dialog appears without pkexec.
func (g *guest) askers(s *service) {
	g.t.Helper()
	if o := g.root("HOME=/root assistant-cli check --json"); !strings.Contains(o.stdout, `"Nobody has to be asked for consent"`) {
		g.t.Errorf("root:\n%s%s", o.stdout, o.stderr)
	}
	terminal := g.sit(localUser, "exec assistant-cli check")
	if code := terminal.end(); code != 0 || !strings.Contains(terminal.shown(), "sudo may refuse you") {
		g.t.Errorf("in a terminal it ends with %d", code)
	}
	g.answerKey(s.newKey())
	g.check("chmod 0644 /usr/bin/pkexec")
	o := g.as(localUser, enrollDialog)
	checkProblem(g.t, o, steps.CodeNeedsAdmin)
	if !strings.Contains(o.stderr, "pkexec is missing") {
		g.t.Errorf("without pkexec it says %q", o.stderr)
	}
	g.check("chmod 4755 /usr/bin/pkexec")
}

// foresees gives what the assistant finds as nora, by the checks' ids.
func (g *guest) foresees() map[string]steps.Check {
	g.t.Helper()
	o := g.as(localUser, "assistant-cli check --json")
	all := map[string]steps.Check{}
	for line := range strings.Lines(o.stdout) {
		var c steps.Check
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			g.t.Fatalf("%v: %s%s", err, o.stdout, o.stderr)
		}
		all[c.ID] = c
	}
	if len(all) < 21 {
		g.t.Fatalf("%d checks\n%s%s", len(all), o.stdout, o.stderr)
	}
	return all
}

// expect makes the computer lack something and sees that one check says so, and that it does no more afterwards.
func (g *guest) expect(what, spoil, mend, id string, level steps.Level, says string) {
	g.t.Helper()
	g.check(spoil)
	c := g.foresees()[id]
	g.t.Logf("%s: %s %s. %s [%s]", what, c.Level, c.Title, c.Text, c.Detail)
	if c.Level != level || !strings.Contains(c.Title+c.Text, says) {
		g.t.Errorf("%s: %+v", what, c)
	}
	g.check(mend)
	if c := g.foresees()[id]; c.Level != steps.LevelOK {
		g.t.Errorf("%s is over: %+v", what, c)
	}
}

// packageManager has dpkg at work, then killed at it.
func (g *guest) packageManager() {
	g.t.Helper()
	g.check(`mkfifo /run/hold && mkdir -p /run/slow/DEBIAN && cd /run/slow/DEBIAN
printf 'Package: slow\nVersion: 1\nArchitecture: all\nMaintainer: nora <nora@acme.example>\nDescription: takes its time\n' >control
printf '#!/bin/sh\nif [ -p /run/hold ]; then echo begun >/run/begun; read -r word </run/hold; fi\n' >postinst && chmod 0755 postinst
dpkg-deb --build /run/slow /run/slow.deb
mkfifo /run/begun
systemd-run --quiet --unit=slow dpkg -i /run/slow.deb
read -r word </run/begun`)
	c := g.foresees()[steps.CheckPackages]
	if c.Level != steps.LevelWarn || c.Fix != "" || !strings.Contains(c.Detail, "dpkg") || !strings.Contains(c.Title, "right now") {
		g.t.Errorf("dpkg is at work: %+v", c)
	}
	g.check("systemctl kill --signal=KILL slow; rm /run/hold")
	g.t.Logf("killed: %s", g.check("dpkg --audit; ls /var/lib/dpkg/updates"))
	c = g.foresees()[steps.CheckPackages]
	if c.Level != steps.LevelWarn || c.Fix != platform.FixPackages || !strings.Contains(c.Title, "cut short") {
		g.t.Errorf("dpkg was killed: %+v", c)
	}
}

// earlierAgents enrolls with the packages as packageManager left them, and again over what is left of that agent.
func (g *guest) earlierAgents(s *service) {
	g.t.Helper()
	g.answerKey(s.newKey())
	first := g.seat(localAdminPass, enrollDialog).wait()
	d := first.device(g.t)
	if !strings.Contains(first.stdout, `"phase":"mend"`) || !strings.Contains(g.check("dpkg-query -W -f '${db:Status-Abbrev}' slow"), "ii") {
		g.t.Errorf("what dpkg was killed in was not finished:\n%s", first.stdout)
	}
	if c := g.foresees(); c[steps.CheckAgent].Level != steps.LevelInfo || c[steps.CheckLeftovers].Level != steps.LevelOK || c[steps.CheckPackages].Level != steps.LevelOK {
		g.t.Errorf("an agent runs: %+v, %+v, %+v", c[steps.CheckAgent], c[steps.CheckLeftovers], c[steps.CheckPackages])
	}
	g.check("systemctl stop jcagent")
	if c := g.foresees()[steps.CheckAgent]; c.Level != steps.LevelInfo || !strings.Contains(c.Text, "is not running") {
		g.t.Errorf("the agent is stopped: %+v", c)
	}
	g.put("/etc/systemd/system/jcagent.service.d/broken.conf", "root", "0644", []byte("[Service]\nExecStart=\nExecStart=/bin/false\nRestart=always\nRestartSec=100ms\n"))
	// Between two of its starts it looks as if it ran; systemd gives up after some.
	g.check("systemctl daemon-reload; systemctl restart jcagent || true; timeout 30 sh -c 'until systemctl is-failed --quiet jcagent; do sleep 0.05; done'")
	if c := g.foresees()[steps.CheckAgent]; c.Level != steps.LevelWarn || !strings.Contains(c.Title, "does not stay up") {
		g.t.Errorf("the agent crashes: %+v", c)
	}

	// The package goes, what identifies the device stays, as after a removal that failed halfway.
	g.check("rm -r /etc/systemd/system/jcagent.service.d; systemctl daemon-reload; systemctl stop jcagent; cp -a /opt/jc /root/kept; dpkg --purge jcagent; rm -rf /opt/jc; mkdir -p /opt; cp -a /root/kept /opt/jc")
	c := g.foresees()[steps.CheckLeftovers]
	if c.Level != steps.LevelWarn || c.Fix != platform.FixLeftovers {
		g.t.Errorf("files are left: %+v", c)
	}
	plan := g.as(localUser, "assistant-cli plan").stdout
	for _, path := range platform.AgentIdentity("linux") {
		if !strings.Contains(plan, path) {
			g.t.Errorf("the plan does not name %s:\n%s", path, plan)
		}
	}
	g.answerKey(s.newKey())
	again := g.seat(localAdminPass, enrollDialog).wait().device(g.t)
	if again.Upgrade || again.SystemKey == d.SystemKey {
		g.t.Errorf("the old identity was used again: %+v", again)
	}
	if now := s.snapshot(); len(now.Systems) != 2 {
		g.t.Errorf("%d devices", len(now.Systems))
	}
}
