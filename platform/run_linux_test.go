package platform

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A script does nothing before its command is noted, however long that takes: a run that is killed until then leaves no
// script behind of which the next one knows nothing.
func TestRunCommand_NotesFirst(t *testing.T) {
	near, far := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, near) }()
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	s := &session{channel: newChannel(far), job: &wireJob{Verb: VerbInstall}, state: t.TempDir(), log: slog.New(slog.DiscardHandler)}
	canary, note := filepath.Join(s.state, "canary"), filepath.Join(s.state, commandNote)
	if err := unix.Mkfifo(note, 0o600); err != nil { // whoever notes the command waits for a reader
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	script := "#!/bin/bash\n: >'" + canary + "'\n" + strings.Repeat("# more than a pipe holds by itself\n", 4000)
	go func() {
		_, err := s.runCommand(PhaseRunScript, time.Minute, []byte(script), "bash")
		ended <- err
	}()
	waiting := fmt.Sprintf("%d 0x0 ", unix.SYS_READ) // for its script
	until(t, "bash does not wait", func() bool {
		if exists(canary) {
			t.Fatal("the script ran before its command was noted")
		}
		bash := childCalled(t, "bash")
		return bash != 0 && strings.HasPrefix(readText(fmt.Sprintf("/proc/%d/syscall", bash)), waiting)
	})
	if text, err := os.ReadFile(note); err != nil || len(text) == 0 {
		t.Errorf("noted: %q, %v", text, err)
	}
	if err := <-ended; err != nil || !exists(canary) {
		t.Errorf("%v; the script ran: %v", err, exists(canary))
	}
}

// childCalled gives this process's child of a name; 0 for none.
func childCalled(t *testing.T, name string) (pid int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		var at, parent int
		var comm, state string
		if n, _ := fmt.Sscan(readText(path), &at, &comm, &state, &parent); n == 4 && parent == os.Getpid() && comm == "("+name+")" {
			return at
		}
	}
	return 0
}
