//go:build !windows

package platform

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMacAttempts: who is asked, how, and that nothing which varies is part of a script.
func TestMacAttempts(t *testing.T) {
	const program, prompt = `/Applications/An "odd" app's.app/Contents/MacOS/assistant-cli`, `"; do shell script "x`
	for _, c := range []struct {
		what    string
		consent Consent
		asking  macAsking
		want    []string // the programs
		err     error
	}{
		{"the dialog", ConsentDialog, macAsking{}, []string{osascript}, nil},
		{"the dialog, and a terminal where nobody sees it", ConsentDialog, macAsking{terminal: true}, []string{osascript, macSudo}, nil},
		{"the terminal", ConsentTerminal, macAsking{terminal: true}, []string{macSudo}, nil},
		{"a terminal that is not there", ConsentTerminal, macAsking{}, nil, ErrNoConsent},
		{"nobody", ConsentSilent, macAsking{terminal: true}, []string{macSudo}, nil},
		{"root", ConsentDialog, macAsking{root: true}, []string{program}, nil},
	} {
		c.asking.prompt, c.asking.environ = prompt, []string{"A=b"}
		attempts, err := macAttempts(Options{Program: program, Consent: c.consent}, c.asking)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.what, err)
		}
		var got []string
		for _, a := range attempts {
			got = append(got, a.path)
			if !filepath.IsAbs(a.path) {
				t.Errorf("%s: %s is not a path", c.what, a.path)
			}
			if a.path == osascript && !slices.Equal(a.args, []string{"-e", consentScript, program, prompt}) {
				t.Errorf("%s: %q", c.what, a.args)
			}
			if silent := slices.Contains(a.args, "-n"); silent != (c.consent == ConsentSilent) {
				t.Errorf("%s: %q", c.what, a.args)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	if strings.ContainsAny(consentScript, "'%\\") || strings.Count(consentScript, "quoted form of") != 2 {
		t.Errorf("the script is not the one that was thought about: %s", consentScript)
	}
}

// TestExplainOsascript: the numbers count, in whatever language the words are.
func TestExplainOsascript(t *testing.T) {
	for stderr, want := range map[string]error{
		"0:141: execution error: User canceled. (-128)\n":                                         ErrDenied,
		"0:141: execution error: L’utilisateur a annulé. (-128)":                                  ErrDenied,
		"0:141: execution error: The administrator user name or password was incorrect. (-60005)": ErrDenied,
		"execution error: No user interaction allowed. (-1713)":                                   ErrNoConsent,
		"execution error: Benutzerinteraktion nicht erlaubt. (-1713)\n":                           ErrNoConsent,
		"execution error: (-60007)":                                                               ErrNoConsent,
	} {
		if got := explainOsascript(1, stderr); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", stderr, got, want)
		}
	}
	for _, stderr := range []string{"execution error: something else (-12800)", "execution error: the channel is not ours (3)", "(-128) and more", ""} {
		if got := explainOsascript(1, stderr); codeOf(t, got) != JobInternal {
			t.Errorf("%q: %v", stderr, got)
		}
	}
}
