//go:build bench && linux && !nogui

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// front is a window of this program in a process of its own, seen from outside.
type front struct {
	x      *xscreen
	in     io.Writer
	out    *bufio.Reader
	pid    int
	window uint32
}

// newFront opens the window, and gives it the keyboard. env is added to what every window program gets.
func newFront(t *testing.T, env ...string) *front {
	t.Helper()
	f := &front{x: newXScreen(t)}
	own, err := os.Executable()
	sure(t, err)
	cmd := exec.CommandContext(context.Background(), own)
	cmd.Env = append(append(f.x.windowEnv(), "BENCH_FRONT=window"), env...)
	cmd.Stderr = os.Stderr
	f.in, err = cmd.StdinPipe()
	sure(t, err)
	out, err := cmd.StdoutPipe()
	sure(t, err)
	f.out = bufio.NewReader(out)
	startBeside(t, cmd)
	f.pid = cmd.Process.Pid
	f.window, _ = f.x.appears()
	f.x.focus(f.window)
	return f
}

// does has the window do something and returns when it has taken it in.
func (f *front) does(verb string) {
	f.x.t.Helper()
	_, err := io.WriteString(f.in, verb+"\n")
	sure(f.x.t, err)
	if said, err := f.out.ReadString('\n'); err != nil || said != verb+"\n" {
		f.x.t.Fatalf("%s: the window says %q, %v", verb, said, err)
	}
}

// still waits until nothing changed on the screen for a while.
func (f *front) still() {
	f.x.t.Helper()
	for {
		select {
		case <-f.x.events:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}

// keysPerTurn is how many keys are pressed in one turn; their median is one measurement.
const keysPerTurn = 9

// benchInput compares the time from a key to its frame: Tab moves the focus onto the button that stops, and Shift+Tab
// away from it, so one row of pixels of the ring around that button tells.
func benchInput(t *testing.T) {
	s := newPackageServer(t)
	f := newFront(t, "BENCH_URL="+s.url, "BENCH_CA="+s.ca, "BENCH_DIR="+t.TempDir())
	f.does("install")
	f.still()
	ring, on := f.findRing()
	loaded := func() float64 {
		f.does("load")
		defer f.does("rest")
		<-time.After(300 * time.Millisecond) // the download runs
		return f.keys(ring, on)
	}
	c := comparison{
		name: "input", unit: "ms", aim: 1.5, thisIs: "the install page while a package is downloaded and hashed without pause and 1,000 events a second come in",
		thatIs: "the same window idle", counted: "from XTEST's Tab until the DAMAGE event that shows the focus, the median of 9 keys",
	}
	c.turnAbout(loaded, func() float64 { f.still(); return f.keys(ring, on) })
	c.tell(t)
}

// findRing finds a part of the screen where the ring of the focus appears with Tab, and how it looks then.
func (f *front) findRing() (part box, on []byte) {
	f.x.t.Helper()
	at := f.x.place(f.window)
	foot := box{at.x, at.y + at.height - 90, at.width, 90} // where the buttons are
	off := f.x.picture(foot)
	f.tab(false)
	f.still()
	with := f.x.picture(foot)
	for i := 0; i < len(with); i += 4 {
		if !bytes.Equal(off[i:i+4], with[i:i+4]) {
			part = box{foot.x + i/4%foot.width, foot.y + i/4/foot.width, 1, 1}
			f.tab(true)
			f.still()
			return part, with[i : i+4]
		}
	}
	f.x.t.Fatal("Tab shows no focus at the foot of the page")
	return box{}, nil
}

// tab presses Tab, back with Shift, and gives the time.
func (f *front) tab(back bool) time.Time {
	if back {
		f.x.press(keyShift, true)
		defer f.x.press(keyShift, false)
	}
	now := time.Now()
	f.x.press(keyTab, true)
	f.x.press(keyTab, false)
	return now
}

// keys gives the median of the milliseconds that the focus takes to be seen.
func (f *front) keys(ring box, on []byte) float64 {
	f.x.t.Helper()
	var all series
	for i := range keysPerTurn {
		all = append(all, f.seen(ring, on, f.tab(false), true))
		f.seen(ring, on, f.tab(true), false)
		// The window draws sixty times a second: each key comes at another point between two frames.
		<-time.After(time.Duration(31+i*7) * time.Millisecond)
	}
	return all.median()
}

// seen waits until the focus is shown, or not any more, and gives the milliseconds since a key.
func (f *front) seen(ring box, on []byte, key time.Time, want bool) float64 {
	f.x.t.Helper()
	for {
		e := f.x.next()
		if e.at.Before(key) {
			continue
		}
		if bytes.Equal(f.x.picture(ring), on) == want {
			return float64(e.at.Sub(key)) / float64(time.Millisecond)
		}
	}
}

// Fyne keeps what it has drawn for a minute, so what the window takes depends on how many pages it showed in the last
// one. With pageKept instead, and pages at an even pace, Fyne drops as many as there come before 200 were shown; what
// grows from then on is not given back at all.
const (
	pageKept   = 12 * time.Second
	pageEvery  = 120 * time.Millisecond
	pagesSized = 100 // how many changes a size is the median of: Go's memory rises and falls in that time
)

// benchPages compares what the window takes after 2,000 page changes with what it took after 200.
func benchPages(t *testing.T) {
	f := newFront(t, "FYNE_CACHE="+pageKept.String())
	pace := time.NewTicker(pageEvery)
	defer pace.Stop()
	change := func(times int) (sizes series) {
		for range times {
			<-pace.C
			f.x.forget()
			f.does("page")
			f.x.next()
			sizes = append(sizes, proportional(t, f.pid))
		}
		return sizes
	}
	c := comparison{
		name: "pages", unit: "MB", aim: 1.05, thisIs: "the window after 2,000 page changes", thatIs: "after 200",
		counted: fmt.Sprintf("proportional set size at each of %d more changes, one each %v and drawn; Fyne's cache of a minute set to %v, so that it is full at both", pagesSized, pageEvery, pageKept),
	}
	change(200)
	c.that = change(pagesSized)
	change(2000 - 200 - pagesSized)
	c.this = change(pagesSized)
	c.tell(t)
}
