package platform

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestLinuxAttempts: which program asks, and how it is started, by the consent that was chosen.
func TestLinuxAttempts(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"sudo", "pkexec"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := commandFolders
	commandFolders = []string{folder}
	t.Cleanup(func() { commandFolders = before })
	t.Setenv("SHELL", "/bin/fish")
	// Polkit is not asked: there is no system bus at this address.
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(folder, "none"))
	const program = "/opt/assistant/assistant-cli"
	for _, c := range []struct {
		what string
		o    Options
		euid int
		want [][]string
	}{
		{"root is not asked", Options{Consent: ConsentDialog}, 0, [][]string{{program, "elevated"}}},
		{"a sandbox needs nobody", Options{Root: "/tmp/x"}, 1000, [][]string{{program, "elevated"}}},
		{"a dialog", Options{}, 1000, [][]string{{folder + "/pkexec", program, "elevated"}}},
		{"silently", Options{Consent: ConsentSilent}, 1000, [][]string{{folder + "/sudo", "-n", "--", program, "elevated"}}},
	} {
		c.o.Program = program
		attempts, err := linuxAttempts(c.o, c.euid)
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for _, a := range attempts {
			got = append(got, append([]string{a.path}, a.args...))
			if slices.Contains(a.env, "SHELL=/bin/fish") && a.path == folder+"/pkexec" {
				t.Errorf("%s: pkexec is given a SHELL that it may refuse", c.what)
			}
		}
		if !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	// Where sudo is not installed there is nobody to ask.
	if err := os.Remove(filepath.Join(folder, "sudo")); err != nil {
		t.Fatal(err)
	}
	if attempts, err := linuxAttempts(Options{Program: program, Consent: ConsentSilent}, 1000); err != nil || len(attempts) != 0 {
		t.Errorf("without sudo: %v %v", attempts, err)
	}
	if attempts, err := linuxAttempts(Options{Program: program, Consent: ConsentTerminal}, 1000); len(attempts) != 0 || err != nil && !errors.Is(err, ErrNoConsent) {
		t.Errorf("without sudo, in a terminal: %v %v", attempts, err)
	}
}

// TestGranted asks no polkit at all: without one nothing is granted.
func TestGranted(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	if granted("/usr/bin/env") {
		t.Error("granted by nobody")
	}
}

func TestStartTime(t *testing.T) {
	mine, err := startTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	parents, err := startTime(os.Getppid())
	if err != nil || parents == 0 || mine < parents {
		t.Errorf("this process started at %d, its parent at %d: %v", mine, parents, err)
	}
	if _, err := startTime(1 << 30); err == nil {
		t.Error("a process that is not there has a start time")
	}
}
