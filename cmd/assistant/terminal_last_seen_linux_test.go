package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/steps"
)

// The first question on a computer that an earlier run enrolled: what is known, since when, and three answers to it.
func TestTerminal_LastSeen(t *testing.T) {
	seen := time.Date(2026, 11, 23, 9, 52, 45, 0, time.Local)
	device := &steps.Device{
		Hostname: "lab-pc-7", Finished: seen,
		Installed: steps.Verdict{Name: steps.Installed, Known: true, Yes: true, Seen: time.Now(), Proof: "Agent 2.166.2, service jcagent is running"},
		Online:    steps.Verdict{Name: steps.IsOnline, Known: true, Yes: true, Seen: seen},
		Bound:     steps.Verdict{Name: steps.Bound},
	}
	for line, want := range map[string]error{"": steps.ErrQuit, "again": nil, "install": nil, "back": steps.ErrBack} {
		ui, s := onScreen(t)
		answer := asked(func() (steps.Choice, error) {
			return ui.Confirm(t.Context(), steps.Confirmation{Step: steps.Welcome, Device: device})
		})
		for _, text := range []string{
			"This computer is set up.", "set it up on 23 November 2026, 09:52", "Installed: yes. Agent 2.166.2",
			"Online: yes. Last seen on 23 November 2026, 09:52.", "Bound: not known", "install to reinstall: ",
		} {
			s.expect(text)
		}
		s.enter("perhaps")
		s.expect("install to reinstall: ")
		s.enter(line)
		if choice, err := answer(); !errors.Is(err, want) || choice.Again != (line == "again") {
			t.Errorf("%q: got %+v, %v", line, choice, err)
		}
	}
}

// What the agent was at the end is not said of one that is gone meanwhile.
func TestDeviceText_Gone(t *testing.T) {
	device := steps.Device{Hostname: "lab-pc-7", Upgrade: true, Installed: steps.Verdict{Name: steps.Installed, Known: true, Absent: true}}
	if text := deviceText(device); !strings.Contains(text, "The agent is no longer here.") || strings.Contains(text, "upgraded") {
		t.Error(text)
	}
}
