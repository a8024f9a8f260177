package gui

import (
	"errors"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/steps"
)

// ended is what a run gave.
type ended struct {
	device steps.Device
	err    error
}

// enroll starts a real enrollment of a computer that only plays.
func enroll(b *bench, c *fake.Computer, change ...func(*steps.Config)) <-chan ended {
	b.t.Helper()
	ends := make(chan ended, 1)
	config := steps.Config{
		Host: c.Host(), StateDir: b.t.TempDir(),
		Profile: steps.Profile{Organization: steps.Organization{Name: "Acme Corporation"}, Region: platform.RegionUS},
	}
	for _, f := range change {
		f(&config)
	}
	go func() {
		d, err := steps.Run(b.t.Context(), config, b.w.UI())
		ends <- ended{d, err}
	}()
	return ends
}

// page waits until the enrollment asks on a page.
func (b *bench) page(name string) {
	b.t.Helper()
	b.until("the page "+name, func() bool { return len(b.shown) > 0 && b.shown[len(b.shown)-1] == name })
	b.shown = nil
}

// end waits for the end of the run.
func (b *bench) end(ends <-chan ended) (e ended) {
	b.t.Helper()
	b.until("the end of the run", func() bool {
		select {
		case e = <-ends:
			return true
		default:
			b.queue <- func() {} // look again
			return false
		}
	})
	return e
}

func TestRun_AllPagesByKeyboard(t *testing.T) {
	b := newBench(t)
	c := fake.Ubuntu2404()
	c.Hold = make(chan struct{})
	c.Bind = []string{"nora"}
	ends := enroll(b, c)
	b.page("welcome")
	b.press(fyne.KeySpace, fyne.KeyTab, fyne.KeySpace, fyne.KeyReturn)
	b.page("login")
	b.press(fyne.KeyEscape)
	b.page("welcome")
	b.press(fyne.KeySpace, fyne.KeyTab, fyne.KeySpace, fyne.KeyReturn)
	b.page("login")
	b.press(fyne.KeyReturn)
	b.page("connect-key")
	if !slices.Contains(c.Opened(), "https://console.jumpcloud.com/userconsole#/security") {
		t.Errorf("opened %q", c.Opened())
	}
	b.clipboard = aKey
	b.w.Foreground() // the person comes back from the browser
	b.press(fyne.KeyReturn)
	b.page("requirements")
	b.reads("Ubuntu 24.04")
	b.press(fyne.KeyReturn)
	b.page("plan")
	b.lacks(aKey)
	b.press(fyne.KeyReturn)
	b.page("done")
	b.until("the device to be bound", func() bool { return b.w.current.title.words == "This computer is ready" })
	b.lacks(aKey, "[")
	b.press(fyne.KeyReturn)
	if e := b.end(ends); e.err != nil || !e.device.Online.Yes || !e.device.Bound.Yes {
		t.Errorf("got %+v", e)
	}
	close(c.Hold)
}

func TestRun_ConsentRefusedThenGiven(t *testing.T) {
	b := newBench(t)
	c := fake.Ubuntu2404()
	c.Hold, c.Consent = make(chan struct{}), platform.ErrDenied
	ends := enroll(b, c)
	b.page("welcome")
	b.press(fyne.KeySpace, fyne.KeyTab, fyne.KeySpace, fyne.KeyReturn)
	b.page("login")
	b.tap("I have a connect key already")
	b.page("connect-key")
	b.typed(aKey)
	b.press(fyne.KeyReturn)
	b.page("requirements")
	b.press(fyne.KeyReturn)
	b.page("plan")
	b.press(fyne.KeyReturn)
	b.page("problem")
	b.reads("Nothing has been changed.", "consent-refused")
	c.Change(func(c *fake.Computer) { c.Consent = nil })
	b.press(fyne.KeyReturn)
	b.page("done")
	b.reads("This computer is online")
	b.press(fyne.KeyReturn)
	if e := b.end(ends); e.err != nil {
		t.Error(e.err)
	}
	close(c.Hold)
}

func TestRun_ClosedAtAProblem(t *testing.T) {
	b := newBench(t)
	c := fake.Ubuntu2404()
	c.Facts.Distribution, c.Facts.Name, c.Facts.Version = "arch", "Arch Linux", ""
	ends := enroll(b, c)
	b.page("welcome")
	b.reads("This computer cannot be set up here", "Arch Linux", "Must be fixed")
	b.tap("Close")
	var p *steps.Problem
	if e := b.end(ends); !errors.As(e.err, &p) {
		t.Errorf("got %v", e.err)
	}
}
