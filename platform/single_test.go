package platform_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.com/enrollment-assistant/platform"
)

// stateDir makes a folder as a state folder is.
func stateDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestSingle(t *testing.T) {
	dir := stateDir(t)
	forward := make(chan struct{}, 2)
	release, first, err := platform.Single(dir, func() { forward <- struct{}{} })
	if err != nil || !first {
		t.Fatalf("the first start: %t %v", first, err)
	}
	for range 2 {
		second, isFirst, err := platform.Single(dir, func() { t.Error("the second start was asked to come forward") })
		if err != nil || isFirst {
			t.Fatalf("another start: %t %v", isFirst, err)
		}
		second()
		<-forward
	}
	release()
	release()
	again, first, err := platform.Single(dir, func() {})
	if err != nil || !first {
		t.Fatalf("a start after the first ended: %t %v", first, err)
	}
	again()
}

// TestSingleStale: what a crash left behind does not keep anyone out.
func TestSingleStale(t *testing.T) {
	dir := stateDir(t)
	l, err := net.Listen("unix", filepath.Join(dir, "window.sock"))
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	release, first, err := platform.Single(dir, func() {})
	if err != nil || !first {
		t.Fatalf("%t %v", first, err)
	}
	release()
}

// TestSingleTogether: of many starts at once exactly one is the first.
func TestSingleTogether(t *testing.T) {
	dir := stateDir(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	firsts, releases := 0, []func(){}
	for range 8 {
		wg.Go(func() {
			release, first, err := platform.Single(dir, func() {})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			releases = append(releases, release)
			if first {
				firsts++
			}
		})
	}
	wg.Wait()
	for _, release := range releases {
		release()
	}
	if firsts != 1 {
		t.Errorf("%d starts were the first", firsts)
	}
}

func TestSingleRefuses(t *testing.T) {
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(stateDir(t), strings.Repeat("d", 100))
	if err := os.Mkdir(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	for what, dir := range map[string]string{"a folder that is open to others": open, "a missing folder": open + ".none", "a long path": deep} {
		if _, _, err := platform.Single(dir, func() {}); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
