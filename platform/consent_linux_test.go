package platform

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestElevateConsent: what the consent dialogs' exit codes mean.
func TestElevateConsent(t *testing.T) {
	shell := func(text string, explain func(int, string) error) attempt {
		return attempt{path: "/bin/sh", args: []string{"-c", text}, explain: explain}
	}
	b := newBench(t, script(goodScript))
	for _, c := range []struct {
		what     string
		attempts []attempt
		want     error
	}{
		{"pkexec dismissed", []attempt{shell("exit 126", explainPkexec)}, ErrDenied},
		{"pkexec without an agent", []attempt{shell("echo 'Error executing command as another user: No authentication agent found.' >&2; exit 127", explainPkexec)}, ErrNoConsent},
		{"pkexec with a wrong password", []attempt{shell("echo 'Error executing command as another user: Not authorized' >&2; exit 127", explainPkexec)}, ErrDenied},
		{"sudo with a wrong password", []attempt{shell("exit 1", explainSudo)}, ErrDenied},
		{"sudo that was interrupted", []attempt{shell("kill -INT $$", explainSudo)}, ErrDenied},
		{"sudo -n that must ask", []attempt{shell("exit 1", explainSilent)}, ErrNoConsent},
		{"sudo -n, then pkexec", []attempt{shell("exit 1", explainSilent), shell("exit 126", explainPkexec)}, ErrDenied},
		{"nothing to ask with", nil, ErrNoConsent},
		{"a program that is not there", []attempt{{path: "/nonexistent/pkexec", explain: explainPkexec}}, ErrNoConsent},
		{"nobody answers", []attempt{shell("exec sleep 60", explainPkexec)}, ErrTimeout},
	} {
		e := testElevation(b.root)
		e.attempts = func() ([]attempt, error) { return c.attempts, nil }
		if errors.Is(c.want, ErrTimeout) {
			e.wait = 50 * time.Millisecond
		}
		var phases []Phase
		err := e.run(t.Context(), b.job(), func(r Report) { phases = append(phases, r.Phase) })
		if !errors.Is(err, c.want) || !slices.Equal(phases, []Phase{PhaseConsent}) {
			t.Errorf("%s: %v after %q, want %v", c.what, err, phases, c.want)
		}
	}
	// What sudo says of a wrong password is not kept from the person who types it.
	var said bytes.Buffer
	e := testElevation(b.root)
	e.attempts = func() ([]attempt, error) {
		a := shell("echo Sorry, try again. >&2; exit 1", explainSudo)
		a.echo = &said
		return []attempt{a}, nil
	}
	if err := e.run(t.Context(), b.job(), func(Report) {}); !errors.Is(err, ErrDenied) || said.String() != "Sorry, try again.\n" {
		t.Errorf("%v after %q", err, said.String())
	}
	e.attempts = func() ([]attempt, error) {
		return []attempt{shell("echo no such file >&2; exit 5", explainPkexec)}, nil
	}
	var failed *JobError
	if err := e.run(t.Context(), b.job(), func(Report) {}); !errors.As(err, &failed) || failed.Code != JobInternal || !strings.Contains(failed.Detail, "no such file") {
		t.Errorf("a program that ends by itself: %v", err)
	}
	e.attempts = func() ([]attempt, error) { return []attempt{shell("exec sleep 60", explainPkexec)}, nil }
	ctx, cancel := context.WithCancel(t.Context())
	if err := e.run(ctx, b.job(), func(Report) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped at the dialog: %v", err)
	}
}

// TestElevateRelease: a release build takes no sandbox.
func TestElevateRelease(t *testing.T) {
	b := newBench(t, script(goodScript))
	e := testElevation(b.root)
	e.sandbox = false
	if got := codeOf(t, e.run(t.Context(), b.job(), func(Report) { t.Error("somebody was asked") })); got != JobUntrusted {
		t.Errorf("%q", got)
	}
}

// TestElevateProgram: a program that others can change is refused before anybody is asked.
func TestElevateProgram(t *testing.T) {
	b := newBench(t, script(goodScript))
	e := testElevation(b.root)
	open := t.TempDir()
	e.options.Program = filepath.Join(open, "assistant-cli")
	if err := os.WriteFile(e.options.Program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := codeOf(t, e.run(t.Context(), b.job(), func(Report) { t.Error("somebody was asked") })); got != JobUnsafeProgram {
		t.Errorf("%q", got)
	}
}
