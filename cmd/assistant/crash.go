package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

const (
	// crashTail is how much of the window program's standard error a crash file keeps, in bytes.
	crashTail = 64 << 10
	// Names below the state folder: what the window program said before it died, and the time of a death that nobody
	// was told of yet.
	crashName, untoldName = "crash.txt", "crash-untold"
)

// crashPath is the file that the last crash of the window program left, or empty.
func crashPath() string {
	dir, err := stateDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, crashName)
}

// writeCrash keeps what a window program said before it died. There is one file, the newest crash wins; nothing is
// done where it cannot be written, because that would hide the crash itself. A death that the person saw, because the
// window was there, is told at the next start.
func writeCrash(stderr []byte, seen bool, at time.Time) {
	path := crashPath()
	if path == "" {
		return
	}
	head := at.Format(time.RFC3339) + " " + buildVersion() + "\n"
	_ = os.WriteFile(path, []byte(head+steps.Redact(string(stderr))), 0o600)
	if seen {
		_ = os.WriteFile(untoldPath(path), []byte(at.Format(time.RFC3339)), 0o600)
	}
}

// untoldPath is the file beside the crash file that says that nobody was told of it.
func untoldPath(crash string) string { return filepath.Join(filepath.Dir(crash), untoldName) }

// crashNote gives one sentence about a window that closed by itself, for the person to read before anything else;
// empty when there was none, or when it was told already: it is given once, to whoever asks first.
func crashNote() string {
	crash := crashPath()
	if crash == "" {
		return ""
	}
	path := untoldPath(crash)
	text, err := os.ReadFile(path)
	if err != nil || os.Remove(path) != nil {
		return ""
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	if err != nil {
		return ""
	}
	return assets.Text("note.crash", "Time", clockOf(at.Local(), time.Now()))
}

// clockOf is a time as it is told: the day only where it is another one.
func clockOf(at, now time.Time) string {
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("2006-01-02 15:04")
}

// tailWriter hands on what is written and keeps the end of it. Package exec writes to it from one goroutine and is
// done when Wait returns.
type tailWriter struct {
	to   io.Writer
	keep int
	end  []byte
}

// Write implements io.Writer. It fails never: the program must not die of a closed terminal.
func (t *tailWriter) Write(p []byte) (int, error) {
	_, _ = t.to.Write(p)
	t.end = append(t.end, p...)
	if n := len(t.end) - t.keep; n > 0 {
		t.end = append(t.end[:0], t.end[n:]...)
	}
	return len(p), nil
}

// bytes is the end of what was written.
func (t *tailWriter) bytes() []byte { return t.end }
