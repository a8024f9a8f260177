package platform

import (
	"bytes"
	"io"
	"sync"
)

// tail keeps the last bytes written to it, and hands them on.
type tail struct {
	mu   sync.Mutex
	b    bytes.Buffer
	echo io.Writer
}

// hush ends the handing on.
func (t *tail) hush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.echo = nil
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b.Write(p)
	if t.echo != nil {
		_, _ = t.echo.Write(p) // a terminal that is gone is no reason to stop the program
	}
	if over := t.b.Len() - maxPrinted; over > 0 {
		t.b.Next(over)
	}
	return len(p), nil
}

// String gives what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}
