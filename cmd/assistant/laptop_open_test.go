//go:build laptop

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// withoutOpenGL is a laptop whose window program ends in the loader: nora starts the assistant from the menu, a terminal
// opens by itself, and everything that the window would have done is done there, consent by an administrator's password
// included.
func withoutOpenGL(t *testing.T, l *lab) {
	image := l.findImage(t, "layer.sh", l.image, "bare")
	g, s := l.bootFrom(t, image, "bare"), l.serve(t, "bare")
	l.furnish(g, s.profile(nil))
	l.pack(t)
	window, err := os.ReadFile(filepath.Join(l.dir, "bin", "assistant"))
	must(t, err)
	g.put("/usr/bin/assistant", "root", "0755", window)
	if o := g.root("/usr/bin/assistant"); o.code != 127 || !strings.Contains(o.stderr, "libGL.so.1") {
		t.Fatalf("the window program ended with %d, want the loader's 127 for want of libGL.so.1:\n%s", o.code, o.stderr)
	}

	x := newScreenOf(t)
	d := &desktop{g: g, log: make(chan map[string]any, 1000)}
	go d.readLog(g.follow("tail", "--follow=name", "--retry", "--lines=+1", "/home/nora/.local/state/enrollment-assistant/assistant.log"))
	ended := make(chan outcome, 1)
	go func() { // as its entry in the menu does: without a terminal
		ended <- g.run(g.command(t.Context(), loginTo("x11", localUser, false, "export DISPLAY=:"+x.number+"; exec assistant-cli open")...), "")
	}()
	arrive := func(fields ...string) {
		t.Helper()
		if !d.logged(shownPage, fields...) {
			x.shot("bare-stuck")
			t.Fatalf("the log never said %q", fields)
		}
	}
	arrive("msg", "a terminal is open")
	x.hands("", "search", "--sync", "--onlyvisible", "--class", "XTerm", "windowfocus", "--sync")
	key := s.newKey()
	for _, answer := range []struct{ step, typed string }{
		{"welcome", "yes\nyes\n"}, {"login", "key\n"}, {"connect-key", key + "\n"}, {"requirements", "\n"}, {"plan", "install\n"},
	} {
		arrive("msg", "step", "step", answer.step)
		x.types(answer.typed)
	}
	arrive("msg", "step", "step", "install")
	g.check(`until stty --file="/dev/$(ps -o tty= -C assistant-cli | grep --max-count=1 pts)" --all | grep --quiet -e ' -echo '; do sleep 0.05; done`)
	x.shot("bare-1-consent")
	x.types(localAdminPass + "\n")
	arrive("msg", "step", "step", "done")
	x.shot("bare-2-online")
	x.types("\n\n")
	if o := <-ended; o.code != 0 || !strings.Contains(o.stderr, "could not be opened on this computer") {
		t.Errorf("it ended with %d:\n%s%s", o.code, o.stderr, o.stdout)
	}
	row := onlyDevice(t, s.snapshot(), "", 3)
	checkAgent(g, row.AgentVersion)
	if crash := g.check("cat /home/nora/.local/state/enrollment-assistant/crash.txt"); !strings.Contains(crash, "libGL.so.1") {
		t.Errorf("the crash file does not name the library:\n%s", crash)
	}
	g.answerKey(key) // what the search has to find
	checkSecrets(g, s, key, localAdminPass)
}

// screenOf is a screen of this computer that a laptop uses: they share the network, and so X's abstract sockets.
type screenOf struct {
	t      *testing.T
	number string
}

// newScreenOf starts a screen that ends with the test.
func newScreenOf(t *testing.T) *screenOf {
	t.Helper()
	number, write, err := os.Pipe()
	must(t, err)
	defer func() { _ = number.Close() }()
	// Whoever can connect may: the laptop's users have no accounts here.
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1100x760x24", "-ac", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()
	})
	must(t, write.Close())
	line, err := bufio.NewReader(number).ReadString('\n')
	must(t, err)
	return &screenOf{t: t, number: strings.TrimSpace(line)}
}

// hands runs xdotool: the hands of whoever sits there.
func (x *screenOf) hands(stdin string, args ...string) {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = append(plainEnv(), "DISPLAY=:"+x.number)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		x.shot("bare-stuck")
		x.t.Fatalf("xdotool %q: %v\n%s", args, err, out)
	}
}

// types types a text.
func (x *screenOf) types(text string) {
	x.t.Helper()
	x.hands(text, "type", "--delay", "15", "--file", "-")
}

// shot saves a picture of the screen when LAPTOP_SHOTS names a folder.
func (x *screenOf) shot(name string) {
	x.t.Helper()
	folder := os.Getenv("LAPTOP_SHOTS")
	if folder == "" {
		return
	}
	must(x.t, os.MkdirAll(folder, 0o750))
	cmd := exec.Command("import", "-window", "root", filepath.Join(folder, name+".png"))
	cmd.Env = append(plainEnv(), "DISPLAY=:"+x.number)
	must(x.t, cmd.Run())
}
