package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// accessQuestion is one that has time until far from now.
func accessQuestion() steps.Confirmation {
	return steps.Confirmation{Step: steps.Install, Access: &steps.AccessQuestion{
		Settings: platform.FullDiskAccessSettings, Until: time.Date(2026, 11, 23, 10, 5, 0, 0, time.Local),
	}}
}

func TestTerminal_Access(t *testing.T) {
	for typed, want := range map[string]error{"": nil, "quit": steps.ErrQuit} {
		ui, s := onScreen(t)
		answer := asked(func() (steps.Choice, error) { return ui.Confirm(t.Context(), accessQuestion()) })
		s.expect("Until 10:05")
		s.expect("open 'x-apple.systempreferences:")
		s.expect("stop after this step: ")
		s.enter(typed)
		if _, err := answer(); !errors.Is(err, want) {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

// The question ends by itself when the access is given; what is typed then answers the next one, and a secret is asked
// for only when nothing is echoed any more.
func TestTerminal_AccessGiven(t *testing.T) {
	ui, s := onScreen(t)
	ctx, given := context.WithCancel(t.Context())
	answer := asked(func() (steps.Choice, error) { return ui.Confirm(ctx, accessQuestion()) })
	s.expect("stop after this step: ")
	given()
	if _, err := answer(); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	key := asked(func() (platform.Secret, error) { return ui.ConnectKey(t.Context(), steps.KeyQuestion{}) })
	s.expect("Press Enter to go on: ")
	s.enter("")
	s.expect("not shown): ")
	awaitEcho(s, false)
	s.enter("hidden-from-the-screen")
	if k, err := key(); err != nil || k.Reveal() != "hidden-from-the-screen" || strings.Contains(s.all(), "hidden-from") {
		t.Errorf("%v, %s", err, s.all())
	}
}

func TestTerminal_AccessGivenThenDone(t *testing.T) {
	ui, s := onScreen(t)
	ctx, given := context.WithCancel(t.Context())
	answer := asked(func() (steps.Choice, error) { return ui.Confirm(ctx, accessQuestion()) })
	s.expect("stop after this step: ")
	given()
	if _, err := answer(); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	device := steps.Device{Hostname: "mac", Left: []steps.Left{{Title: "No service account", Text: "Ask IT."}}}
	done := asked(func() (steps.Choice, error) {
		return ui.Confirm(t.Context(), steps.Confirmation{Step: steps.Done, Device: &device})
	})
	s.expect("No service account. Ask IT.")
	s.expect("the state again: ")
	s.enter("again")
	if c, err := done(); err != nil || !c.Again {
		t.Errorf("%+v, %v", c, err)
	}
}
