package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// goBuild builds one of the programs into a folder.
func goBuild(t *testing.T, dir, name, tags, pkg string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-tags", tags, "-o", filepath.Join(dir, name), pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", name, err, out)
	}
}

// Windows takes numbers alone for a version, so a tag is cut to them.
func TestMakefile_VersionForWindows(t *testing.T) {
	for version, want := range map[string]string{"v1.4.0": "1.4.0", "v1.4.0-3-gabcdef0-dirty": "1.4.0", "v2.0.0-rc1": "2.0.0", "abcdef0": "0.0.0", "1234567": "0.0.0", "unknown": "0.0.0"} {
		out, err := exec.CommandContext(t.Context(), "make", "--dry-run", "-C", "../..", "windows", "VERSION="+version).CombinedOutput()
		if words := " --file-version '" + want + "' --product-version '" + want + "' "; err != nil || !strings.Contains(string(out), words) {
			t.Errorf("%s does not make %s: %v\n%s", version, words, err, out)
		}
	}
}

// A release build has nothing of what a test build may do: no flag for a sandbox, no word of it in the file.
func TestReleaseBuild_HasNoSandbox(t *testing.T) {
	bin := t.TempDir()
	goBuild(t, bin, "release", "nogui", ".")
	goBuild(t, bin, "qa", "nogui,qa", ".")
	words := []string{"Test build only", "install into DIR", "STUB_ROOT"}
	release, err := os.ReadFile(filepath.Join(bin, "release"))
	if err != nil {
		t.Fatal(err)
	}
	qa, err := os.ReadFile(filepath.Join(bin, "qa"))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range words {
		if bytes.Contains(release, []byte(word)) {
			t.Errorf("the release build contains %q", word)
		}
		if !bytes.Contains(qa, []byte(word)) {
			t.Errorf("the test build does not contain %q: this test looks for the wrong word", word)
		}
	}
	for _, args := range [][]string{{"enroll", "--json", "--root", bin}, {"check", "--root", bin}, {"plan", "--root", bin}, {"--root", bin}} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "release"), args...)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+bin)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "no flag --root") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "release"), "version").Output()
	if err != nil || bytes.Contains(out, []byte("TEST")) {
		t.Errorf("version: %v\n%s", err, out)
	}
	out, err = exec.CommandContext(t.Context(), filepath.Join(bin, "qa"), "version").Output()
	if err != nil || !bytes.Contains(out, []byte("TEST")) {
		t.Errorf("version of the test build: %v\n%s", err, out)
	}
}
