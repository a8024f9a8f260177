package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The elevated side is told a path by a process without rights; its answer must not read a file out to it.
func TestElevatedTrust_TellsNothingOfTheFile(t *testing.T) {
	for name, content := range map[string]string{
		"not JSON":    "root:$6$canary:19000::::",
		"other JSON":  `{"canary":{"canary":"canary"}}`,
		"wrong value": `{"region":"canary"}`,
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := trust(path)
		if err != nil {
			t.Errorf("%s, which anybody may have written: %v", name, err)
		}
		if len(got.Endpoints) > 0 || got.RootsPEM != nil {
			t.Errorf("%s is trusted: %+v", name, got)
		}
		if os.Geteuid() != 0 {
			continue // only root has files that are read at all
		}
		dir, err := os.MkdirTemp("/var/lib", "enrollment-assistant-test-") //nolint:usetesting // a temporary folder is not protected
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		path = filepath.Join(dir, "file")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err = trust(path)
		if err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "root") {
			t.Errorf("%s: %v", name, err)
		}
		if len(got.Endpoints) > 0 || got.RootsPEM != nil {
			t.Errorf("%s is trusted: %+v", name, got)
		}
	}
}
