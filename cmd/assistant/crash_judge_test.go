//go:build crash && linux

package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// judge says what is wrong once the last run has ended.
func (s *crashScene) judge(runs []*crashRun) (wrong []string) {
	say := func(broken bool, format string, args ...any) {
		if broken {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	for i, r := range runs {
		say(r.hung, "start %d did not end", i+1)
		say(!r.killed() && r.last == nil, "start %d did not tell how it ended%s", i+1, r.tail())
		say(!r.killed() && r.exit != 0 && r.stderr.Len() == 0, "start %d failed without a sentence", i+1)
	}
	end := runs[len(runs)-1]
	say(end.exit != 0, "start %d failed%s", len(runs), end.tail())
	if end.last == nil || end.last.Device == nil {
		return append(wrong, "the last start tells of no device")
	}
	say(!end.last.Device.Installed.Yes || !end.online, "the device is not installed and online: %+v", *end.last.Device)
	// Who killed the server after the agent was seen has to wait until the agent is back.
	if err := s.play.call(s.play.client, http.MethodGet, "/_qa/await?online=1&devices=1&timeout=50s", "", nil, nil); err != nil {
		say(true, "the server does not see the device: %v", err)
	}
	shot, err := s.snapshot()
	if err != nil {
		return append(wrong, "asking the server: "+err.Error())
	}
	wrong = append(wrong, judgeServer(shot, end.last.Device.SystemKey)...)
	broken, err := s.rules()
	say(err != nil, "asking the server: %v", err)
	for _, b := range append(broken, s.broken...) {
		say(true, "against the server's rules: %s", b)
	}
	return append(wrong, s.left()...)
}

// judgeServer wants one device, the one that the assistant names, and one mail about it for each admin.
func judgeServer(shot stub.Snapshot, key string) (wrong []string) {
	if len(shot.Systems) != 1 || shot.Systems[0].ID != key {
		wrong = append(wrong, fmt.Sprintf("%d devices, and the assistant names %q", len(shot.Systems), key))
	}
	mails := map[string]int{}
	for _, m := range shot.Outbox {
		mails[m.To]++
	}
	for _, a := range shot.Admins {
		if mails[a.Email] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s got %d mails", a.Email, mails[a.Email]))
		}
	}
	if len(shot.Outbox) != len(shot.Admins) || len(shot.Admins) == 0 {
		wrong = append(wrong, fmt.Sprintf("%d mails to %d admins", len(shot.Outbox), len(shot.Admins)))
	}
	return wrong
}

// kept is what an enrollment leaves on a computer, by its path below the person's folder; what ends in / with all that
// is in it.
var kept = []string{
	"profile.json", "answers.json", "run/", "tmp/", "root/etc/", // the last three are looked through below
	"state/enrollment-assistant/assistant.log", "state/enrollment-assistant/run.json",
	"root/var/lib/enrollment-assistant/lock", "root/var/lib/enrollment-assistant/elevated.log",
	"root/var/log/jcagent.log", "root/var/run/jcagent.pid", // the agent's, and what follows too
	"root/opt/jc/bin/", "root/opt/jc/.stub", "root/opt/jc/version.txt", "root/opt/jc/jcagent.conf", "root/opt/jc/ca.crt",
	"root/opt/jc/client.crt", "root/opt/jc/client.key", "root/opt/jc/managedUsers.json",
	"root/opt/jc/jcagentInstall.log", "root/opt/jc/agentInstall.sh", // of the vendor's script
	"root/usr/", // of the package
}

// left tells what is there besides, and which processes run that should have ended.
func (s *crashScene) left() (wrong []string) {
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, s.dir+"/")
		inside := slices.ContainsFunc([]string{"run/", "tmp/", "root/etc/"}, func(f string) bool { return strings.HasPrefix(name, f) && name != f })
		known := slices.ContainsFunc(kept, func(k string) bool { return name == k || strings.HasSuffix(k, "/") && strings.HasPrefix(name, k) })
		if inside || !d.IsDir() && !known {
			wrong = append(wrong, "left behind: "+name)
		}
		return nil
	})
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	// One that was replaced goes once it has heard of it.
	var agents []int
	for late := time.Now().Add(20 * time.Second); len(agents) != 1 && time.Now().Before(late); runtime.Gosched() {
		agents = processesWith(s.agentLine())
	}
	if len(agents) != 1 {
		wrong = append(wrong, fmt.Sprintf("%d agents run", len(agents)))
	}
	for _, pid := range processesWith(s.dir) {
		if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && !slices.Contains(agents, pid) {
			wrong = append(wrong, "still runs: "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return wrong
}
