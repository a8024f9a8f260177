//go:build bench && linux && !nogui

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// windowEnv is the environment of a window program with a home of its own, which is new.
func (x *xscreen) windowEnv() []string {
	x.t.Helper()
	home, err := os.MkdirTemp(x.t.TempDir(), "")
	sure(x.t, err)
	sure(x.t, os.Mkdir(filepath.Join(home, ".cache"), 0o700))
	return []string{
		"DISPLAY=:" + x.display, "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"PATH=" + os.Getenv("PATH"), "LANG=en_US.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1", "FYNE_THEME=light",
	}
}

// appears waits for a window and its first frame: the first change of pixels after which the window holds more than
// one colour.
func (x *xscreen) appears() (window uint32, at time.Time) {
	x.t.Helper()
	for {
		e := x.next()
		if e.window != 0 {
			window = e.window
		}
		if window == 0 || e.window != 0 {
			continue
		}
		if p := x.picture(x.place(window)); !bytes.Equal(p[4:], p[:len(p)-4]) {
			return window, e.at
		}
	}
}

// benchWindow compares the time until the first frame, and what the program takes once it rests.
func benchWindow(t *testing.T) {
	x := newXScreen(t)
	assistant, hello := program(t, "assistant"), program(t, "bench/hello")
	first := comparison{
		name: "first-window", unit: "ms", aim: 1.10, thisIs: "bin/assistant", thatIs: "a Fyne hello-world of the same size and build",
		counted: "from exec until a DAMAGE event leaves the mapped window with more than one colour, on Xvfb",
	}
	memory := comparison{
		name: "memory", unit: "MB", aim: 1.15, thisIs: first.thisIs, thatIs: first.thatIs,
		counted: "proportional set size once the processor rests after the first frame",
	}
	var sizes [2]series
	side := func(i int, path string) func() float64 {
		return func() float64 {
			took, size := x.measureStart(path)
			sizes[i] = append(sizes[i], size)
			return took
		}
	}
	first.turnAbout(side(0, assistant), side(1, hello))
	memory.this, memory.that = sizes[0][1:], sizes[1][1:]
	first.tell(t)
	memory.tell(t)
}

// measureStart starts a program, gives the milliseconds until its first frame and the megabytes it takes then, and
// ends it.
func (x *xscreen) measureStart(path string) (took, size float64) {
	x.t.Helper()
	x.forget()
	cmd := exec.CommandContext(context.Background(), path)
	cmd.Env = x.windowEnv()
	start := time.Now()
	sure(x.t, cmd.Start())
	defer end(cmd)
	_, at := x.appears()
	rests(x.t, cmd.Process.Pid)
	return float64(at.Sub(start)) / float64(time.Millisecond), proportional(x.t, cmd.Process.Pid)
}

// rests waits until a process used next to no processor time for half a second: two ticks of a hundredth.
func rests(t *testing.T, pid int) {
	t.Helper()
	look := time.NewTicker(500 * time.Millisecond)
	defer look.Stop()
	for before := -1; ; {
		now := ticks(t, pid)
		if before >= 0 && now-before <= 2 {
			return
		}
		before = now
		<-look.C
	}
}

// ticks is the processor time that a process took so far: the 14th and 15th field of proc_pid_stat(5), of which the
// second, in brackets, may hold spaces.
func ticks(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	sure(t, err)
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, err := strconv.Atoi(fields[11])
	sure(t, err)
	system, err := strconv.Atoi(fields[12])
	sure(t, err)
	return user + system
}

// proportional is the memory of a process in megabytes; what it shares counts in part.
func proportional(t *testing.T, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	sure(t, err)
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
			kilobytes, err := strconv.ParseFloat(fields[1], 64)
			sure(t, err)
			return kilobytes * 1024 / 1e6
		}
	}
	t.Fatalf("no size in %q", text)
	return 0
}
