//go:build linux

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"example.com/enrollment-assistant/server-stub/stub"
)

func TestAgent_ScriptWay(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	s := l.snapshot()
	y := s.Systems[0]
	if y.ProvisionerID != l.nora.ID || y.AgentVersion != "2.166.2" || y.OSFamily != "linux" || y.Arch != machine() || y.Hostname == "" || len(y.BoundUserIDs) != 0 {
		t.Errorf("the device is %+v", y)
	}
	if len(s.Outbox) != len(s.Admins) {
		t.Errorf("%d mails for %d admins", len(s.Outbox), len(s.Admins))
	}
	eventually(t, "jcagent.conf has the system's key", func() bool {
		return regexp.MustCompile(`^\{.*"systemKey":"` + y.ID + `".*\}\n$`).MatchString(readFile(t, l.file(confFile)))
	})
	for name, mode := range map[string]fs.FileMode{jcDir: fs.ModeDir | 0o700, keyFile: 0o600, certFile: 0o600, confFile: 0o600, logFile: 0o600,
		"/opt/jc/bin/jumpcloud-agent": 0o755} {
		info, err := os.Stat(l.file(name))
		must(t, err)
		if info.Mode() != mode {
			t.Errorf("%s is %v, want %v", name, info.Mode(), mode)
		}
	}
	if v := readFile(t, l.file(versionFile)); v != "2.166.2" {
		t.Errorf("version.txt is %q", v)
	}
	form := regexp.MustCompile(`(?m)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[` + strconv.Itoa(l.pid()) + `\] \[INFO\] poll ok$`)
	eventually(t, "a poll is in the log", func() bool { return form.MatchString(l.log()) })
}

func TestAgent_BindUnbindDelete(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	id := l.snapshot().Systems[0].ID
	managed := func(want string) {
		t.Helper()
		eventually(t, "managedUsers.json is "+want, func() bool {
			raw, err := os.ReadFile(l.file(managedFile))
			return err == nil && strings.TrimSpace(string(raw)) == want
		})
	}
	managed(`[]`)
	must(t, l.server.Bind(t.Context(), l.ada, id, l.nora.ID))
	managed(`[{"username":"nora"}]`)
	must(t, l.server.Unbind(t.Context(), l.ada, id, l.nora.ID))
	managed(`[]`)
	pid := l.pid()
	must(t, l.server.DeleteSystem(t.Context(), l.ada, id))
	eventually(t, "the agent removed itself", func() bool {
		_, err := os.Stat(l.file(jcDir))
		return errors.Is(err, fs.ErrNotExist) && !running(pid)
	})
	if l.pid() != 0 {
		t.Error("the pid file is still there")
	}
}

func TestAgent_ScriptUpgrades(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	before := l.snapshot()
	first := l.pid()
	change := func(version string) {
		t.Helper()
		must(t, l.server.ChangeSettings(func(s *stub.Settings) { s.AgentVersion = version }))
	}
	change("2.200.0")
	must(t, os.MkdirAll(l.file("/etc"), 0o755))
	must(t, os.WriteFile(l.file("/etc/os-release"), []byte("NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\"11\"\n"), 0o600))
	out, code := l.kickstart(l.key())
	if code != 0 || !strings.Contains(out, "It keeps its certificate.") {
		t.Fatalf("the upgrade ended with %d:\n%s", code, out)
	}
	l.await("the new version", func(s stub.Snapshot) bool { return s.Systems[0].AgentVersion == "2.200.0" })
	l.await("what the system is now", func(s stub.Snapshot) bool { return s.Systems[0].OS == "Debian" && s.Systems[0].Version == "11" })
	second := l.pid()
	if first == second || running(first) {
		t.Error("the agent before the upgrade still runs")
	}
	// An older package is never put over a newer agent.
	change("2.180.0")
	out, code = l.kickstart(l.key())
	if code != 0 || !strings.Contains(out, "(2.200.0) is newer than the one of the server (2.180.0). Nothing was changed.") {
		t.Errorf("an older package ended with %d:\n%s", code, out)
	}
	if l.pid() != second || readFile(t, l.file(versionFile)) != "2.200.0" {
		t.Error("the newer agent was touched")
	}
	after := l.snapshot()
	if len(after.Systems) != 1 || after.Systems[0].ID != before.Systems[0].ID || len(after.Outbox) != len(before.Outbox) {
		t.Errorf("an upgrade made a device or a mail: %+v", after)
	}
}

func TestAgent_PackageWay(t *testing.T) {
	l := newLab(t)
	l.unpackAndStart(strings.Repeat("0", 40))
	refused := regexp.MustCompile(`(?m)\[ERROR\] enrollment refused: 403 `)
	eventually(t, "the refusal is in the log", func() bool { return refused.MatchString(l.log()) })
	// Another key is tried at once, not only after the slow retry.
	key := l.key()
	l.bootstrap(key)
	l.await("the device is there", func(s stub.Snapshot) bool { return len(s.Systems) == 1 && !s.Systems[0].LastContact.IsZero() })
	if _, err := os.Stat(l.file(bootstrapFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the bootstrap file is still there: %v", err)
	}
	must(t, filepath.WalkDir(string(l.root), func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the agent replaces its files while it runs
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(name)
		if bytes.Contains(text, []byte(key)) {
			t.Errorf("the connect key is in %s", name)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // as above
		}
		return err
	}))
	// A second install: the certificate is known, so the device stays the same and nobody is told.
	before := l.snapshot()
	pid := l.pid()
	l.unpackAndStart(l.key())
	eventually(t, "the second agent took over", func() bool { return l.pid() != pid && l.pid() != 0 && !running(pid) })
	eventually(t, "the second bootstrap file is used", func() bool {
		_, err := os.Stat(l.file(bootstrapFile))
		return errors.Is(err, fs.ErrNotExist) && strings.Contains(l.log(), "certificate kept")
	})
	after := l.snapshot()
	if len(after.Systems) != 1 || after.Systems[0].ID != before.Systems[0].ID || len(after.Outbox) != len(before.Outbox) {
		t.Errorf("an upgrade made a device or a mail: %+v", after)
	}
}

func TestAgent_PackageWayUnsupported(t *testing.T) {
	l := newLab(t)
	must(t, os.Mkdir(l.file("/etc"), 0o755))
	must(t, os.WriteFile(l.file("/etc/os-release"), []byte("NAME=\"Arch Linux\"\nID=arch\n"), 0o600))
	l.unpackAndStart(l.key())
	eventually(t, "the log says so", func() bool {
		return strings.Contains(l.log(), "Could not get the Linux template ID from the server for arch='"+machine()+"', os='Arch Linux") &&
			strings.Contains(l.log(), "Template ID request failed with status=400")
	})
	if s := l.snapshot(); len(s.Systems)+len(s.Outbox) != 0 {
		t.Errorf("a failed install left %+v", s)
	}
}

func TestAgent_EndsWithItsFolder(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	pid := l.pid()
	// The agent may write a file while the folder is removed.
	eventually(t, "the folder is gone", func() bool { return os.RemoveAll(l.file("/")) == nil })
	eventually(t, "the agent ends", func() bool { return !running(pid) })
}

func TestAgent_RegistersAgainAfterLosingItsConfiguration(t *testing.T) {
	l := newLab(t)
	l.enrollByScript()
	before := l.snapshot()
	c, err := l.root.readConf()
	must(t, err)
	c.SystemKey = ""
	must(t, l.root.writeConf(c))
	l.unpackAndStart("")
	must(t, os.Remove(l.file(bootstrapFile)))
	eventually(t, "the same system's key", func() bool {
		c, err := l.root.readConf()
		return err == nil && c.SystemKey == before.Systems[0].ID
	})
	if after := l.snapshot(); len(after.Systems) != 1 || len(after.Outbox) != len(before.Outbox) {
		t.Errorf("it became another device: %+v", after)
	}
}

// TestAgent_AnotherServer moves a computer from one server to another and back. Each knows only its own certificates.
func TestAgent_AnotherServer(t *testing.T) {
	first, second := newLab(t), newLabIn(t, t.TempDir())
	second.root = first.root
	first.enrollByScript()
	if out := second.enrollByScript(); strings.Contains(out, "keeps its certificate") {
		t.Errorf("a certificate of another server was kept:\n%s", out)
	}
	first.unpackAndStart(first.key())
	first.await("a new device", func(s stub.Snapshot) bool { return len(s.Systems) == 2 && !s.Systems[0].LastContact.IsZero() })
	if c, err := first.root.readConf(); err != nil || c.server() != first.at.Private || c.SystemKey == "" {
		t.Errorf("the configuration is %+v: %v", c, err)
	}
}
