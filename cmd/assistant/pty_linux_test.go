package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// screen is a terminal whose other end is the test: what the program writes and what the terminal echoes can be read
// and waited for.
type screen struct {
	t    *testing.T
	ctrl *os.File // the test's end
	tty  *os.File // the program's end
	// within is how long expect waits.
	within time.Duration

	mu      sync.Mutex
	changed *sync.Cond
	text    bytes.Buffer
	read    int // how far expect has come
	ended   bool
}

// newScreen opens a pseudo terminal: https://man7.org/linux/man-pages/man7/pty.7.html
func newScreen(t *testing.T) *screen {
	t.Helper()
	ctrl, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(ctrl.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ctrl.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, ctrl: ctrl, tty: tty, within: 20 * time.Second}
	s.changed = sync.NewCond(&s.mu)
	go s.collect()
	t.Cleanup(func() {
		_ = tty.Close()
		_ = ctrl.Close()
	})
	return s
}

// collect reads until the program's end is closed.
func (s *screen) collect() {
	part := make([]byte, 4096)
	for {
		n, err := s.ctrl.Read(part)
		s.mu.Lock()
		s.text.Write(part[:n])
		s.ended = err != nil
		s.changed.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// expect waits until the text appears after what was expected before.
func (s *screen) expect(text string) {
	s.t.Helper()
	late := time.AfterFunc(s.within, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = true
		s.changed.Broadcast()
	})
	defer late.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if at := strings.Index(s.text.String()[s.read:], text); at >= 0 {
			s.read += at + len(text)
			return
		}
		if s.ended {
			s.t.Fatalf("waited for %q, got:\n%s", text, s.text.String())
		}
		s.changed.Wait()
	}
}

// enter types a line.
func (s *screen) enter(line string) {
	s.t.Helper()
	if _, err := s.ctrl.WriteString(line + "\n"); err != nil {
		s.t.Fatal(err)
	}
}

// all is everything that was ever to be seen.
func (s *screen) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// echoes tells whether the terminal shows what is typed.
func (s *screen) echoes() bool {
	s.t.Helper()
	state, err := unix.IoctlGetTermios(int(s.tty.Fd()), unix.TCGETS)
	if err != nil {
		s.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}
