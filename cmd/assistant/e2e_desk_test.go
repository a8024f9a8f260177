//go:build e2e && linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// desk is a person's computer: a screen of its own, a folder to install into, and a stub server to enroll with.
type desk struct {
	t       *testing.T
	dir     string // home, state, root
	bin     string
	env     []string
	console string // base URLs of the stub
	people  string
	client  *http.Client
	shots   string
	read    int // how much of the log was waited for

	endServer func() // nil when it has ended
	furnished bool   // there is more than the assistant on the screen
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// screenSize is the screen's, in pixels.
const screenSize = "1100x760"

// newDesk starts the screen and the server, with programs of its own.
func newDesk(t *testing.T, screen ...string) *desk {
	t.Helper()
	return deskWith(t, testPrograms(t), screen...)
}

// deskWith starts the screen and the server, with the programs of a folder.
func deskWith(t *testing.T, programs string, screen ...string) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), bin: programs, shots: os.Getenv("E2E_SHOTS")}
	for _, name := range []string{"home/.cache", "state", "run", "root", "path"} {
		ok(t, os.MkdirAll(filepath.Join(d.dir, name), 0o700))
	}
	// Stands for the browser: it notes what it was told to open.
	opener := "#!/bin/sh\nprintf '%s\\n' \"$1\" >>'" + d.file("opened") + "'\n"
	ok(t, os.WriteFile(d.file("path/xdg-open"), []byte(opener), 0o700)) //nolint:gosec // a program
	theme := os.Getenv("FYNE_THEME")
	if theme == "" {
		theme = "light"
	}
	d.env = []string{
		"DISPLAY=:" + d.screen(screen), "HOME=" + d.file("home"), "XDG_STATE_HOME=" + d.file("state"), "XDG_RUNTIME_DIR=" + d.file("run"),
		"PATH=" + d.file("path") + ":" + os.Getenv("PATH"), "LIBGL_ALWAYS_SOFTWARE=1", "FYNE_THEME=" + theme, "LANG=C", "BROWSER=",
	}
	d.serve()
	return d
}

func (d *desk) file(name string) string { return filepath.Join(d.dir, name) }

// testPrograms gives the folder of the test build: that of E2E_BIN, or a fresh one.
func testPrograms(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("E2E_BIN"); dir != "" {
		return dir
	}
	dir := t.TempDir()
	goBuild(t, dir, "assistant-cli", "nogui,qa", ".")
	goBuild(t, dir, "server-stub", "", "../../server-stub")
	// Without no_metadata, and with migrated_fynedo, Fyne's thread checker stays silent.
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "qa,no_metadata,no_emoji", "-o", filepath.Join(dir, "assistant"), ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the window: %v\n%s", err, out)
	}
	return dir
}

// screen starts a display on a free number, with more arguments for it, and gives the number.
func (d *desk) screen(more []string) string {
	d.t.Helper()
	number, write, err := os.Pipe()
	ok(d.t, err)
	defer func() { _ = number.Close() }()
	args := append([]string{"-displayfd", "3", "-screen", "0", screenSize + "x24", "-nolisten", "tcp", "-noreset"}, more...)
	cmd := exec.CommandContext(context.Background(), "Xvfb", args...)
	cmd.ExtraFiles = []*os.File{write}
	d.background(cmd)
	ok(d.t, write.Close())
	line, err := bufio.NewReader(number).ReadString('\n')
	ok(d.t, err)
	return strings.TrimSpace(line)
}

// background starts a program that ends with the test.
func (d *desk) background(cmd *exec.Cmd) {
	d.t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ok(d.t, cmd.Start())
	d.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()
	})
}

// run runs a program of the desktop to its end and gives what it printed.
func (d *desk) run(stdin, name string, args ...string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Stdin = d.env, strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("%s %q: %v\n%s", name, args, err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out))
}

// logged waits until the assistant's log has a new line with these fields, and gives the line.
func (d *desk) logged(within time.Duration, fields ...string) map[string]any {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), within)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		text, _ := os.ReadFile(d.file("state/enrollment-assistant/assistant.log")) // not there yet at first
		for d.read < len(text) {
			line, _, whole := bytes.Cut(text[d.read:], []byte("\n"))
			if !whole {
				break
			}
			d.read += len(line) + 1
			var entry map[string]any
			ok(d.t, json.Unmarshal(line, &entry))
			if has(entry, fields) {
				return entry
			}
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			d.shot("stuck")
			d.t.Fatalf("the log never said %q:\n%s", fields, text)
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
func (d *desk) page(name string) {
	d.t.Helper()
	d.logged(90*time.Second, "msg", "page", "page", name)
}

// screenWindow is an assistant that runs on the desk.
type screenWindow struct {
	d      *desk
	id     string
	stderr bytes.Buffer
	ended  chan error
}

// open starts the assistant as its desktop entry does, and gives its window the keyboard.
func (d *desk) open() *screenWindow {
	d.t.Helper()
	w := &screenWindow{d: d, ended: make(chan error, 1)}
	cmd := exec.CommandContext(d.t.Context(), filepath.Join(d.bin, "assistant-cli"), "open", "--profile", d.file("profile.json"), "--root", d.file("root"))
	cmd.Env, cmd.Stderr = d.env, &w.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ok(d.t, cmd.Start())
	go func() { w.ended <- cmd.Wait() }()
	d.logged(time.Minute, "msg", "window shown")
	w.focus("--name", assistantTitle)
	return w
}

// assistantTitle matches the title of the assistant's window.
const assistantTitle = "^Enrollment Assistant.*TEST$"

// focus waits for a window and gives it the keyboard.
func (w *screenWindow) focus(search ...string) {
	w.d.t.Helper()
	w.id = strings.Fields(w.d.run("", "xdotool", append([]string{"search", "--sync", "--onlyvisible"}, search...)...))[0]
	w.d.run("", "xdotool", "windowfocus", "--sync", w.id)
}

// keys presses keys, one after the other.
func (w *screenWindow) keys(names ...string) {
	w.d.t.Helper()
	w.d.run("", "xdotool", append([]string{"key", "--delay", "40"}, names...)...)
}

// types types a text.
func (w *screenWindow) types(text string) {
	w.d.t.Helper()
	w.d.run(text, "xdotool", "type", "--delay", "15", "--file", "-")
}

// closes waits until the assistant has ended by itself, well, and without a word of what went wrong on the way.
func (w *screenWindow) closes() {
	w.d.t.Helper()
	select {
	case err := <-w.ended:
		if err != nil {
			w.d.t.Errorf("the assistant ended with %v:\n%s", err, w.stderr.String())
		}
	case <-time.After(time.Minute):
		w.d.t.Fatal("the window did not close")
	}
	w.d.nothingWrong(w.stderr.String())
}

// nothingWrong looks what the programs of a test build said on stderr over for what a person would not see.
func (d *desk) nothingWrong(stderr string) {
	d.t.Helper()
	for sign, what := range map[string]string{"Error in Fyne call thread": "Fyne was called from a wrong goroutine", "No sentence for the key ": "a sentence is missing"} {
		if strings.Contains(stderr, sign) {
			d.t.Errorf("%s:\n%s", what, stderr)
		}
	}
}

// clip puts a text into the clipboard. xclip stays to hand it out, until somebody else has the clipboard.
func (d *desk) clip(text string) {
	d.t.Helper()
	cmd := exec.CommandContext(context.Background(), "xclip", "-selection", "clipboard", "-in", "-quiet")
	cmd.Env, cmd.Stdin = d.env, strings.NewReader(text)
	d.background(cmd)
	for d.run("", "sh", "-c", "xclip -selection clipboard -out || true") != text {
		continue
	}
}

// shot saves a picture when E2E_SHOTS names a folder: of the screen's middle, where the window is, or of the whole
// screen where there is more on it.
func (d *desk) shot(name string) {
	d.t.Helper()
	if d.shots == "" {
		return
	}
	ok(d.t, os.MkdirAll(d.shots, 0o750))
	d.still()
	part := "940x640+80+60"
	if d.furnished {
		part = screenSize
	}
	d.run("", "import", "-window", "root", "-crop", part, "+repage", filepath.Join(d.shots, name+".png"))
}

// still waits until two pictures of the screen in a row are the same.
func (d *desk) still() {
	d.t.Helper()
	last := ""
	for range 8 {
		now := d.run("", "import", "-window", "root", "-depth", "8", "rgb:-")
		if now == last {
			return
		}
		last = now
	}
	d.t.Log("the screen did not come to rest, which a blinking cursor explains")
}
