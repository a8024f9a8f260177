//go:build laptop

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// dialogShown is what polkit's agent asks.
const dialogShown = "Password:"

// consentAtLast is a person whose administrator cancels the dialog, then mistypes the password, and then types it right.
func consentAtLast(t *testing.T, l *lab) {
	g, s := l.boot(t, "consent"), l.serve(t, "consent")
	l.furnish(g, s.profile(nil))
	dismiss, err := os.ReadFile(filepath.Join(l.dir, "dismiss"))
	must(t, err)
	g.put("/usr/local/bin/dismiss", "root", "0755", dismiss)
	g.answerKey(s.newKey())

	checkProblem(t, g.as(localUser, "dismiss "+enrollDialog), steps.CodeDenied)
	g.untouched(s)
	checkProblem(t, g.seat("swordfish", enrollDialog).wait(), steps.CodeDenied)
	g.untouched(s)
	d := g.seat(localAdminPass, enrollDialog).wait().device(t)
	onlyDevice(t, s.snapshot(), d.SystemKey, 3)
	checkAgent(g, d.AgentVersion)
}

// stoppedBeforeConsent is a person who stops while the question for consent is open: in the dialog, and in a terminal,
// where Ctrl-C reaches sudo as well. Stop means now.
func stoppedBeforeConsent(t *testing.T, l *lab) {
	g, s := l.boot(t, "early"), l.serve(t, "early")
	l.furnish(g, s.profile(nil))
	key := s.newKey()
	g.answerKey(key)
	run := g.seat("", enrollDialog)
	run.sees(dialogShown)
	g.interrupt()
	checkProblem(t, run.wait(), steps.CodeCanceled)
	g.untouched(s)

	admin := g.sit(localAdmin, "exec assistant-cli enroll", toPlan(key)...)
	admin.sees("password for " + localAdmin + ":")
	admin.types("\x03", true)
	admin.sees(assets.Text("problem.canceled"))
	if code := admin.end(); code != steps.ExitCode(&steps.Problem{Code: steps.CodeCanceled}) {
		t.Errorf("exit code %d", code)
	}
	g.untouched(s)
}

// stoppedInDownload is a person who stops while the package comes. What came is kept for the next try.
func stoppedInDownload(t *testing.T, l *lab) {
	g, s := l.boot(t, "download"), l.serve(t, "download")
	l.furnish(g, s.profile(s.byPackage))
	g.answerKey(s.newKey())
	s.qa("faults", slowPackage)
	run := g.seat(localAdminPass, enrollDialog)
	run.until(`"phase":"download"`, `"done":`)
	g.interrupt()
	checkProblem(t, run.wait(), steps.CodeCanceled)
	g.untouched(s)

	s.heal()
	d := g.seat(localAdminPass, enrollDialog).wait().device(t)
	onlyDevice(t, s.snapshot(), d.SystemKey, 3)
	checkAgent(g, d.AgentVersion)
	s.resumed()
}

// stoppedInScript is a person who stops while the vendor's script installs. It is finished, so that there is a whole agent
// or none, and nothing new is begun.
func stoppedInScript(t *testing.T, l *lab) {
	g, s := l.boot(t, "late"), l.serve(t, "late")
	l.furnish(g, s.profile(nil))
	key := s.newKey()
	g.answerKey(key)
	s.qa("faults", `{"point":"package","bytesPerSecond":4000000}`)
	run := g.seat(localAdminPass, enrollDialog)
	run.until(`"event":"output"`, "Downloading jcagent")
	g.interrupt()
	checkProblem(t, run.wait(), steps.CodeCanceled)
	g.ended()
	if log := g.check("tail --lines=1 /var/lib/enrollment-assistant/elevated.log"); !strings.Contains(log, `"err":"stopped"`) {
		t.Errorf("the elevated side ended with %s", log)
	}
	row := onlyDevice(t, s.await("online=1&mails=3"), "", 3)
	checkAgent(g, row.AgentVersion)

	if d := g.seat(localAdminPass, enrollDialog).wait().device(t); !d.Upgrade || d.SystemKey != row.ID {
		t.Errorf("the next run gave %+v, want an upgrade of %s", d, row.ID)
	}
	onlyDevice(t, s.snapshot(), row.ID, 3)
	checkSecrets(g, s, key, localAdminPass)
}

// slowPackage is a fault: half a minute and more for the package.
const slowPackage = `{"point":"package","bytesPerSecond":200000,"times":-1}`

// toPlan is what an administrator types in a terminal who enrolls with a key, up to the question for consent.
func toPlan(keys ...string) []reply {
	replies := []reply{
		{assets.Text("cli.ask.yes-no"), "yes", false},
		{assets.Text("cli.login.ask-wizard"), "key", false},
		{assets.Text("cli.requirements.go-on"), "", false},
		{assets.Text("cli.plan.ask"), "install", false},
	}
	for _, key := range keys {
		replies = append(replies, reply{assets.Text("cli.key.ask"), key, true})
	}
	return replies
}

// toEnd is toPlan, and the rest of what is asked when all goes well.
func toEnd(keys ...string) []reply {
	return append(toPlan(keys...),
		reply{"password for " + localAdmin + ": ", localAdminPass, true},
		reply{assets.Text("cli.done.ask"), "", false})
}

// interrupt is Ctrl-C for the assistant that nora runs, and for nothing else.
func (g *guest) interrupt() {
	g.t.Helper()
	g.check("pkill --signal INT --euid " + localUser + " --exact assistant-cli")
}

// resumed sees that a download of the package went on where an earlier one had ended.
func (s *service) resumed() {
	s.t.Helper()
	if parts := s.qa("journal?path=/production/&status=206", ""); !strings.Contains(parts, "/production/") {
		s.t.Errorf("no part of the package was asked for:\n%s", s.qa("journal?path=/production/", ""))
	}
}
