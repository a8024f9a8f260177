//go:build pc

package platform

import (
	"bufio"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// An install that is not done in time is stopped by the installer itself, which undoes it. LATE_MSI is a package.
func TestInstallFile_Late(t *testing.T) {
	if stopLate(t, 0) {
		t.Error("the agent's files were there")
	}
}

// The same with the agent's files there already. Wine's installer takes no such answer any more by then.
func TestInstallFile_LateWithFiles(t *testing.T) {
	if !stopLate(t, 5*time.Second) {
		t.Error("it was stopped before there was anything to undo")
	}
}

// stopLate installs within a limit, and tells whether the agent's files were there when it was over.
func stopLate(t *testing.T, limit time.Duration) (files bool) {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	there := make(chan bool, 1)
	go func() { // the installer goes on when what it says is read
		defer close(there)
		late := time.After(limit)
		seen := false
		for lines := bufio.NewScanner(near); lines.Scan(); {
			if !seen && exists(agentBinary) {
				seen = true
				<-late
			}
		}
		there <- seen
	}()
	s := &session{
		elevatedSide: elevatedSide{limits: limits{tick: deadlines.tick, fetch: deadlines.fetch, install: limit}},
		channel:      newChannel(far), job: &wireJob{}, log: slog.New(slog.DiscardHandler),
	}
	err := s.installFile(os.Getenv("LATE_MSI"))
	var failed *JobError
	if !errors.As(err, &failed) || failed.Code != JobPackageFailed || !strings.Contains(failed.Detail, "was stopped, code 1602") {
		t.Errorf("got %v", err)
	}
	if exists(agentBinary) {
		t.Error("the agent is installed")
	}
	_ = far.Close()
	return <-there
}
