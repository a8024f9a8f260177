package steps

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

func TestOnlineVerdict(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 500, time.UTC)
	good := platform.AgentState{
		Installed: true, Deep: true, Certificate: true, SystemKey: "64930a6d00466f31842811a1",
		Service:     platform.Service{Running: true, Since: now.Add(-20 * time.Second)},
		LastContact: now.Add(-5 * time.Second),
	}
	for _, tc := range []struct {
		name   string
		change func(*platform.AgentState)
		yes    bool
	}{
		{"all is there", func(*platform.AgentState) {}, true},
		{"contact in the second of the start", func(a *platform.AgentState) { a.LastContact = a.Service.Since.Truncate(time.Second) }, true},
		{"contact before the start", func(a *platform.AgentState) { a.LastContact = a.Service.Since.Add(-2 * time.Second) }, false},
		{"old contact", func(a *platform.AgentState) {
			a.Service.Since = now.Add(-time.Hour)
			a.LastContact = now.Add(-contactWithin)
		}, false},
		{"no contact", func(a *platform.AgentState) { a.LastContact = time.Time{} }, false},
		{"contact that was lost", func(a *platform.AgentState) { a.ContactLost = true }, false},
		{"no certificate", func(a *platform.AgentState) { a.Certificate = false }, false},
		{"no system", func(a *platform.AgentState) { a.SystemKey = "" }, false},
		{"just started", func(a *platform.AgentState) { a.Service.Since = now.Add(-time.Second); a.LastContact = now }, false},
		{"stopped", func(a *platform.AgentState) { a.Service.Running = false }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := good
			tc.change(&a)
			if v := onlineVerdict(a, now); v.Yes != tc.yes || !v.Known || v.Proof == "" {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

// An agent that comes up as another device than this computer was is told of: an admin can delete the old one.
func TestRun_OtherDevice(t *testing.T) {
	for was, tells := range map[string]bool{"64930a6d00466f31842811b2": true, "64930a6d00466f31842811a1": false, "": false} {
		synctest.Test(t, func(t *testing.T) {
			c := config(t, fake.Ubuntu2404())
			write(t, filepath.Join(c.StateDir, "run.json"), `{"id":"ABC","system":"`+was+`"}`)
			ui := &scripted{}
			if _, err := Run(t.Context(), c, ui); err != nil {
				t.Fatal(err)
			}
			if told := strings.Contains(ui.everything(t), "64930a6d…11b2"); told != tells {
				t.Errorf("it was %q, and another device is told of: %t", was, told)
			}
		})
	}
}
