//go:build unix

package assets

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The bundle as the script makes it, with stand-ins for Apple's tools that keep what they were told.
func TestMacApp_Bundle(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Fatal(err)
	}
	tools, programs, out := t.TempDir(), t.TempDir(), t.TempDir()
	for name, does := range map[string]string{
		"lipo": `for f in "$4" "$5"; do cat "$f" >>"$3"; done`, "sips": `cp "$4" "$6"`, "iconutil": `test -d "$5" && echo icon >"$4"`,
		"plutil": ``, "codesign": `echo "$@" >>"$TOLD"`,
	} {
		if err := os.WriteFile(filepath.Join(tools, name), []byte("#!/bin/sh\n"+does+"\n"), 0o700); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
	}
	for _, name := range []string{"arm64/assistant", "arm64/assistant-cli", "amd64/assistant", "amd64/assistant-cli"} {
		path := filepath.Join(programs, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(name+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	app := filepath.Join(out, "Enrollment Assistant.app", "Contents")
	for version, want := range map[string]string{"v1.2.3": "1.2.3", "v1.2.3-4-gabcdef0-dirty": "1.2.3", "abcdef0": "0", "unknown": "0"} {
		told := filepath.Join(t.TempDir(), "told")
		cmd := exec.Command("sh", "macos/bundle.sh", version, programs, out)
		cmd.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"), "TOLD="+told)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		if got := plist(t, filepath.Join(app, "Info.plist"))["CFBundleVersion"]; got != want {
			t.Errorf("version %s became %q, want %q", version, got, want)
		}
		b, err := os.ReadFile(told)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		signed := func(i int, what string) bool {
			return strings.Contains(lines[i], "--options runtime") && strings.Contains(lines[i], "--sign -") && strings.HasSuffix(lines[i], what)
		}
		if len(lines) != 3 || !signed(0, "assistant-cli") || !signed(1, ".app") || !strings.HasPrefix(lines[2], "--verify --strict") {
			t.Errorf("%q", lines)
		}
	}
	var files []string
	err := filepath.WalkDir(app, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, strings.TrimPrefix(path, app+"/"))
		}
		return err
	})
	want := []string{
		"Info.plist", "MacOS/assistant", "MacOS/assistant-cli", "Resources/de.lproj/InfoPlist.strings", "Resources/en.lproj/InfoPlist.strings",
		"Resources/icon.icns", "Resources/notices.txt", "Resources/profile.schema.json",
	}
	if err != nil || !slices.Equal(files, want) {
		t.Errorf("%v, %q", err, files)
	}
	if b, err := os.ReadFile(filepath.Join(app, "MacOS/assistant-cli")); err != nil || string(b) != "arm64/assistant-cli\namd64/assistant-cli\n" {
		t.Errorf("%v, %q", err, b)
	}
}
