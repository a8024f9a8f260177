//go:build laptop

package main

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/enrollment-assistant/steps"
)

// unknownKey is well formed, and no server has it.
const unknownKey = "0123456789abcdef0123456789abcdef01234567"

// deadPort is an address where nothing listens: the port is below those that programs get by chance.
const deadPort = "https://127.0.0.1:9"

// attempt is one way of failing, and how it is told.
type attempt struct {
	name    string
	want    steps.Code
	answers map[string]string
	profile func(map[string]any) // how the profile differs
	command string               // run by nora without a terminal …
	seat    string               // … or in one, where somebody types this password
}

// exitCodes provokes each problem that an enrollment can end with before anything is installed.
func exitCodes(t *testing.T, l *lab) {
	g, s := l.boot(t, "codes"), l.serve(t, "codes")
	l.furnish(g, nil)
	dismiss, err := os.ReadFile(filepath.Join(l.dir, "dismiss"))
	must(t, err)
	g.put("/usr/local/bin/dismiss", "root", "0755", dismiss)

	const alone = "assistant-cli enroll --json --answers " + answersPath
	good := map[string]string{"connectKey": s.newKey()}
	foreign := "jcc_" + base64.StdEncoding.EncodeToString([]byte(`{"publicKickstartUrl":"https://kickstart.example.com:443",`+
		`"privateKickstartUrl":"https://private.example.com:443","connectKey":"`+unknownKey+`"} `))
	for _, a := range []attempt{
		{name: "a flag that is none", want: steps.CodeUsage, answers: good, command: "assistant-cli enroll --json --nonsense"},
		{name: "a key as a flag", want: steps.CodeUsage, answers: good, command: "assistant-cli enroll --json --key " + unknownKey},
		{name: "an answer that is none", want: steps.CodeUsage, answers: map[string]string{"nonsense": "1"}, command: alone},
		{name: "a profile that is none", want: steps.CodeProfile, answers: good, command: alone,
			profile: func(p map[string]any) { p["organization"] = "Acme" }},
		{name: "a key that is none", want: steps.CodeKeyMalformed, answers: map[string]string{"connectKey": "swordfish"}, command: alone},
		{name: "a key of another service", want: steps.CodeKeyForeign, answers: map[string]string{"connectKey": foreign}, command: alone},
		{name: "a key that the server does not know", want: steps.CodeKeyRefused,
			answers: map[string]string{"connectKey": unknownKey}, command: enrollDialog, seat: localAdminPass},
		{name: "a wrong password for the portal", want: steps.CodeSignIn, command: alone,
			answers: map[string]string{"email": demoUser, "password": "swordfish", "totpSecret": demoTOTP}},
		{name: "a server that is not there", want: steps.CodeUnreachable, answers: good, command: alone,
			profile: func(p map[string]any) {
				p["endpoints"] = map[string]any{"console": deadPort, "kickstart": deadPort, "packages": deadPort,
					"privateKickstart": deadPort, "agent": deadPort}
			}},
		{name: "a requirement that is not met", want: steps.CodeBlocked, answers: good, command: alone,
			profile: func(p map[string]any) { p["requirements"] = map[string]any{"diskMB": 1 << 20} }},
		{name: "a system that is not supported", want: steps.CodeBlocked, answers: good, command: alone,
			profile: func(p map[string]any) {
				p["requirements"] = map[string]any{"systems": map[string]any{"debian": []string{"99"}}}
			}},
		{name: "nobody to ask", want: steps.CodeNeedsAdmin, answers: good, command: alone},
		{name: "a dialog and nobody to show it to", want: steps.CodeNeedsAdmin, answers: good, command: enrollDialog},
		{name: "a dialog that is canceled", want: steps.CodeDenied, answers: good, command: "dismiss " + enrollDialog},
		{name: "a wrong password in the dialog", want: steps.CodeDenied, answers: good, command: enrollDialog, seat: "swordfish"},
	} {
		t.Run(strings.ReplaceAll(a.name, " ", "-"), func(t *testing.T) { a.fail(t, g, s) })
	}
	if o := g.root("ls -d /opt/jc /lib/systemd/system/jcagent.service"); o.stdout != "" {
		t.Errorf("a failed enrollment left %s", o.stdout)
	}
	if now := s.snapshot(); len(now.Systems) != 0 || len(now.Outbox) != 0 {
		t.Errorf("failed enrollments made %d devices and %d mails", len(now.Systems), len(now.Outbox))
	}
}

// fail runs the attempt and compares how it ended.
func (a attempt) fail(t *testing.T, g *guest, s *service) {
	g = g.in(t)
	g.put(systemProfile, "root", "0644", s.profile(a.profile))
	text, err := json.Marshal(a.answers)
	must(t, err)
	g.put(answersPath, localUser, "0600", text)
	var o outcome
	if a.seat != "" {
		o = g.seat(a.seat, a.command).wait()
	} else {
		o = g.as(localUser, a.command)
	}
	checkProblem(t, o, a.want)
	for _, name := range []string{"connectKey", "password", "totpSecret"} {
		if secret := a.answers[name]; secret != "" && strings.Contains(o.stdout+o.stderr, secret) {
			t.Errorf("the answer %s was printed", name)
		}
	}
}

// neverOnline is an agent that runs and cannot reach its service: the run ends when the time for that is over. As long
// as it waits, no other run may begin.
func neverOnline(t *testing.T, l *lab) {
	g, s := l.boot(t, "offline"), l.serve(t, "offline")
	l.furnish(g, s.profile(nil))
	g.put("/etc/systemd/system/jcagent.service.d/alone.conf", "root", "0644", []byte("[Service]\nPrivateNetwork=yes\n"))
	g.answerKey(s.newKey())

	first := g.seat(localAdminPass, enrollDialog)
	first.until(`"phase":"register"`, `"state":"running"`) // it is told as waiting from the first on
	if locks := g.check("systemd-inhibit --list --no-legend"); !strings.Contains(locks, "Enrollment assistant") || !strings.Contains(locks, "sleep") {
		t.Errorf("nothing keeps the computer awake during install:\n%s", locks)
	}
	checkProblem(t, g.seat(localAdminPass, enrollDialog).wait(), steps.CodeBusy)
	checkProblem(t, first.wait(), steps.CodeNotOnline)
	if locks := g.check("systemd-inhibit --list --no-legend"); strings.Contains(locks, "Enrollment assistant") {
		t.Errorf("the computer is kept awake after the install:\n%s", locks)
	}
	if state := g.check("systemctl is-active jcagent.service"); state != "active" {
		t.Errorf("the agent is %s; it should have run and not reached its service", state)
	}
	if now := s.snapshot(); len(now.Systems) != 0 || len(now.Outbox) != 0 {
		t.Errorf("an agent that never answered made %d devices and %d mails", len(now.Systems), len(now.Outbox))
	}
}

// guards proves what the release build refuses an ordinary user who wants root, or another server, through it.
func guards(t *testing.T, l *lab) {
	g, s := l.boot(t, "guards"), l.serve(t, "guards")
	l.furnish(g, s.profile(nil))
	g.answerKey(s.newKey())
	refused := func(what string, o outcome, code steps.Code) {
		t.Helper()
		t.Logf("%s: %d %s", what, o.code, strings.TrimSpace(o.stderr))
		if o.code != steps.ExitCode(&steps.Problem{Code: code}) || strings.TrimSpace(o.stderr) == "" {
			t.Errorf("%s ended with %d and said %q", what, o.code, o.stderr)
		}
	}
	refused("a sandbox", g.as(localUser, "assistant-cli enroll --json --root /tmp --answers "+answersPath), steps.CodeUsage)
	o := g.as(localUser, "assistant-cli elevated /tmp/x")
	if t.Logf("the elevated side for nora: %d %s", o.code, o.stderr); o.code == 0 || strings.TrimSpace(o.stderr) == "" {
		t.Errorf("the elevated side started by nora ended with %d and said %q", o.code, o.stderr)
	}
	// As root, but for a channel that is not the one of whoever asked.
	g.put("/usr/local/bin/terminal.sh", "root", "0755", terminalScript)
	o = g.seat(localAdminPass, "sh -c 'pkexec /usr/bin/assistant-cli elevated /run/systemd/private; exit $?'").wait()
	if o.code == 0 {
		t.Error("the elevated side took a channel that nora does not own")
	}

	// A profile that nora can change names servers of its own. Neither at her place nor at the system's is it believed.
	g.check("rm " + systemProfile)
	for _, path := range []string{"/home/nora/profile.json", systemProfile} {
		g.put(path, localUser, "0644", s.profile(nil))
		o := g.as(localUser, "assistant-cli profile check "+path)
		t.Logf("profile check %s: %d\n%s%s", path, o.code, o.stdout, o.stderr)
		for _, key := range []string{"/endpoints", "/ca", "/signIn"} {
			if !strings.Contains(o.stdout, key) {
				t.Errorf("profile check %s says nothing of %s", path, key)
			}
		}
		o = g.as(localUser, "assistant-cli plan --json --region US --profile "+path)
		if strings.Contains(o.stdout, s.Console) || !strings.Contains(o.stdout, "kickstart.jumpcloud.com") {
			t.Errorf("the plan with %s names the hosts of a profile that is not protected:\n%s%s", path, o.stdout, o.stderr)
		}
	}
	if now := s.snapshot(); len(now.Systems) != 0 {
		t.Errorf("%d devices were made", len(now.Systems))
	}
}
