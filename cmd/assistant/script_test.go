//go:build linux

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the stories of testdata: a test build of assistant-cli, in a sandbox, against a server-stub that
// is a process of its own. Commands beyond those of testscript are in script_stub_test.go.
func TestScripts(t *testing.T) {
	bin := t.TempDir()
	goBuild(t, bin, "assistant-cli", "nogui,qa", ".")
	goBuild(t, bin, "server-stub", "", "../../server-stub")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("BIN", bin)
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("ROOT", filepath.Join(env.WorkDir, "root"))
			host, err := os.Hostname()
			if err != nil {
				return err
			}
			env.Setenv("HOST", host)
			env.Values[playsKey{}] = &play{}
			return os.Mkdir(filepath.Join(env.WorkDir, "root"), 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"stub":    startStub,
			"profile": writeProfile,
			"key":     writeKey,
			"qa":      askStub,
			"mails":   countMails,
			"sealed":  noSecretIn,
			"exits":   exits,
			"typed":   writeTyped,
		},
	})
}
