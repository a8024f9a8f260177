//go:build linux

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

func TestKickstart_Refusals(t *testing.T) {
	const failed = "It appears your agent installation has failed. Please contact support@jumpcloud.com."
	for name, c := range map[string]struct {
		prepare func(*testing.T, *lab)
		tools   []string
		key     func(*lab) string
		says    string
	}{
		"unsupported": {prepare: func(t *testing.T, l *lab) {
			must(t, os.Mkdir(l.file("/etc"), 0o755))
			must(t, os.WriteFile(l.file("/etc/os-release"), []byte("NAME=Gentoo\nVERSION_ID=2.17\n"), 0o600))
		}, says: "Your OS/architecture [Gentoo 2.17/" + machine() + "] is not supported."},
		"clock": {prepare: func(_ *testing.T, l *lab) { l.server.MoveClock(time.Hour) },
			key: func(l *lab) string { return l.ada.ConnectKey }, says: "Your system time seems inaccurate."},
		"foreign": {prepare: func(t *testing.T, l *lab) {
			must(t, os.MkdirAll(l.file(jcDir), 0o700))
			must(t, os.WriteFile(l.file(confFile), []byte("{}"), 0o600))
		}, says: "This computer already has an agent in "},
		"commands": {tools: []string{"bash", "curl", "cat", "mkdir", "chmod", "mktemp", "rm", "tee"},
			says: "Missing necessary install commands: cut date grep head"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			if c.prepare != nil {
				c.prepare(t, l)
			}
			key := l.key()
			if c.key != nil {
				key = c.key(l)
			}
			var env []string
			if c.tools != nil {
				env = []string{"PATH=" + onlyCommands(t, c.tools...)}
			}
			out, code := l.kickstart(key, env...)
			if code != 1 || !strings.Contains(out, c.says) || !strings.HasSuffix(strings.TrimSpace(out), failed) {
				t.Errorf("it ended with %d:\n%s", code, out)
			}
			if s := l.snapshot(); len(s.Systems)+len(s.Outbox) != 0 {
				t.Errorf("a failed install left %+v", s)
			}
			if name == "foreign" && readFile(t, l.file(confFile)) != "{}" {
				t.Error("the foreign agent was touched")
			}
		})
	}
}

// onlyCommands is a PATH of these commands alone.
func onlyCommands(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path, err := exec.LookPath(name)
		must(t, err)
		must(t, os.Symlink(path, filepath.Join(dir, name)))
	}
	return dir
}

// TestKickstart_KeyStaysOffArguments watches every curl that the script starts.
func TestKickstart_KeyStaysOffArguments(t *testing.T) {
	l := newLab(t)
	curl, err := exec.LookPath("curl")
	must(t, err)
	dir := t.TempDir()
	seen := filepath.Join(dir, "arguments")
	must(t, os.WriteFile(filepath.Join(dir, "curl"), []byte("#!/bin/sh\nprintf '%s\\n' \"$*\" >>'"+seen+"'\nexec "+curl+" \"$@\"\n"), 0o755))
	key := l.key()
	out, code := l.kickstart(key, "PATH="+dir+":"+os.Getenv("PATH"))
	if code != 0 {
		t.Fatalf("kickstart ended with %d:\n%s", code, out)
	}
	arguments := readFile(t, seen)
	if strings.Count(arguments, "\n") < 6 || strings.Contains(arguments, key) {
		t.Errorf("curl was called with:\n%s", arguments)
	}
	if strings.Contains(out+readFile(t, l.file("/opt/jc/jcagentInstall.log")), key) {
		t.Error("the key is in the output or the log")
	}
}

// TestKickstart_SignsAnew is what the vendor's script may do on a computer that has an agent: it becomes a second device.
func TestKickstart_SignsAnew(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	must(t, l.server.ChangeSettings(func(s *stub.Settings) { s.SignsAnew = true }))
	out, code := l.kickstart(l.key())
	if code != 0 || strings.Contains(out, "keeps its certificate") {
		t.Fatalf("kickstart ended with %d:\n%s", code, out)
	}
	l.await("a second device", func(s stub.Snapshot) bool { return len(s.Systems) == 2 && !s.Systems[0].LastContact.IsZero() })
}

// TestKickstart_KeyRefusedAfterFetch is a key that runs out between the script's download and its first request.
func TestKickstart_KeyRefusedAfterFetch(t *testing.T) {
	l := newLab(t)
	script, err := exec.Command("curl", "--silent", "--show-error", "--fail", "--cacert", l.at.CAFile, "--header", "x-connect-key: "+l.key(), l.at.Console+"/Kickstart").Output()
	must(t, err)
	l.server.MoveClock(61 * time.Minute)
	cmd := exec.Command("bash")
	cmd.Stdin = bytes.NewReader(script)
	cmd.Env = append(os.Environ(), "STUB_ROOT="+string(l.root))
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "HTTP 403") {
		t.Errorf("it ended with %v:\n%s", err, out)
	}
	// Cut short anywhere, it must do nothing at all.
	for _, part := range []int{2, 3} {
		half := exec.Command("bash")
		half.Stdin = bytes.NewReader(script[:len(script)*(part-1)/part])
		half.Env = append(os.Environ(), "STUB_ROOT="+filepath.Join(string(l.root), "half"))
		_ = half.Run() // a syntax error or nothing; what counts is what it left
		if _, err := os.Stat(l.file("/half")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%d/%d of the script did something", part-1, part)
		}
	}
}
