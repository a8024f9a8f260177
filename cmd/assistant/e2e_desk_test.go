//go:build e2e && linux

package main

import (
	"bytes"
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
	*display
	dir     string // home, state, root
	bin     string
	console string // base URLs of the stub
	people  string
	client  *http.Client

	endServer func() // nil when it has ended
}

// newDesk starts the screen and the server, with programs of its own.
func newDesk(t *testing.T, screen ...string) *desk {
	t.Helper()
	return deskWith(t, testPrograms(t), screen...)
}

// deskWith starts the screen and the server, with the programs of a folder.
func deskWith(t *testing.T, programs string, screen ...string) *desk {
	t.Helper()
	d := &desk{display: newDisplay(t, screen...), dir: t.TempDir(), bin: programs}
	for _, name := range []string{"home/.cache", "state", "run", "root", "path"} {
		must(t, os.MkdirAll(filepath.Join(d.dir, name), 0o700))
	}
	// Stands for the browser: it notes what it was told to open.
	opener := "#!/bin/sh\nprintf '%s\\n' \"$1\" >>'" + d.file("opened") + "'\n"
	must(t, os.WriteFile(d.file("path/xdg-open"), []byte(opener), 0o700)) //nolint:gosec // a program
	theme := os.Getenv("FYNE_THEME")
	if theme == "" {
		theme = "light"
	}
	d.log = d.file("state/enrollment-assistant/assistant.log")
	d.env = []string{
		"DISPLAY=:" + d.number, "HOME=" + d.file("home"), "XDG_STATE_HOME=" + d.file("state"), "XDG_RUNTIME_DIR=" + d.file("run"),
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
	must(d.t, cmd.Start())
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
	w.id = w.d.focus(search...)
}

// keys presses keys, one after the other.
func (w *screenWindow) keys(names ...string) {
	w.d.t.Helper()
	w.d.keys(names...)
}

// types types a text.
func (w *screenWindow) types(text string) {
	w.d.t.Helper()
	w.d.types(text)
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
