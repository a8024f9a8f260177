//go:build e2e && linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A person is never stuck: whatever keeps the window from appearing, and whenever it dies, the enrollment goes on.
func TestE2E_NeverStuck(t *testing.T) {
	bin := testPrograms(t)
	for name, run := range map[string]func(*desk){
		"no GLX": noGLX, "no display": noDisplay, "hangs": windowHangs, "no terminal": noTerminal, "dies": windowDies, "dies again": windowDiesAgain,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var screen []string
			if name != "dies" && name != "dies again" {
				screen = []string{"-extension", "GLX"}
			}
			run(deskWith(t, bin, screen...))
		})
	}
}

// A screen without OpenGL, where Fyne runs on without a window: a terminal opens at once, and the enrollment in it goes
// as far as the one in a window would.
func noGLX(d *desk) {
	began := time.Now()
	o := d.opening(d.bin)
	x := o.terminal()
	if waited := time.Since(began); waited > shownWithin {
		d.t.Errorf("the terminal came after %s", waited)
	}
	d.enrollIn(x)
	d.shot("n1-online")
	x.keys("Return", "Return")
	o.ends(0, "No window could be shown on this screen")
	checkEnrolled(d)
}

// Neither a screen nor a terminal: the sentence on standard error says what to do.
func noDisplay(d *desk) {
	d.env = slices.DeleteFunc(slices.Clone(d.env), func(v string) bool { return strings.HasPrefix(v, "DISPLAY=") })
	d.env = slices.Concat(d.env, []string{"WAYLAND_DISPLAY="})
	d.opening(d.bin).ends(1, "No terminal could be opened either. To go on, open a terminal and run: "+filepath.Join(d.bin, "assistant-cli")+" enroll --profile ")
	if text, err := os.ReadFile(d.file("state/enrollment-assistant/crash.txt")); err != nil || !strings.Contains(string(text), "panic: ") {
		d.t.Errorf("the crash file is %q, %v", text, err)
	}
}

// A window program that hangs before its first frame is ended, with what it started, before the terminal opens.
func windowHangs(d *desk) {
	bin := d.programs("#!/bin/sh\nsleep 600 &\necho $! >'" + d.file("child") + "'\nwait\n")
	began := time.Now()
	o := d.opening(bin)
	x := o.terminal()
	if waited := time.Since(began); waited < shownWithin {
		d.t.Errorf("the terminal came after %s", waited)
	}
	text, err := os.ReadFile(d.file("child"))
	must(d.t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(d.t, err)
	if processLives(pid) {
		d.t.Error("what the window program started still runs")
	}
	d.shot("n2-terminal")
	x.types("quit\n\n")
	o.ends(130, "No window appeared within 10 seconds")
}

// No terminal either: the desktop's message box tells the line to type, and stays until it is read.
func noTerminal(d *desk) {
	box, err := exec.LookPath("xmessage")
	must(d.t, err)
	must(d.t, os.Symlink(box, d.file("path/xmessage")))
	everything := d.env
	d.env = slices.Concat(d.env, []string{"PATH=" + d.file("path")}) // the last one counts
	o := d.opening(d.bin)
	d.env = everything
	x := o.window("--class", "Xmessage")
	d.shot("n3-message")
	select {
	case err := <-o.ended:
		d.t.Errorf("it did not wait for the message to be read: %v", err)
	default:
	}
	x.keys("Return")
	o.ends(1, "enroll --profile ")
}

// A window that is killed in the middle of a page opens again, says so, and goes on to the end.
func windowDies(d *desk) {
	w := d.open()
	d.page("welcome")
	w.keys("space", "Tab", "space", "Return")
	d.page("login")
	d.crash()
	d.logged(time.Minute, "msg", "the crash was told")
	d.logged(time.Minute, "msg", "window shown")
	d.page("welcome")
	w.focus("--name", assistantTitle)
	d.shot("n4-explained")
	text, err := os.ReadFile(d.file("state/enrollment-assistant/crash.txt"))
	if err != nil || !strings.Contains(string(text), "SIGSEGV") {
		d.t.Errorf("the crash file is %q, %v", text, err)
	}
	w.keys("space", "Tab", "space", "Return")
	d.page("login")
	w.keys("Return")
	d.page("connect-key")
	w.paste(noraKey(d))
	w.keys("Return")
	d.page("requirements")
	w.keys("Return")
	d.page("plan")
	w.keys("Return")
	d.page("done")
	checkEnrolled(d)
	w.keys("Return")
	w.closes()
	if _, err := os.Stat(d.file("state/enrollment-assistant/crash-untold")); err == nil {
		d.t.Error("the crash will be told once more")
	}
}

// A window that dies twice within a minute is not opened a third time.
func windowDiesAgain(d *desk) {
	o := d.opening(d.bin)
	for range 2 {
		d.logged(time.Minute, "msg", "window shown")
		d.page("welcome")
		d.crash()
	}
	x := o.terminal()
	d.shot("n5-terminal")
	x.types("quit\n\n")
	o.ends(130, "The window ended unexpectedly again")
}

// opened is "assistant-cli open" as a desktop starts it, without a terminal.
type opened struct{ screenWindow }

// opening starts the assistant of a folder as a desktop entry does, and waits for nothing.
func (d *desk) opening(bin string) *opened {
	d.t.Helper()
	o := &opened{screenWindow{d: d, ended: make(chan error, 1)}}
	cmd := exec.CommandContext(d.t.Context(), filepath.Join(bin, "assistant-cli"), "open", "--profile", d.file("profile.json"), "--root", d.file("root"))
	cmd.Env, cmd.Stderr = d.env, &o.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(d.t, cmd.Start())
	go func() { o.ended <- cmd.Wait() }()
	return o
}

// programs gives a folder with assistant-cli and another program in place of the window.
func (d *desk) programs(window string) string {
	d.t.Helper()
	folder := d.file("programs")
	must(d.t, os.Mkdir(folder, 0o700))
	must(d.t, os.Link(filepath.Join(d.bin, "assistant-cli"), filepath.Join(folder, "assistant-cli")))
	must(d.t, os.WriteFile(filepath.Join(folder, "assistant"), []byte(window), 0o700)) //nolint:gosec // a program
	return folder
}

// window waits for a window that is no assistant, and gives it the keyboard.
func (o *opened) window(search ...string) *screenWindow {
	o.d.t.Helper()
	o.focus(search...)
	return &o.screenWindow
}

// terminal waits until the assistant runs in a terminal that it opened, and gives that the keyboard.
func (o *opened) terminal() *screenWindow {
	o.d.t.Helper()
	o.d.logged(time.Minute, "msg", "a terminal is open")
	return o.window("--class", "XTerm")
}

// ends waits for the exit code, and looks for a sentence on standard error.
func (o *opened) ends(code int, sentence string) {
	o.d.t.Helper()
	select {
	case err := <-o.ended:
		var exit *exec.ExitError
		got := 0
		if errors.As(err, &exit) {
			got = exit.ExitCode()
		}
		if got != code {
			o.d.t.Errorf("it ended with %v, want %d:\n%s", err, code, o.stderr.String())
		}
	case <-time.After(time.Minute):
		o.d.shot("stuck")
		o.d.t.Fatal("it did not end")
	}
	if !strings.Contains(o.stderr.String(), sentence) {
		o.d.t.Errorf("it did not say %q:\n%s", sentence, o.stderr.String())
	}
	o.d.nothingWrong(o.stderr.String())
}

// enrollIn answers every question in a terminal, up to the last page.
func (d *desk) enrollIn(x *screenWindow) {
	d.t.Helper()
	for _, answer := range []struct{ step, typed string }{
		{"welcome", "yes\nyes\n"}, {"login", "key\n"}, {"connect-key", noraKey(d) + "\n"}, {"requirements", "\n"}, {"plan", "install\n"}, {"done", ""},
	} {
		d.logged(90*time.Second, "msg", "step", "step", answer.step)
		x.types(answer.typed)
	}
}

// crash ends the window program as a defect of a graphics driver would.
func (d *desk) crash() {
	d.t.Helper()
	for pid := range parents() {
		exe, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
		if err == nil && exe == filepath.Join(d.bin, "assistant") && d.owns(pid) {
			must(d.t, syscall.Kill(pid, syscall.SIGSEGV))
			return
		}
	}
	d.t.Fatal("the window program does not run")
}

// owns tells whether a process is of this desk.
func (d *desk) owns(pid int) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	return err == nil && strings.Contains(string(env), "HOME="+d.file("home")+"\x00")
}
