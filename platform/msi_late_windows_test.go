//go:build pc

package platform

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
)

// An install that is not done in time is stopped by the installer itself, which undoes it. LATE_MSI is a package.
func TestInstallFile_Late(t *testing.T) {
	near, far := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, near) }()
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	s := &session{
		elevatedSide: elevatedSide{limits: limits{tick: deadlines.tick, fetch: deadlines.fetch}}, // nothing is ever in time
		channel:      newChannel(far), job: &wireJob{}, log: slog.New(slog.DiscardHandler),
	}
	err := s.installFile(os.Getenv("LATE_MSI"))
	var failed *JobError
	if !errors.As(err, &failed) || failed.Code != JobPackageFailed || !strings.Contains(failed.Detail, "was stopped, code 1602") {
		t.Errorf("got %v", err)
	}
}
