//go:build laptop

package main

import (
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// repaired is a computer whose agent breaks in the ways that are met in the field. Each is foreseen, named in the plan and
// put right by the next enrollment: by dpkg and systemd themselves, as the same device, without another mail.
func repaired(t *testing.T, l *lab) {
	g, s := l.boot(t, "repair"), l.serve(t, "repair")
	l.furnish(g, s.profile(s.byPackage))
	key := s.newKey()
	g.answerKey(key)
	first := g.seat(localAdminPass, enrollDialog).wait().device(t)
	checkAgent(g, first.AgentVersion)
	for _, c := range []struct{ what, breaks string }{
		{"switched off", "systemctl disable --now jcagent"},
		{"its program gone", "systemctl stop jcagent; rm /opt/jc/bin/jumpcloud-agent"},
		{"half configured", `systemctl stop jcagent; sed -i '/^Package: jcagent$/,/^$/s/^Status: .*/Status: install ok half-configured/' /var/lib/dpkg/status`},
	} {
		g.check(c.breaks)
		if found := g.foresees()[steps.CheckAgent]; found.Fix != platform.FixAgent {
			t.Errorf("%s: foreseen as %+v", c.what, found)
		}
		if plan := g.as(localUser, "assistant-cli plan").stdout; !strings.Contains(plan, "jcagent.service") {
			t.Errorf("%s: the plan does not name the service:\n%s", c.what, plan)
		}
		g.answerKey(key)
		o := g.seat(localAdminPass, enrollDialog).wait()
		if d := o.device(t); d.SystemKey != first.SystemKey || !strings.Contains(o.stdout, `"phase":"mend"`) {
			t.Errorf("%s: it gave %+v", c.what, d)
		}
		checkAgent(g, first.AgentVersion)
		onlyDevice(t, s.snapshot(), first.SystemKey, 3)
	}
}
