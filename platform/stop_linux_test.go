package platform

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// slowScript ends when it is allowed to, and says that it did.
const slowScript = `#!/bin/bash
echo started
while [ ! -e $STUB_ROOT/go ]; do sleep 0.01; done
touch $STUB_ROOT/finished
`

// TestElevateStop: the script that runs is finished, and nothing new begun.
func TestElevateStop(t *testing.T) {
	b := newBench(t, script(slowScript))
	err := b.run(b.job(), func(r Report, stop context.CancelFunc) {
		if r.Output == "started" {
			stop()
			go func() {
				until(t, "the stop was not seen", func() bool {
					return strings.Contains(readText(b.path(stateFolder+"/elevated.log")), `"msg":"stopping"`)
				})
				if err := os.WriteFile(b.path("go"), nil, 0o600); err != nil {
					t.Error(err)
				}
			}()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if !exists(b.path("finished")) {
		t.Error("the script was cut off")
	}
	if slices.Contains(b.phases(), PhaseStartService) {
		t.Error("another phase began")
	}
}

// TestElevateParentDies does the same to a user's side that is killed.
func TestElevateParentDies(t *testing.T) {
	b := newBench(t, script(slowScript+"touch $STUB_ROOT/last\n"))
	w := b.job().wire()
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "job")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	user := exec.Command(os.Args[0], "user", file)
	user.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir())
	if err := user.Start(); err != nil {
		t.Fatal(err)
	}
	lock := b.path(stateFolder + "/lock")
	logged := b.path(stateFolder + "/elevated.log")
	until(t, "the script did not start", func() bool { return strings.Contains(readText(logged), `"line":"started"`) })
	if _, err := lockFile(lock); !errors.Is(err, ErrBusy) {
		t.Errorf("the lock is free while a job runs: %v", err)
	}
	if err := user.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = user.Wait()
	until(t, "the death was not seen", func() bool { return strings.Contains(readText(logged), `"msg":"stopping"`) })
	if err := os.WriteFile(b.path("go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	await(t, b.path("last"))
	until(t, "the elevated side goes on", func() bool {
		unlock, err := lockFile(lock)
		if err != nil {
			return false
		}
		unlock()
		return true
	})
	if strings.Contains(readText(logged), string(PhaseStartService)) {
		t.Error("another phase began")
	}
}

// TestElevateBusy: one run at a time.
func TestElevateBusy(t *testing.T) {
	b := newBench(t, script(goodScript))
	if err := privateFolder(b.path(stateFolder)); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockFile(b.path(stateFolder + "/lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := b.run(b.job(), nil); !errors.Is(err, ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
}
