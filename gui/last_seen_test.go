package gui

import (
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/steps"
)

// lastSeen asks what is asked first on a computer that an earlier run enrolled.
func lastSeen(b *bench, watching bool, change func(*steps.Device)) <-chan reply[steps.Choice] {
	b.t.Helper()
	d := device(func(d *steps.Device) {
		seen := time.Date(2026, 11, 23, 9, 52, 45, 0, time.Local)
		d.Finished, d.Online.Seen, d.Online.Proof = seen, seen, ""
		d.Bound = steps.Verdict{Name: steps.Bound, Known: true, Yes: true, Seen: seen}
		if change != nil {
			change(d)
		}
	})
	return confirm(b, steps.Confirmation{Step: steps.Welcome, Device: d, Watching: watching})
}

func TestLastSeen_KeyboardAlone(t *testing.T) {
	for name, c := range map[string]struct {
		keys []fyne.KeyName
		want steps.Choice
		err  error
	}{
		"closes":         {[]fyne.KeyName{fyne.KeyReturn}, steps.Choice{}, steps.ErrQuit},
		"checks again":   {[]fyne.KeyName{fyne.KeyTab, fyne.KeyTab, fyne.KeyTab, fyne.KeySpace}, steps.Choice{Again: true}, nil},
		"installs again": {[]fyne.KeyName{fyne.KeyTab, fyne.KeyTab, fyne.KeyTab, fyne.KeyTab, fyne.KeySpace}, steps.Choice{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := lastSeen(b, false, nil)
			b.reads("This computer is set up", "23 November 2026, 09:52", "service jcagent is running", "Was online",
				"Was connected to your account", "Last seen on 23 November 2026, 09:52", "Check again: Was online", "Welcome, now")
			b.lacks("Set up your work computer")
			b.press(fyne.KeyEscape)
			unanswered(b, r)
			b.press(c.keys...)
			if got, err := answered(b, r); got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// What was looked at again is of now, and an install that follows shows nothing of it.
func TestLastSeen_LooksAndInstalls(t *testing.T) {
	b := newBench(t)
	lastSeen(b, true, func(d *steps.Device) { d.Online.Proof, d.Bound.Proof = "Last contact 12 seconds ago", "nora" })
	b.reads("Online", "Last contact 12 seconds ago", "Connected to your account")
	b.lacks("Was online", "Last seen on", "Check again")
	b.tap("Install again")
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	b.reads("Almost there", "Waiting for JumpCloud to see this computer")
	b.lacks("Last contact", "Install again")
}

func TestLastSeen_Words(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*steps.Device)
		want, never string
	}{
		"gone":    {func(d *steps.Device) { d.Installed.Yes, d.Installed.Absent = false, true }, "The agent is no longer here", "This computer is set up"},
		"stopped": {func(d *steps.Device) { d.Installed.Yes = false }, "Installed, but not running steadily", "Not installed"},
		"unbound": {func(d *steps.Device) { d.Bound.Yes = false }, "Not connected to your account yet", "Was connected"},
		"never": {func(d *steps.Device) {
			d.Online, d.Bound = steps.Verdict{Name: steps.IsOnline}, steps.Verdict{Name: steps.Bound}
		}, "Not known whether it is online", "Was"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			lastSeen(b, false, c.change)
			b.reads(c.want, "Check again")
			b.lacks(c.never)
		})
	}
}

// The agent goes while the last page is open: an admin deleted the device.
func TestDone_Gone(t *testing.T) {
	b := newBench(t)
	confirm(b, steps.Confirmation{Step: steps.Done, Device: device(nil), Watching: true})
	b.event(steps.Event{Kind: steps.KindVerdict, Verdict: &steps.Verdict{Name: steps.Installed, Known: true, Absent: true, Proof: "No agent is installed"}})
	b.reads("The agent is no longer here", "ask your IT team before you install it again", "Not installed")
	b.lacks("mails your admins")
}
