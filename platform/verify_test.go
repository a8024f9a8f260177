//go:build !windows

package platform

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeDscl is a dscl that asks as the real one does, on the terminal with the echo off, notes what it was called with,
// and answers as the real one: https://github.com/TheJumpCloud/support, scripts/macos/install_agent_and_serviceaccount.sh
const fakeDscl = `#!/bin/sh
echo "$@" >"$0.args"
env >"$0.env"
stty -echo </dev/tty
printf 'Password:' >/dev/tty
IFS= read -r password </dev/tty
stty echo </dev/tty
echo >/dev/tty
[ "$password" = 'sword;fish $x \y "z"' ] && exit 0
[ "$password" = locked ] && echo '<dscl_cmd> DS Error: -14167 (eDSAuthAccountDisabled)' && exit 89
echo 'Authentication for node /Local/Default failed. (-14090, eDSAuthFailed)'
echo '<dscl_cmd> DS Error: -14090 (eDSAuthFailed)'
exit 90
`

// TestAskDscl types a password into a real terminal.
func TestAskDscl(t *testing.T) {
	dscl := filepath.Join(t.TempDir(), "dscl")
	if err := os.WriteFile(dscl, []byte(fakeDscl), 0o700); err != nil {
		t.Fatal(err)
	}
	const right = `sword;fish $x \y "z"`
	if err := askDscl(t.Context(), dscl, "nora", NewSecret(right)); err != nil {
		t.Errorf("the right password: %v", err)
	}
	if got := readText(dscl + ".args"); got != "/Local/Default -authonly nora\n" {
		t.Errorf("called with %q", got)
	}
	if strings.Contains(readText(dscl+".env"), "sword") {
		t.Error("the password is in the environment")
	}
	for _, wrong := range []string{"swordfish", right + " ", "ü", "$(x)"} {
		if err := askDscl(t.Context(), dscl, "nora", NewSecret(wrong)); !errors.Is(err, ErrPassword) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	// None of these says that the password is wrong.
	for _, c := range []struct{ path, name, password string }{
		{dscl, "nora", "locked"}, {dscl, "nora", "a\x03b"}, {dscl, "nora", "a\nb"}, {dscl, "nora", ""}, {dscl, "-x", right}, {dscl, "", right},
		{dscl + ".missing", "nora", right}, {"/bin/false", "nora", right},
	} {
		err := askDscl(t.Context(), c.path, c.name, NewSecret(c.password))
		if err == nil || errors.Is(err, ErrPassword) {
			t.Errorf("%s, %q, %q: %v", c.path, c.name, c.password, err)
		}
		if err != nil && c.password != "" && strings.Contains(err.Error(), c.password) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestExplainDirectory(t *testing.T) {
	if err := explainDirectory(0); err != nil {
		t.Error(err)
	}
	if err := explainDirectory(5000); !errors.Is(err, ErrPassword) {
		t.Error(err)
	}
	for _, code := range []int{-1, 5300, 5301, 5305} {
		if err := explainDirectory(code); err == nil || errors.Is(err, ErrPassword) {
			t.Errorf("%d: %v", code, err)
		}
	}
}
