package gui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// opened is an install page with its drawer open and the focus in it, and a log of some lines.
func opened(t *testing.T, lines int) *bench {
	b := newBench(t)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(phase(platform.PhaseRunScript, "Run the script", steps.PhaseRunning, 0, 0))
	b.tap("Show details")
	for n := range lines {
		say(b, fmt.Sprintf("line %d", n+1))
	}
	b.win.Canvas().Focus(b.w.install.drawer)
	return b
}

func say(b *bench, line string) {
	b.event(steps.Event{Kind: steps.KindOutput, Step: steps.Install, Text: line})
}

func TestDrawer_ScrollsByKeyboardAndFollowsTheEnd(t *testing.T) {
	b := opened(t, 40)
	b.reads("Details, lines 31 to 40 of 40\nline 31\n")
	for _, c := range []struct {
		key  fyne.KeyName
		want string
	}{
		{fyne.KeyDown, "lines 31 to 40"}, // the end is the end
		{fyne.KeyUp, "lines 30 to 39"},
		{fyne.KeyPageUp, "lines 21 to 30"},
		{fyne.KeyHome, "lines 1 to 10"},
		{fyne.KeyUp, "lines 1 to 10"},
		{fyne.KeyPageDown, "lines 10 to 19"},
		{fyne.KeyDown, "lines 11 to 20"},
	} {
		b.press(c.key)
		b.reads(c.want)
	}
	say(b, "line 41")
	b.reads("lines 11 to 20 of 41") // what is being read stays
	b.press(fyne.KeyEnd)
	b.reads("lines 32 to 41 of 41")
	say(b, "line 42")
	b.reads("lines 33 to 42 of 42")
}

// A key that is held down goes on, and keys that mean nothing to the log work the page.
func TestDrawer_Keys(t *testing.T) {
	b := opened(t, 40)
	b.hold(fyne.KeyUp, 5)
	b.reads("lines 26 to 35")
	b.press(fyne.KeyTab)
	if got := b.focused(); got != "Stop after this step" {
		t.Errorf("the focus is on %q", got)
	}
}

// The oldest lines make room, and what is being read stays in view as long as it is there.
func TestDrawer_KeepsSoMany(t *testing.T) {
	b := opened(t, logLines)
	b.press(fyne.KeyHome, fyne.KeyDown)
	b.reads("lines 2 to 11 of 300\nline 2\n")
	say(b, "line 301")
	b.reads("lines 1 to 10 of 300\nline 2\n")
	say(b, "line 302")
	b.reads("lines 1 to 10 of 300\nline 3\n")
}

func TestDrawer_WrapsLongLines(t *testing.T) {
	b := opened(t, 0)
	b.reads("Details, lines 0 to 0 of 0")
	long := strings.Repeat("word ", 60)
	say(b, long)
	say(b, strings.Repeat("x", 300)+"\tend")
	d := b.w.install.drawer
	if got := strings.Join(strings.Fields(strings.Join(d.lines[0].rows, " ")), " "); got != strings.TrimSpace(long) {
		t.Errorf("shows %q", got)
	}
	if got := strings.Join(d.lines[1].rows, ""); got != strings.Repeat("x", 300)+"    end" {
		t.Errorf("shows %q", got)
	}
	for _, row := range d.all() {
		if w := fyne.MeasureText(row, sizeNote, fyne.TextStyle{Monospace: true}).Width; w > d.Size().Width-2*drawerSide {
			t.Errorf("%q is %v wide, in %v", row, w, d.Size().Width)
		}
	}
	few := len(d.all())
	b.win.Resize(MinSize)
	if many := len(d.all()); many <= few {
		t.Errorf("%d rows in a narrower window, %d before", many, few)
	}
}
