package platform_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"example.com/enrollment-assistant/platform"
)

// lines reads a log and makes sure that each line is whole.
func lines(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 || info.Size() > 2<<20 {
		t.Errorf("%s: %v, %d bytes, %v", path, info.Mode(), info.Size(), err)
	}
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); n++ {
		var line struct{ Msg, Text string }
		if err := json.Unmarshal(s.Bytes(), &line); err != nil || line.Msg != "m" {
			t.Errorf("%s: %q %v", path, s.Text(), err)
		}
	}
	return n
}

func TestOpenLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "assistant.log")
	if err := os.WriteFile(path, nil, 0o644); err != nil { //nolint:gosec // an older log that others may read
		t.Fatal(err)
	}
	log, closer, err := platform.OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	const each = 500
	text := strings.Repeat("x", 2000)
	for range 4 {
		wg.Go(func() {
			for range each {
				log.Debug("m", "text", text, "key", platform.NewSecret("clear"))
			}
		})
	}
	wg.Wait()
	now, before := lines(t, path), lines(t, path+".1")
	if now == 0 || before == 0 || now+before > 4*each {
		t.Errorf("%d lines and %d before", now, before)
	}
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	log.Info("m") // lost, and no crash
	if err := closer.Close(); err != nil {
		t.Error(err)
	}
	if got := lines(t, path); got != now {
		t.Errorf("%d lines after closing, %d before", got, now)
	}
	again, closer, err := platform.OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	again.Info("m")
	if got := lines(t, path); got != now+1 {
		t.Errorf("%d lines, want one more than %d", got, now)
	}
	if err := closer.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenLogRefuses(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "precious")
	if err := os.WriteFile(target, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.log")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, dir, filepath.Join(dir, "none", "a.log")} {
		if _, _, err := platform.OpenLog(path); err == nil {
			t.Errorf("%s was opened", path)
		}
	}
}
