//go:build laptop

package main

import (
	"regexp"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// upgraded is a computer whose agent becomes newer twice, once on each way: it stays the device that it is, bound, and
// nobody gets another mail.
func upgraded(t *testing.T, l *lab) {
	g, s := l.boot(t, "upgrade"), l.serve(t, "upgrade")
	l.furnish(g, s.profile(nil))
	g.answerKey(s.newKey())
	first := g.seat(localAdminPass, enrollDialog).wait().device(t)
	s.bind(first.SystemKey)

	before := first.AgentVersion
	for _, way := range []struct {
		version string
		change  func(map[string]any)
	}{{"2.167.0", nil}, {"2.168.0", s.byPackage}} {
		s.set(`{"agentVersion":"` + way.version + `"}`)
		g.put(systemProfile, "root", "0644", s.profile(way.change))
		g.answerKey(s.newKey())
		d := g.seat(localAdminPass, enrollDialog+" --until bound").wait().device(t)
		if !d.Upgrade || d.Before != before || d.AgentVersion != way.version || d.SystemKey != first.SystemKey {
			t.Errorf("from %s to %s it gave %+v", before, way.version, d)
		}
		checkAgent(g, way.version)
		checkBound(g, s)
		before = way.version
	}
}

// wrongClock is a service that calls this computer's clock wrong until it is put right. A booted machine cannot set its
// own, so it is the service's that goes wrong.
func wrongClock(t *testing.T, l *lab) {
	g, s := l.boot(t, "clock"), l.serve(t, "clock")
	l.furnish(g, s.profile(nil))
	key := s.newKey()
	g.answerKey(key)
	s.qa("clock", `{"offsetSeconds":1830}`)
	checkProblem(t, g.seat(localAdminPass, enrollDialog).wait(), steps.CodeClock)
	g.noAgent(s)

	admin := g.sit(localAdmin, "exec assistant-cli enroll", toEnd(key)...)
	admin.sees(assets.Text("check.clock.off.behind", "Time", "30 minutes"))
	admin.sees(string(steps.CodeClock))
	s.qa("clock", `{"offsetSeconds":0}`)
	admin.types("", false)
	admin.succeeds(s)
}

// expiredKey is a key whose hour is over by the service's clock, which is the one that counts. A script is told so, a
// person is asked for a new one and then is where they were.
func expiredKey(t *testing.T, l *lab) {
	g, s := l.boot(t, "expired"), l.serve(t, "expired")
	l.furnish(g, s.profile(nil))
	old := s.newKey()
	g.answerKey(old)
	s.set(`{"clockSkewSeconds":86400}`)
	s.qa("clock", `{"advanceSeconds":3660}`)
	key := s.newKey()

	checkProblem(t, g.seat(localAdminPass, enrollDialog).wait(), steps.CodeKeyRefused)
	g.noAgent(s)
	admin := g.sit(localAdmin, "exec assistant-cli enroll", toEnd(old, key)...)
	admin.sees(assets.Text("problem.key.refused"))
	shown := admin.succeeds(s)
	if n := strings.Count(shown, assets.Text("cli.plan.ask")); n != 1 {
		t.Errorf("the plan was to be confirmed %d times", n)
	}
	g.answerKey(key) // what the search has to find
	checkSecrets(g, s, old, key, localAdminPass)
}

// fullDisk is a disk that was large enough when it was looked at, and is full when an administrator has agreed. Once
// there is room again the next try does it all.
func fullDisk(t *testing.T, l *lab, way string) {
	g, s := l.boot(t, "full-"+way), l.serve(t, "full-"+way)
	l.furnish(g, s.profile(func(p map[string]any) {
		if way == "package" {
			s.byPackage(p)
		}
		p["requirements"] = map[string]any{"diskMB": 50}
	}))
	g.answerKey(s.newKey())
	g.check("mount -t tmpfs -o size=150m,mode=0755 tmpfs /opt")
	run := g.seat("", enrollDialog)
	run.sees(dialogShown)
	g.check("cat /dev/zero >/opt/filler 2>/dev/null || true")
	run.types(localAdminPass, true)
	o := run.wait()
	checkProblem(t, o, steps.CodeInstallFailed)
	if !strings.Contains(o.stderr, assets.Text("problem.job.disk-full")) {
		t.Error("it does not say that the disk is full")
	}
	g.noAgent(s)
	if c := g.foresees()[steps.CheckDisk]; c.Level != steps.LevelBlock {
		t.Errorf("a full disk is foreseen as %+v", c)
	}

	g.check("rm /opt/filler")
	d := g.seat(localAdminPass, enrollDialog).wait().device(t)
	onlyDevice(t, s.snapshot(), d.SystemKey, 3)
	checkAgent(g, d.AgentVersion)
}

// fullHome is a home folder without room for the package.
func fullHome(t *testing.T, l *lab) {
	g, s := l.boot(t, "home"), l.serve(t, "home")
	l.furnish(g, s.profile(func(p map[string]any) {
		s.byPackage(p)
		p["requirements"] = map[string]any{"diskMB": 1}
	}))
	g.answerKey(s.newKey())
	const folder = "/home/nora/.local/state/enrollment-assistant"
	g.check("runuser --user nora -- mkdir -p " + folder + " && mount -t tmpfs -o size=3m,mode=0700,uid=nora,gid=nora tmpfs " + folder)
	o := g.seat(localAdminPass, enrollDialog).wait()
	checkProblem(t, o, steps.CodeInstallFailed)
	if !strings.Contains(o.stderr, assets.Text("problem.package.disk")) {
		t.Error("it does not say that the installer could not be saved")
	}
	g.untouched(s)

	g.check("mount -o remount,size=300m " + folder)
	d := g.seat(localAdminPass, enrollDialog).wait().device(t)
	onlyDevice(t, s.snapshot(), d.SystemKey, 3)
	checkAgent(g, d.AgentVersion)
	s.resumed()
}

// crashingAgent is an agent whose service crashes as often as it is started. It is never called installed; once its
// cause is gone the next try brings it up.
func crashingAgent(t *testing.T, l *lab) {
	g, s := l.boot(t, "crashing"), l.serve(t, "crashing")
	l.furnish(g, s.profile(nil))
	g.answerKey(s.newKey())
	const dropIn = "/etc/systemd/system/jcagent.service.d/broken.conf"
	g.put(dropIn, "root", "0644", []byte("[Service]\nExecStart=\nExecStart=/bin/false\nRestart=always\nRestartSec=100ms\n"))
	g.fails(assets.Text("problem.job.service-failed"))
	if c := g.foresees()[steps.CheckAgent]; c.Level != steps.LevelWarn || !strings.Contains(c.Title, "does not stay up") {
		t.Errorf("the crashing agent is found as %+v", c)
	}
	s.noDevice()

	g.check("rm " + dropIn + " && systemctl daemon-reload")
	d := g.seat(localAdminPass, enrollDialog).wait().device(t)
	onlyDevice(t, s.snapshot(), d.SystemKey, 3)
	checkAgent(g, d.AgentVersion)
}

// missingAgent is an install that ends well, as its script says, and leaves no agent.
func missingAgent(t *testing.T, l *lab) {
	g, s := l.boot(t, "missing"), l.serve(t, "missing")
	l.furnish(g, s.profile(nil))
	g.answerKey(s.newKey())
	s.qa("faults", `{"preset":"agent-never-starts"}`)
	g.fails(assets.Text("problem.job.no-agent"))
	g.noAgent(s)

	s.heal()
	d := g.seat(localAdminPass, enrollDialog).wait().device(t)
	onlyDevice(t, s.snapshot(), d.SystemKey, 3)
	checkAgent(g, d.AgentVersion)
}

// deletedDevice is a device that an admin deletes: the agent removes itself, and the assistant finds none. Enrolled anew
// it is another device.
func deletedDevice(t *testing.T, l *lab) {
	g, s := l.boot(t, "deleted"), l.serve(t, "deleted")
	l.furnish(g, s.profile(nil))
	g.answerKey(s.newKey())
	first := g.seat(localAdminPass, enrollDialog).wait().device(t)
	onlyDevice(t, s.snapshot(), first.SystemKey, 3)
	if c := g.foresees()[steps.CheckAgent]; c.Level != steps.LevelInfo {
		t.Errorf("the agent is found as %+v", c)
	}

	journal := g.follow("journalctl", "--follow", "--lines=all", "--output=cat", "--unit=jcagent-removal")
	s.delete(first.SystemKey)
	over := regexp.MustCompile(`jcagent-removal\.service: (Deactivated successfully|Succeeded|Failed)`) // the second is Debian 11's
	for line := range journal {
		if over.MatchString(line) {
			break
		}
	}
	if left := g.check(`ls -d /opt/jc /lib/systemd/system/jcagent.service 2>/dev/null; dpkg-query --show jcagent 2>/dev/null; pgrep --full 'jumpcloud-[a]gent'; true`); left != "" {
		t.Errorf("of the deleted device's agent there is still\n%s", left)
	}
	checks := g.foresees()
	if a, left := checks[steps.CheckAgent], checks[steps.CheckLeftovers]; a.Title != assets.Text("check.agent.none") || left.Level != steps.LevelOK {
		t.Errorf("after that it finds %+v and %+v", a, left)
	}

	g.answerKey(s.newKey())
	again := g.seat(localAdminPass, enrollDialog).wait().device(t)
	if again.Upgrade || again.SystemKey == first.SystemKey {
		t.Errorf("enrolled anew it is %+v, and was %s", again, first.SystemKey)
	}
	onlyDevice(t, s.snapshot(), again.SystemKey, 6)
	checkAgent(g, again.AgentVersion)
}

// fails runs an enrollment that must fail with a sentence, and never call the agent installed.
func (g *guest) fails(sentence string) {
	g.t.Helper()
	o := g.seat(localAdminPass, enrollDialog).wait()
	checkProblem(g.t, o, steps.CodeInstallFailed)
	if !strings.Contains(o.stderr, sentence) {
		g.t.Errorf("it does not say %q", sentence)
	}
	for _, e := range o.events(g.t) {
		if e.Verdict != nil && e.Verdict.Yes {
			g.t.Errorf("it called the agent %s", e.Verdict.Name)
		}
	}
}

// succeeds waits for the end of an administrator's enrollment in a terminal, which must have made the one device. It
// gives what stood there.
func (p *seated) succeeds(s *service) string {
	p.g.t.Helper()
	if code := p.end(); code != 0 {
		p.g.t.Fatalf("exit code %d", code)
	}
	row := onlyDevice(p.g.t, s.snapshot(), "", 3)
	checkAgent(p.g, row.AgentVersion)
	return p.shown()
}

// delete has an administrator delete a device.
func (s *service) delete(deviceID string) {
	s.t.Helper()
	b := s.browser()
	b.submit(b.get("/admin/signin"), "/admin/signin", map[string]string{"email": demoAdmin, "password": adminPass})
	page := "/admin/devices/" + deviceID + "/delete"
	b.submit(b.get(page), page, nil)
}
