//go:build linux

package main

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"example.com/enrollment-assistant/server-stub/stub"
)

// Nothing of the poisoned shelf is executed by the script that the server gives: it knows the package's SHA-256.
func TestKickstart_PoisonedShelf(t *testing.T) {
	for _, preset := range []string{"package-unsigned", "package-other-publisher", "package-truncated", "package-older", "package-html"} {
		t.Run(preset, func(t *testing.T) {
			l := newLab(t)
			_, err := l.server.ApplyPreset(preset)
			must(t, err)
			if out, code := l.kickstart(l.key()); code != 1 {
				t.Errorf("it ended with %d:\n%s", code, out)
			}
			if _, err := os.Stat(l.file(stub.CanaryPath)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it was executed: %v", err)
			}
			if n := len(l.server.Faults()); n == 0 {
				t.Error("the fault is gone, though it stays until it is removed")
			}
			if s := l.snapshot(); len(s.Systems)+len(s.Outbox) != 0 {
				t.Errorf("a failed install left %+v", s)
			}
		})
	}
}
