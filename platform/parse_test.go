package platform

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseOSRelease(t *testing.T) {
	for _, c := range []struct{ text, id, name, version string }{
		{"PRETTY_NAME=\"Ubuntu 24.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n", "ubuntu", "Ubuntu", "24.04"},
		{"NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n", "debian", "Debian GNU/Linux", "12"},
		{"NAME='Fedora Linux'\nID=fedora\nVERSION_ID=43", "fedora", "Fedora Linux", "43"},
		{"# a comment\nID=\"pop\"\nNAME=\"Pop!_OS \\\"22\\\"\"\n\nnonsense\n", "pop", `Pop!_OS "22"`, ""},
		{"", "", "", ""},
	} {
		id, name, version := parseOSRelease(c.text)
		if id != c.id || name != c.name || version != c.version {
			t.Errorf("%q gives %q %q %q", c.text, id, name, version)
		}
	}
}

func TestAdminAnswer(t *testing.T) {
	const passwd = "root:x:0:0:root:/root:/bin/bash\nnora:x:1000:1000::/home/nora:/bin/bash\nada:x:1001:27::/home/ada:/bin/bash\n" +
		"ben:x:1002:1002::/home/ben:/bin/bash\nbroken line\n"
	const debian = "root:x:0:\nsudo:x:27:hal,root\nnora:x:1000:\nben:x:1002:\n"
	const fedora = "wheel:x:10:nora\n"
	for _, c := range []struct {
		what, group, user string
		uid               int
		gids              []int
		want              Admin
		names             []string
	}{
		{"root", debian, "root", 0, nil, AdminYou, []string{"ada", "hal"}},
		{"member of sudo", debian, "hal", 1003, []int{1003}, AdminYou, []string{"ada", "hal"}},
		{"sudo is the primary group", debian, "ada", 1001, []int{27}, AdminYou, []string{"ada", "hal"}},
		{"a directory service's member", debian, "EXAMPLE\\eve", 90001, []int{90001, 27}, AdminYou, []string{`EXAMPLE\eve`, "ada", "hal"}},
		{"another", debian, "ben", 1002, []int{1002}, AdminAnother, []string{"ada", "hal"}},
		{"wheel", fedora, "nora", 1000, []int{1000}, AdminYou, []string{"nora"}},
		{"admin", "admin:x:110:nora\n", "ben", 1002, nil, AdminAnother, []string{"nora"}},
		{"nobody", "sudo:x:28:\n", "ben", 1002, []int{1002}, AdminNobody, nil},
		{"root alone is nobody's", "sudo:x:28:root\n", "ben", 1002, []int{1002}, AdminNobody, nil},
		{"a group that only looks like it", "sudoers:x:30:ben\n", "ben", 1002, []int{30}, AdminNobody, nil},
	} {
		got, names := adminAnswer(passwd, c.group, c.user, c.uid, c.gids)
		if got != c.want || !slices.Equal(names, c.names) {
			t.Errorf("%s: %s %q, want %s %q", c.what, got, names, c.want, c.names)
		}
	}
}

func TestContainerKind(t *testing.T) {
	for _, c := range []struct {
		want string
		f    containerFiles
	}{
		{"", containerFiles{version: "Linux version 6.8.0-45-generic (buildd@lcy02)", cgroup: "0::/init.scope\n"}},
		{"docker", containerFiles{dockerenv: true}},
		{"podman", containerFiles{containerenv: true, env: "podman"}},
		{"systemd-nspawn", containerFiles{systemd: "systemd-nspawn\n"}},
		{"lxc", containerFiles{env: "lxc"}},
		{"wsl", containerFiles{version: "Linux version 5.15.153.1-microsoft-standard-WSL2"}},
		{"kubernetes", containerFiles{cgroup: "11:cpu:/kubepods/burstable/pod1/docker-a\n"}},
		{"podman", containerFiles{cgroup: "0::/libpod_parent/libpod-1\n"}},
	} {
		if got := containerKind(c.f); got != c.want {
			t.Errorf("%+v is %q, want %q", c.f, got, c.want)
		}
	}
}

func TestParseSystemctlShow(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	const uptime = 600 * time.Second
	for _, c := range []struct {
		what, text string
		want       Service
		steady     bool
	}{
		{"running for a minute", "NRestarts=0\nLoadState=loaded\nActiveState=active\nSubState=running\nActiveEnterTimestampMonotonic=540000000\n",
			Service{Exists: true, Running: true, State: "active/running", Since: now.Add(-time.Minute)}, true},
		{"just started", "NRestarts=1\nLoadState=loaded\nActiveState=active\nSubState=running\nActiveEnterTimestampMonotonic=597000000\n",
			Service{Exists: true, Running: true, State: "active/running", Restarts: 1, Since: now.Add(-3 * time.Second)}, false},
		{"crash-loops", "NRestarts=7\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\nActiveEnterTimestampMonotonic=590000000\n",
			Service{Exists: true, State: "activating/auto-restart", Restarts: 7}, false},
		{"failed", "NRestarts=5\nLoadState=loaded\nActiveState=failed\nSubState=failed\nActiveEnterTimestampMonotonic=0\n",
			Service{Exists: true, State: "failed/failed", Restarts: 5}, false},
		{"not there", "NRestarts=0\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nActiveEnterTimestampMonotonic=0\n", Service{}, false},
		{"nothing", "", Service{}, false},
		{"masked", "LoadState=masked\nUnitFileState=masked\nActiveState=inactive\nSubState=dead\n", Service{Exists: true, Off: true, State: "inactive/dead"}, false},
		{"disabled", "LoadState=loaded\nUnitFileState=disabled\nActiveState=inactive\nSubState=dead\n", Service{Exists: true, Off: true, State: "inactive/dead"}, false},
		{"exited but called active", "LoadState=loaded\nActiveState=active\nSubState=exited\nActiveEnterTimestampMonotonic=1000000\n",
			Service{Exists: true, State: "active/exited"}, false},
	} {
		got := parseSystemctlShow(c.text, now, uptime)
		if got != c.want || got.Steady(now) != c.steady {
			t.Errorf("%s: %+v steady %t", c.what, got, got.Steady(now))
		}
	}
}

func TestParseDpkgQuery(t *testing.T) {
	for text, want := range map[string]string{
		"ii |2.166.2": "2.166.2", "ii |1:2.0-1\n": "1:2.0-1", "rc |2.166.2": "", "iU |2.166.2": "2.166.2", "iF |2.1": "2.1", "iHR|2.1": "2.1", "un |": "", "": "",
	} {
		if got, ok := parseDpkgQuery(text); got != want || ok != strings.HasPrefix(text, "ii") {
			t.Errorf("%q gives %q %t", text, got, ok)
		}
	}
}

func TestParseSystemKey(t *testing.T) {
	for text, want := range map[string]string{
		`{"agentServerHost":"agent.jumpcloud.com","systemKey":"64930a6d00466f31842811a1","tls":true}`: "64930a6d00466f31842811a1",
		`{"systemKey" : "64930a6d00466f31842811a1"}`:                                                  "64930a6d00466f31842811a1",
		`{"systemKey":""}`:         "",
		`{"systemKey":"tooshort"}`: "",
		`{}`:                       "",
		``:                         "",
	} {
		if got := parseSystemKey([]byte(text)); got != want {
			t.Errorf("%s gives %q", text, got)
		}
	}
}

const capturedLog = `2026/11/23 09:52:40 [932] [INFO] starting jumpcloud-agent 2.166.2
2026/11/23 09:52:45 [932] [INFO] poll ok
2026/11/23 09:53:45 [932] [ERROR] failed to poll server: Get "https://agent.jumpcloud.com:443/poll/64930a6d00466f31842811a1": EOF
   a line of a stack trace
2026/11/23 09:53:50 [932] [ERROR] enrollment refused: 403 unknown connect key
`

func TestParseAgentLog(t *testing.T) {
	zone := time.FixedZone("there", 2*3600)
	want := time.Date(2026, 11, 23, 9, 52, 45, 0, zone)
	if got, lost := parseContact(capturedLog, zone); !got.Equal(want) || !lost {
		t.Errorf("last contact is %s (lost: %t), want %s, lost", got, lost, want)
	}
	if _, lost := parseContact(capturedLog+"2026/11/23 09:54:45 [932] [INFO] poll ok\n", zone); lost {
		t.Error("contact that came back is lost")
	}
	if _, lost := parseContact("2026/11/23 09:52:45 [932] [INFO] poll ok\n2026/11/23 09:53:45 [932] [ERROR] policy 7: cannot be applied\n", zone); lost {
		t.Error("an error of something else is a lost contact")
	}
	if got, _ := parseContact("nothing\n2026/99/99 09:52:45 [1] [INFO] x\n", zone); !got.IsZero() {
		t.Errorf("a log without a time gives %s", got)
	}
	if got := parseRefusal(capturedLog, want, zone); !strings.Contains(got, "enrollment refused: 403") {
		t.Errorf("the refusal is %q", got)
	}
	// What an earlier enrollment was refused says nothing of this one.
	if got := parseRefusal(capturedLog, want.Add(time.Hour), zone); got != "" {
		t.Errorf("an old refusal is %q", got)
	}
	if got := parseRefusal("2026/11/23 09:53:50 [932] [ERROR] failed to poll server: connection refused\n", want, zone); got != "" {
		t.Errorf("a refused connection is taken for a refused key: %q", got)
	}
}

func TestParseManagedUsers(t *testing.T) {
	for text, want := range map[string][]string{
		`[]`: nil, ``: nil, `{}`: nil, `null`: nil, `[1,{},null,""]`: nil,
		`[{"username":"nora"}]`:                                   {"nora"},
		`[{"userName":"nora"},{"name":"ben"},{"username":"ada"}]`: {"ada", "ben", "nora"},
		`["nora","nora"]`:                                         {"nora"},
		"[\"no\\u001b[31mra\\u202e\"]":                            {"nora"},
	} {
		if got := parseManagedUsers([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%s gives %q, want %q", text, got, want)
		}
	}
	if got := parseManagedUsers([]byte("[" + strings.TrimSuffix(strings.Repeat(`"a`+`",`, 1), ",") + "]")); !slices.Equal(got, []string{"a"}) {
		t.Errorf("one name gives %q", got)
	}
}

// TestCompareVersions holds the order that dpkg --compare-versions gives.
func TestCompareVersions(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"2.166.2", "2.166.2", 0}, {"2.166.2", "2.166.10", -1}, {"2.166.2", "2.17.0", 1}, {"2.166", "2.166.0", -1},
		{"2.166.2", "2.166.2-1", -1}, {"2.166.2-2", "2.166.2-10", -1}, {"1:1.0", "2.0", 1}, {"0:1.0", "1.0", 0},
		{"1.0~rc1", "1.0", -1}, {"1.0~rc1", "1.0~rc2", -1}, {"1.0a", "1.0+b", -1}, {"1.0", "1.0a", -1},
		{"007", "7", 0}, {"", "", 0}, {"", "1", -1},
	} {
		if got := compareVersions(c.a, c.b); got != c.want {
			t.Errorf("%q to %q is %d, want %d", c.a, c.b, got, c.want)
		}
		if got := compareVersions(c.b, c.a); got != -c.want {
			t.Errorf("%q to %q is %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                             "plain",
		"\x1b[31mred\x1b[0m":                "red",
		"\x1b]0;title\x07text":              "text",
		"a\tb\r":                            "a b",
		"nora\u202egpj.exe":                 "noragpj.exe",
		"\xff\xfe":                          "?",
		"ü 漢 🙂":                             "ü 漢 🙂",
		strings.Repeat("x", maxPrinted+100): strings.Repeat("x", maxPrinted),
	} {
		if got := printable(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
