package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/steps"
)

// atHome gives the process a home of its own.
func atHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(name, home)
	}
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_STATE_HOME"} {
		t.Setenv(name, "")
	}
	return home
}

func makeFolder(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestSaveReport(t *testing.T) {
	home := atHome(t)
	first, err := saveReport("one")
	if err != nil || filepath.Dir(first) != home {
		t.Fatalf("%s, %v", first, err)
	}
	host, _ := os.Hostname()
	if name := filepath.Base(first); !strings.HasPrefix(name, "enrollment-report-") || !strings.HasSuffix(name, time.Now().Format(time.DateOnly)+".txt") ||
		!strings.Contains(name, notInName.ReplaceAllString(host, "-")) {
		t.Errorf("name %s", name)
	}
	makeFolder(t, filepath.Join(home, "Downloads"))
	second, err := saveReport("two")
	if err != nil || filepath.Dir(second) != filepath.Join(home, "Downloads") {
		t.Errorf("%s, %v", second, err)
	}
	third, err := saveReport("three")
	if err != nil || third == second || !strings.HasSuffix(third, "-2.txt") {
		t.Errorf("%s, %v", third, err)
	}
	for path, want := range map[string]string{first: "one", second: "two", third: "three"} {
		b, err := os.ReadFile(path)
		info, statErr := os.Stat(path)
		if err != nil || statErr != nil || string(b) != want || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %q, %v, %v", path, b, err, info)
		}
	}
	if path, err := saveReceipt("four"); err != nil || !strings.Contains(path, "enrollment-receipt-") {
		t.Errorf("%s, %v", path, err)
	}
}

// A link in the place of the file is not followed.
func TestWriteNew_Link(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "target"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(filepath.Join(dir, "link"), "text"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "target")); err == nil {
		t.Error("the link was followed")
	}
}

func TestXDGDownloads(t *testing.T) {
	home := atHome(t)
	config := filepath.Join(home, ".config")
	makeFolder(t, config)
	for _, tc := range []struct{ file, want string }{
		{"", ""},
		{"# comment\nXDG_DESKTOP_DIR=\"$HOME/Schreibtisch\"\nXDG_DOWNLOAD_DIR=\"$HOME/Herunter geladen\"\n", filepath.Join(home, "Herunter geladen")},
		{"XDG_DOWNLOAD_DIR=\"/srv/downloads\"\n", "/srv/downloads"},
		{"XDG_DOWNLOAD_DIR=\"downloads\"\n", ""},
	} {
		if err := os.WriteFile(filepath.Join(config, "user-dirs.dirs"), []byte(tc.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := xdgDownloads(home); got != tc.want {
			t.Errorf("%q: %s", tc.file, got)
		}
	}
}

func TestReceiptText(t *testing.T) {
	s := &session{config: steps.Config{StateDir: t.TempDir(), Profile: steps.Profile{Organization: steps.Organization{Name: "Acme"}}}}
	if got := receiptText(s, steps.Device{Hostname: "nora-laptop"}); !strings.Contains(got, "nora-laptop") || !strings.Contains(got, "Acme") {
		t.Error(got)
	}
}
