//go:build linux

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// countMails checks how many mails the stub has sent: "mails N".
func countMails(ts *testscript.TestScript, _ bool, args []string) {
	p := playOf(ts)
	var shot struct {
		Outbox []struct{ To, Subject string }
	}
	ts.Check(p.call(p.client, http.MethodGet, "/_qa/snapshot", "", nil, &shot))
	if strconv.Itoa(len(shot.Outbox)) != args[0] {
		ts.Fatalf("%d mails, want %s: %v", len(shot.Outbox), args[0], shot.Outbox)
	}
}

// noSecretIn checks that no secret of this play, and none that is given, is in the last command's output or in a file
// of the folders: "sealed [-also TEXT]… FOLDER…". The agent's own files hold the key, as the vendor's do.
func noSecretIn(ts *testscript.TestScript, _ bool, args []string) {
	secrets := append([]string{"demo-User-1", "JBSWY3DPEHPK3PXP", "jcc_"}, playOf(ts).secrets...)
	for len(args) > 1 && args[0] == "-also" {
		secrets, args = append(secrets, args[1]), args[2:]
	}
	check := func(name string, text []byte) {
		for _, s := range secrets {
			if bytes.Contains(text, []byte(s)) {
				ts.Fatalf("%s holds the secret %q", name, s)
			}
		}
	}
	for _, name := range []string{"stdout", "stderr"} {
		check(name, []byte(ts.ReadFile(name)))
	}
	files := 0
	for _, folder := range args {
		ts.Check(filepath.WalkDir(ts.MkAbs(folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			files++
			text, err := os.ReadFile(path)
			check(path, text)
			return err
		}))
	}
	if len(args) > 0 && files == 0 {
		ts.Fatalf("there are no files in %v", args)
	}
}

// exits runs a program and checks its exit code: "exits CODE PROGRAM ARGS…".
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	code := 0
	switch {
	case errors.As(err, &ended):
		code = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// writeTyped writes what a person types, a line for each argument; @FILE stands for a file's content: "typed FILE LINE…".
func writeTyped(ts *testscript.TestScript, _ bool, args []string) {
	var lines strings.Builder
	for _, line := range args[1:] {
		if name, ok := strings.CutPrefix(line, "@"); ok {
			line = strings.TrimSpace(ts.ReadFile(name))
		}
		lines.WriteString(line + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(lines.String()), 0o600))
}
