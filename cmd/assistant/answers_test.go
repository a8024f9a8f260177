package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

func TestReadAnswers(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef01234567"
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		bad        string // part of the sentence
	}{
		{name: "key", text: `{"connectKey":"` + key + `"}`, mode: 0o600},
		{name: "sign-in", text: `{"email":"nora@acme.example","password":"p","totpSecret":"JBSWY3DPEHPK3PXP"}`, mode: 0o400},
		{name: "nothing asked", text: `{}`, mode: 0o600},
		{name: "group can read", text: `{"connectKey":"` + key + `"}`, mode: 0o640, bad: "chmod 600"},
		{name: "everyone can read", text: `{"connectKey":"` + key + `"}`, mode: 0o644, bad: "chmod 600"},
		{name: "unknown key", text: `{"connectkeys":"` + key + `"}`, mode: 0o600, bad: "expected form"},
		{name: "no JSON", text: key, mode: 0o600, bad: "expected form"},
		{name: "two objects", text: `{}{}`, mode: 0o600, bad: "expected form"},
		{name: "no password", text: `{"email":"nora@acme.example"}`, mode: 0o600, bad: "not both"},
		{name: "Mac account", text: `{"connectKey":"` + key + `","macAccount":"nora","macPassword":"p"}`, mode: 0o600},
		{name: "no Mac password", text: `{"macAccount":"nora"}`, mode: 0o600, bad: "its password, but not both"},
		{name: "no Mac account", text: `{"macPassword":"p"}`, mode: 0o600, bad: "its password, but not both"},
		{name: "too long", text: `{"email":"` + strings.Repeat("n", answersLimit) + `"}`, mode: 0o600, bad: "could not be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "answers.json")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, c.mode); err != nil {
				t.Fatal(err)
			}
			_, p := readAnswers(file, nil)
			switch {
			case c.bad == "" && p != nil:
				t.Errorf("refused: %s", problemText(p))
			case c.bad != "" && (p == nil || !strings.Contains(problemText(p), c.bad) || p.Code != steps.CodeUsage):
				t.Errorf("got %v, want a sentence with %q", p, c.bad)
			case p != nil && (strings.Contains(problemText(p), key) || strings.Contains(p.Error(), key)):
				t.Errorf("the problem repeats the key: %v", p)
			}
		})
	}
}

func TestReadAnswers_Stdin(t *testing.T) {
	a, p := readAnswers("-", strings.NewReader(`{"email":"n@acme.example","password":"pass word","totpSecret":"ab"}`))
	if p != nil {
		t.Fatal(problemText(p))
	}
	if a.email != "n@acme.example" || a.password.Reveal() != "pass word" || a.totpSecret.Reveal() != "ab" {
		t.Errorf("got %q and secrets of %d and %d bytes", a.email, len(a.password.Reveal()), len(a.totpSecret.Reveal()))
	}
	a.wipe()
	if !a.password.Empty() || !a.totpSecret.Empty() {
		t.Error("wipe left a secret")
	}
}

func TestReadAnswers_NotAFile(t *testing.T) {
	for _, name := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing")} {
		if _, p := readAnswers(name, nil); p == nil || p.Code != steps.CodeUsage {
			t.Errorf("%s: got %v, want a usage problem", name, p)
		}
	}
}

// The vectors are those of RFC 6238, appendix B, for SHA-1, of which the last six digits are shown.
func TestTOTPCode(t *testing.T) {
	const secret = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq" // "12345678901234567890", as services show it
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		got, err := totpCode(platform.NewSecret(secret), time.Unix(at, 0))
		if err != nil || got.Reveal() != want {
			t.Errorf("at %d: got %s, %v, want %s", at, got.Reveal(), err, want)
		}
	}
	if _, err := totpCode(platform.NewSecret("not base32!"), time.Unix(59, 0)); err == nil || strings.Contains(err.Error(), "not base32!") {
		t.Errorf("got %v, want an error without the secret", err)
	}
}
