package gui

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/steps"
)

// asksForAccess is an install at the place where macOS wants a person.
func asksForAccess(ctx context.Context, t *testing.T) (*bench, <-chan reply[steps.Choice]) {
	b := newBench(t, func(i *Info) { i.Mac = true })
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(phase(platform.PhaseFullDiskAccess, "Allow Full Disk Access", steps.PhaseRunning, 0, 0))
	q := steps.Confirmation{Step: steps.Install, Access: &steps.AccessQuestion{
		Settings: platform.FullDiskAccessSettings, Until: time.Date(2026, 11, 23, 10, 5, 0, 0, time.Local),
	}}
	r := asks(b, func(_ context.Context, ui steps.UI) (steps.Choice, error) { return ui.Confirm(ctx, q) })
	return b, r
}

func TestAccess_OpensSettingsAndLeavesByItself(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b, r := asksForAccess(ctx, t)
	b.reads("Allow Full Disk Access", "until 10:05", "jumpcloud-agent", "Install, now", "Without it")
	b.press(fyne.KeyReturn)
	b.reads("Waiting until it is switched on")
	if len(b.opened) != 1 || b.opened[0] != platform.FullDiskAccessSettings {
		t.Errorf("opened %q", b.opened)
	}
	b.press(fyne.KeyEscape)
	unanswered(b, r)
	b.w.Close()
	if b.quits > 0 || b.w.dialog == nil {
		t.Error("the window closes while the computer is being changed")
	}
	b.press(fyne.KeyEscape)
	cancel()
	if _, err := answered(b, r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	b.until("the install page", func() bool { return b.w.current == b.w.install.page })
	b.reads("Installing", "Allow Full Disk Access")
}

func TestAccess_Answers(t *testing.T) {
	for label, want := range map[string]error{"Go on without it": nil, "Stop after this step": steps.ErrQuit} {
		t.Run(label, func(t *testing.T) {
			b, r := asksForAccess(t.Context(), t)
			b.tap(label)
			if _, err := answered(b, r); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			b.until("the install page", func() bool { return b.w.current == b.w.install.page })
		})
	}
}

// macPackage is one of a Mac.
var macPackage = string(fake.PKG("com.jumpcloud.agent", "2.166.2"))

// anyPackage is a network that has the vendor's package, whichever is asked for.
type anyPackage struct{}

func (anyPackage) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/octet-stream"}}, ContentLength: int64(len(macPackage)),
		Body: io.NopCloser(strings.NewReader(macPackage)),
	}, nil
}

// A Mac from the first page to the last, with a person who gives the access.
func TestRun_Mac(t *testing.T) {
	b := newBench(t, func(i *Info) { i.Mac = true })
	c := fake.MacOS15()
	c.Hold, c.Access = make(chan struct{}), make(chan struct{})
	ends := enroll(b, c, func(config *steps.Config) { config.Client = &http.Client{Transport: anyPackage{}} })
	b.page("welcome")
	b.press(fyne.KeySpace, fyne.KeyTab, fyne.KeySpace, fyne.KeyReturn)
	b.page("login")
	b.tap("I have a connect key already")
	b.page("connect-key")
	b.typed(aKey)
	b.press(fyne.KeyReturn)
	b.page("requirements")
	b.press(fyne.KeyReturn)
	b.page("secure-token")
	b.reads("nora: yes", "Holds a SecureToken · administrator", "Password of nora on this Mac")
	b.lacks("guest-desk")
	b.tap("it-admin")
	b.reads("Password of it-admin on this Mac")
	b.typed("it-admin's")
	b.press(fyne.KeyReturn)
	b.page("plan")
	b.reads("Allow Full Disk Access", "it-admin")
	b.lacks("it-admin's")
	b.press(fyne.KeyReturn)
	b.page(pageAccess)
	close(c.Access)
	b.page("done")
	b.reads("This computer is online")
	b.press(fyne.KeyReturn)
	if e := b.end(ends); e.err != nil || len(e.device.Left) > 0 {
		t.Errorf("got %+v", e)
	}
	close(c.Hold)
}
