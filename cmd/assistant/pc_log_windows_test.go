//go:build pc

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where a policy has the Windows Installer log all it does, that is said before, and the key is not in the log, since the
// package hides the property that holds it and what its own program is given. Wine's installer hides nothing.
// https://learn.microsoft.com/windows/win32/msi/msihiddenproperties
func TestPC_InstallerLog(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	s.packageFor("2.166.2")
	s.furnish(p)
	p.installerPolicy("Logging", "REG_SZ", "voicewarmupx")
	out, code := s.enroll(p) // which looks for the key
	if code != 0 || !strings.Contains(out, `"id":"logging","level":"warn"`) {
		t.Fatalf("the enrollment ends with %d:\n%s%s", code, out, p.logs())
	}
	logs, err := filepath.Glob(`C:\Windows\Temp\MSI*.LOG`) // where the check says they are
	must(t, err)
	for _, name := range logs {
		raw, err := os.ReadFile(name)
		must(t, err)
		text := strings.ReplaceAll(string(raw), "\x00", "") // two bytes a letter
		if strings.Contains(text, "JCINSTALLERARGUMENTS") && strings.Contains(text, "**********") {
			return
		}
	}
	t.Errorf("none of %q tells of a hidden property", logs)
}
