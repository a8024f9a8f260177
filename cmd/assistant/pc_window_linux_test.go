//go:build pc

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/server-stub/stub"
	"example.com/enrollment-assistant/steps"
)

// seat is a computer with Windows and a person before its screen.
type seat struct {
	*display
	p      *pc
	opened string // the file that notes what a browser would have opened
}

// newSeat puts the window program of the test build onto a computer whose windows appear on a display, with more
// arguments for that.
func newSeat(t *testing.T, s *pcStub, screen ...string) *seat {
	t.Helper()
	w := &seat{display: newDisplay(t, screen...), p: newPC(t), opened: filepath.Join(t.TempDir(), "opened")}
	s.furnish(w.p)
	w.p.copyProgram("qa/assistant.exe", pcWindow)
	// Wine hands addresses to the desktop that it runs on.
	browser := filepath.Join(t.TempDir(), "xdg-open")
	must(t, os.WriteFile(browser, []byte("#!/bin/sh\nprintf '%s\\n' \"$1\" >>'"+w.opened+"'\n"), 0o755))
	w.env = []string{"DISPLAY=:" + w.number, "PATH=" + filepath.Dir(browser) + ":" + os.Getenv("PATH")}
	w.p.env = append(w.p.env, append(w.env, "LIBGL_ALWAYS_SOFTWARE=1")...)
	users, err := filepath.Glob(w.p.path(`C:\users\*\AppData`))
	must(t, err)
	if len(users) != 1 {
		t.Fatalf("%q are not one person's", users)
	}
	w.log = filepath.Join(users[0], "Local", "enrollment-assistant", "assistant.log")
	return w
}

// start starts a program of the computer, and gives what waits for its end and gives its exit code.
func (w *seat) start(args ...string) (end func() int) {
	w.t.Helper()
	cmd := w.p.command(w.t.Context(), args...)
	said, err := os.Create(filepath.Join(w.t.TempDir(), "said")) // a file, which services may hold open
	must(w.t, err)
	cmd.Stdout, cmd.Stderr = said, said
	must(w.t, cmd.Start())
	must(w.t, said.Close())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // the code says it
	}()
	return func() int {
		w.t.Helper()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			w.t.Fatal("it did not end")
		}
		text, _ := os.ReadFile(said.Name())
		w.t.Logf("it said %q", text)
		return cmd.ProcessState.ExitCode()
	}
}

// An enrollment in the window, by the keyboard alone, comes to the same end as one without.
func TestPCWindow_Enroll(t *testing.T) {
	s := newPCStub(t)
	s.packageFor("2.166.2")
	w := newSeat(t, s)
	end := w.start(pcProgram, "open")
	w.page("welcome")
	w.focus("--name", "^Enrollment Assistant.*TEST$")
	w.shot("1-welcome")
	w.keys("space", "Tab", "space", "Return")
	w.page("login")
	w.shot("2-login")
	w.keys("Return")
	w.page("connect-key")
	w.p.until("the browser was told to open the portal", func() bool {
		opened, _ := os.ReadFile(w.opened) // not there yet
		return strings.HasPrefix(string(opened), s.at.Console+"/userconsole")
	})
	w.clip(s.key)
	w.keys("ctrl+v")
	w.shot("3-connect-key")
	w.keys("Return")
	w.page("requirements")
	w.shot("4-requirements")
	w.keys("Return")
	w.page("plan")
	w.shot("5-plan")
	w.keys("Return")
	w.logged(time.Minute, "msg", "step", "step", "install")
	w.shot("6-install")
	w.page("done")
	w.shot("7-online")
	now := s.await(w.p, "the device is online", func(now stub.Snapshot) bool { return len(now.Systems) == 1 && now.Systems[0].Active })
	device := now.Systems[0]
	if device.ProvisionerID != s.nora.ID || device.AgentVersion != "2.166.2" || len(now.Outbox) != len(now.Admins) {
		t.Errorf("%+v, %d mails", device, len(now.Outbox))
	}
	must(t, s.Bind(t.Context(), now.Admins[0], device.ID, s.nora.ID))
	w.logged(2*time.Minute, "msg", "verdict", "name", "bound", "yes", "true")
	w.shot("8-bound")
	w.keys("Return")
	if code := end(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if w.p.holds(s.key) {
		t.Error("the key is still on the computer")
	}
	if v := s.Violations(); len(v) != 0 {
		t.Error(v)
	}
}

// Where OpenGL is missing, the program without a window goes on in the terminal that it was started from.
func TestPCWindow_NoOpenGL(t *testing.T) {
	s := newPCStub(t)
	w := newSeat(t, s, "-extension", "GLX")
	terminal := newScreen(t)
	terminal.within = time.Minute
	_, err := term.MakeRaw(int(terminal.tty.Fd())) // Wine would get a line feed for the Enter key
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cmd := w.p.command(ctx, pcProgram, "open")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal.tty, terminal.tty, terminal.tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // the code says it
	}()
	t.Cleanup(cancel)
	terminal.expect(assets.Text("gui.unseen"))
	terminal.expect(assets.Text("cli.open.going-on"))
	for _, typed := range []string{"yes", "quit"} {
		terminal.expect("[yes/no]:")
		_, err := terminal.ctrl.WriteString(typed + "\r")
		must(t, err)
	}
	select {
	case <-ended:
	case <-time.After(pcPatience):
		t.Fatal("it did not end")
	}
	if code, want := cmd.ProcessState.ExitCode(), steps.ExitCode(&steps.Problem{Code: steps.CodeCanceled}); code != want {
		t.Errorf("it ended with %d, not with %d", code, want)
	}
}

// Where OpenGL is missing and the window's program was double-clicked, it goes on in a console that it opens.
func TestPCWindow_NoOpenGLClicked(t *testing.T) {
	s := newPCStub(t)
	w := newSeat(t, s, "-extension", "GLX")
	end := w.start(pcWindow)
	w.focus("--name", "^"+assets.Text("app.name")+"$")
	w.logged(time.Minute, "msg", "step", "step", "welcome")
	w.shot("9-console")
	w.types("quit")
	w.keys("Return")
	w.logged(time.Minute, "msg", "run ends")
	w.shot("10-console-ended")
	w.keys("Return")
	if code, want := end(), steps.ExitCode(&steps.Problem{Code: steps.CodeCanceled}); code != want {
		t.Errorf("it ended with %d, not with %d", code, want)
	}
}
