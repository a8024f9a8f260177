//go:build e2e && linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The links of the rail by keyboard alone: a report is shown and saved, the language is chosen and remembered, and
// what was ticked before is still ticked.
func TestE2E_ReportAndLanguage(t *testing.T) {
	d := newDesk(t)
	w := d.open()
	d.page("welcome")
	w.keys("space", "shift+Tab", "shift+Tab", "Return") // past About
	d.page("report")
	const soon = 20 * time.Second
	d.logged(soon, "msg", "report shown")
	d.shot("r1-report")
	w.keys("Return")
	d.logged(soon, "msg", "saved", "kind", "report")
	d.shot("r2-saved")
	files, err := filepath.Glob(d.file("home/enrollment-report-*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("saved %q, %v", files, err)
	}
	if report, err := os.ReadFile(files[0]); err != nil || !strings.Contains(string(report), "linux") {
		t.Errorf("the report says %q, %v", report, err)
	}
	w.keys("Escape", "shift+Tab", "Return")
	d.page("language")
	d.shot("r3-language")
	w.keys("Tab", "Return")
	d.logged(soon, "msg", "language", "tag", "de")
	d.page("welcome")
	d.shot("r4-german")
	kept, err := filepath.Glob(d.file("home/.config/fyne/*/preferences.json"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("preferences are in %q, %v", kept, err)
	}
	w.keys("Tab", "space", "Return") // the first tick is there already
	d.page("login")
	d.shot("r5-login")
	w.keys("shift+Tab", "shift+Tab", "Return")
	w.types("nora@acme.example")
	w.keys("Escape")
	d.page("welcome")
	if words, err := os.ReadFile(kept[0]); err != nil || !strings.Contains(string(words), `"de"`) {
		t.Errorf("kept %s, %v", words, err)
	}
}
