//go:build (e2e || pc) && linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// display is a screen that a person looks at and types on.
type display struct {
	t         *testing.T
	number    string   // of the display
	env       []string // of the programs on it
	shots     string   // the folder for pictures; empty for none
	furnished bool     // there is more than the assistant on the screen
	log       string   // the assistant's, in JSON lines
	read      int      // how much of it was waited for
}

// screenSize is the screen's, in pixels.
const screenSize = "1100x760"

// newDisplay starts one on a free number, with more arguments for it.
func newDisplay(t *testing.T, more ...string) *display {
	t.Helper()
	s := &display{t: t, shots: os.Getenv("E2E_SHOTS")}
	number, write, err := os.Pipe()
	must(s.t, err)
	defer func() { _ = number.Close() }()
	args := append([]string{"-displayfd", "3", "-screen", "0", screenSize + "x24", "-nolisten", "tcp", "-noreset"}, more...)
	cmd := exec.CommandContext(context.Background(), "Xvfb", args...)
	cmd.ExtraFiles = []*os.File{write}
	s.background(cmd)
	must(s.t, write.Close())
	line, err := bufio.NewReader(number).ReadString('\n')
	must(s.t, err)
	s.number = strings.TrimSpace(line)
	return s
}

// background starts a program that ends with the test.
func (s *display) background(cmd *exec.Cmd) {
	s.t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(s.t, cmd.Start())
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()
	})
}

// run runs a program of the desktop to its end and gives what it printed.
func (s *display) run(stdin, name string, args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Stdin = s.env, strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s %q: %v\n%s", name, args, err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out))
}

// focus waits for a window, gives it the keyboard, and gives its id.
func (s *display) focus(search ...string) string {
	s.t.Helper()
	id := strings.Fields(s.run("", "sh", append([]string{"-c", searchWindow, "sh"}, search...)...))[0]
	s.run("", "xdotool", "windowfocus", "--sync", id)
	return id
}

// keys presses keys, one after the other.
func (s *display) keys(names ...string) {
	s.t.Helper()
	s.run("", "xdotool", append([]string{"key", "--delay", "40"}, names...)...)
}

// types types a text.
func (s *display) types(text string) {
	s.t.Helper()
	s.run(text, "xdotool", "type", "--delay", "15", "--file", "-")
}

// logged waits until the assistant's log has a new line with these fields, and gives the line.
func (s *display) logged(within time.Duration, fields ...string) map[string]any {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), within)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		text, _ := os.ReadFile(s.log) // not there yet at first
		for s.read < len(text) {
			line, _, whole := bytes.Cut(text[s.read:], []byte("\n"))
			if !whole {
				break
			}
			s.read += len(line) + 1
			var entry map[string]any
			must(s.t, json.Unmarshal(line, &entry))
			if has(entry, fields) {
				return entry
			}
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			s.shot("stuck")
			s.t.Fatalf("the log never said %q:\n%s", fields, text)
		}
	}
}

// has tells whether an entry has all fields, given as names and values in turn.
func has(entry map[string]any, fields []string) bool {
	for i := 0; i+1 < len(fields); i += 2 {
		if fmt.Sprint(entry[fields[i]]) != fields[i+1] {
			return false
		}
	}
	return true
}

// page waits until a page asks something.
func (s *display) page(name string) {
	s.t.Helper()
	s.logged(90*time.Second, "msg", "page", "page", name)
}

// clip puts a text into the clipboard. xclip stays to hand it out, until somebody else has the clipboard.
func (s *display) clip(text string) {
	s.t.Helper()
	cmd := exec.CommandContext(context.Background(), "xclip", "-selection", "clipboard", "-in", "-quiet")
	cmd.Env, cmd.Stdin = s.env, strings.NewReader(text)
	s.background(cmd)
	for s.run("", "sh", "-c", "xclip -selection clipboard -out || true") != text {
		continue
	}
}

// shot saves a picture when E2E_SHOTS names a folder: of the screen's middle, where the window is, or of the whole
// screen where there is more on it.
func (s *display) shot(name string) {
	s.t.Helper()
	if s.shots == "" {
		return
	}
	must(s.t, os.MkdirAll(s.shots, 0o750))
	s.still()
	part := "940x640+80+60"
	if s.furnished {
		part = screenSize
	}
	s.run("", "import", "-window", "root", "-crop", part, "+repage", filepath.Join(s.shots, name+".png"))
}

// still waits until two pictures of the screen in a row are the same.
func (s *display) still() {
	s.t.Helper()
	last := ""
	for range 8 {
		now := s.run("", "import", "-window", "root", "-depth", "8", "rgb:-")
		if now == last {
			return
		}
		last = now
	}
	s.t.Log("the screen did not come to rest, which a blinking cursor explains")
}
