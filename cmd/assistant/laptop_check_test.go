//go:build laptop

package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/server-stub/stub"
	"example.com/enrollment-assistant/steps"
)

// events reads what an enrollment printed: a line of JSON for each event and nothing else.
func (o outcome) events(t *testing.T) []steps.Event {
	t.Helper()
	var all []steps.Event
	for line := range strings.Lines(o.stdout) {
		var e steps.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("standard output has a line that is no event: %v\n%s", err, line)
		}
		all = append(all, e)
	}
	return all
}

// device gives the device of an enrollment that must have ended well.
func (o outcome) device(t *testing.T) steps.Device {
	t.Helper()
	if o.code != 0 {
		t.Fatalf("exit code %d, want 0\n%s\n%s", o.code, o.stderr, o.stdout)
	}
	events := o.events(t)
	if len(events) == 0 {
		t.Fatal("nothing on standard output")
	}
	last := events[len(events)-1]
	if last.Kind != steps.KindFinished || last.Device == nil {
		t.Fatalf("the last event is %+v, want the end with a device", last)
	}
	return *last.Device
}

// onlyDevice gives the one device that a stub knows, and checks who installed it and how many were told.
func onlyDevice(t *testing.T, s stub.Snapshot, id string, mails int) stub.System {
	t.Helper()
	if len(s.Systems) != 1 {
		t.Fatalf("the service knows %d devices, want 1", len(s.Systems))
	}
	d := s.Systems[0]
	if id != "" && d.ID != id {
		t.Errorf("the device is %s, the assistant says %s", d.ID, id)
	}
	if d.Hostname != "laptop" || d.ProvisionerType != stub.OwnerUser || !strings.Contains(strings.ToLower(d.ProvisionerName), "nora") {
		t.Errorf("device %q was installed by %s %q, want laptop by the user nora", d.Hostname, d.ProvisionerType, d.ProvisionerName)
	}
	if len(s.Outbox) != mails {
		t.Errorf("%d mails went out, want %d", len(s.Outbox), mails)
	}
	told := map[string]bool{}
	for _, m := range s.Outbox {
		told[m.To] = true
		if !strings.Contains(m.Text, "laptop") {
			t.Errorf("the mail to %s does not name the computer:\n%s", m.To, m.Text)
		}
	}
	for _, a := range s.Admins {
		if !told[a.Email] {
			t.Errorf("%s got no mail", a.Email)
		}
	}
	return d
}

// checkAgent proves that the agent is a real service, kept by systemd and by the package database, behind a folder that
// only root may look into.
func checkAgent(g *guest, version string) {
	g.t.Helper()
	for script, want := range map[string]string{
		"systemctl is-active jcagent.service":                                                    "active",
		"systemctl is-enabled jcagent.service":                                                   "enabled",
		"systemctl show --property=NRestarts --value jcagent":                                    "0",
		"stat --format='%a %U:%G' /opt/jc":                                                       "700 root:root",
		"dpkg-query --show --showformat='${db:Status-Abbrev}' jcagent":                           "ii",
		"dpkg-query --show --showformat='${Version}' jcagent":                                    version,
		"cat /opt/jc/version.txt":                                                                version,
		"readlink --canonicalize /proc/$(systemctl show --property=MainPID --value jcagent)/exe": "/opt/jc/bin/jumpcloud-agent",
	} {
		if got := g.check(script); got != want {
			g.t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
	if o := g.as(localUser, "ls /opt/jc"); o.code == 0 {
		g.t.Error("an ordinary user can look into /opt/jc")
	}
}

// checkBound proves that the service and the agent agree that nora is bound, and that no second mail went out.
func checkBound(g *guest, s *service) {
	g.t.Helper()
	now := s.snapshot()
	row := onlyDevice(g.t, now, "", 3)
	nora := now.Users[slices.IndexFunc(now.Users, func(u stub.User) bool { return u.Email == demoUser })]
	if !slices.Equal(row.BoundUserIDs, []string{nora.ID}) {
		g.t.Errorf("bound are %v, want %s", row.BoundUserIDs, nora.ID)
	}
	if got := g.check("cat /opt/jc/managedUsers.json"); !strings.Contains(got, `"nora"`) {
		g.t.Errorf("the agent manages %s, want nora", got)
	}
}

// checkSecrets looks for secrets in everything that stayed on the laptop: files, journal, and the command line and
// environment of what runs. Three files may hold them: the answers that nora wrote herself; as the vendor's contract
// has it, the agent's bootstrap file behind root's door; and the stub's program there, which knows its demo accounts.
func checkSecrets(g *guest, s *service, secrets ...string) {
	g.t.Helper()
	private := []string{answersPath, "/opt/jc/agentBootstrap.json"}
	allowed := slices.Concat(private, []string{"/opt/jc/bin/jumpcloud-agent"})
	const control = "canary-5b1f" // a word that the search has to find
	g.put("/dev/shm/secrets", "root", "0600", []byte(strings.Join(secrets, "\n")+"\n"))
	found := strings.Split(g.check(`logger `+control+`
journalctl --sync
journalctl --all --output=export >/dev/shm/journal
grep --text --quiet `+control+` /dev/shm/journal || echo nothing in the journal
find / \( -path /proc -o -path /sys -o -path /dev/shm/secrets \) -prune -o -type f -print0 |
	xargs -0 grep --text --files-with-matches --fixed-strings --file=/dev/shm/secrets || true
grep --text --files-with-matches --no-messages --fixed-strings --file=/dev/shm/secrets /proc/[0-9]*/cmdline /proc/[0-9]*/environ || true
rm /dev/shm/secrets /dev/shm/journal`), "\n")
	if !slices.Contains(found, answersPath) {
		g.t.Errorf("the search for secrets finds %v and not even nora's own answers", found)
	}
	for _, place := range found {
		if !slices.Contains(allowed, place) {
			g.t.Errorf("a secret stands in %s", place)
		}
	}
	for _, file := range private {
		if o := g.root("stat --format=%a " + file); o.code == 0 && strings.TrimSpace(o.stdout) != "600" {
			g.t.Errorf("%s has the mode %s", file, strings.TrimSpace(o.stdout))
		}
	}
	printed, err := os.ReadFile(s.log)
	must(g.t, err)
	for _, secret := range secrets {
		if strings.Contains(string(printed), secret) {
			g.t.Error("the stub's log holds a secret")
		}
	}
}

// missingText is how a sentence looks that is not in the translations.
var missingText = regexp.MustCompile(`\[[a-z]+\.[a-z.-]+`)

// checkProblem proves that a run failed as it should: with the exit code of its problem, the code in the last line of
// standard output, and on standard error what happened and what to do, in sentences.
func checkProblem(t *testing.T, o outcome, want steps.Code) {
	t.Helper()
	if code := steps.ExitCode(&steps.Problem{Code: want}); o.code != code {
		t.Errorf("exit code %d, want %d (%s)\n%s\n%s", o.code, code, want, o.stderr, o.stdout)
	}
	text := strings.TrimSpace(o.stderr)
	t.Logf("%d %s: %s", o.code, want, text)
	if first, _, _ := strings.Cut(text, "\n"); strings.Count(first+" ", ". ") < 2 || missingText.MatchString(text) {
		t.Errorf("standard error is %q, want a sentence of what happened and one of what to do", text)
	}
	problem := steps.Code("")
	for _, e := range o.events(t) {
		if e.Problem != nil {
			problem = e.Problem.Code
		}
	}
	if problem != want {
		t.Errorf("standard output tells the problem %q, want %q", problem, want)
	}
}
