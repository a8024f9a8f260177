package gui

import (
	"strings"
	"testing"

	"example.com/enrollment-assistant/steps"
)

func TestNotify_OnlyFromBehindAndOnce(t *testing.T) {
	var told []string
	b := newBench(t, func(i *Info) {
		i.Notify = func(title, text string) { told = append(told, title+": "+text) }
	})
	expect := func(what string, want ...string) {
		t.Helper()
		if len(told) != len(want) {
			t.Fatalf("%s: told %q", what, told)
		}
		for i, w := range want {
			if !strings.Contains(told[i], w) {
				t.Errorf("%s: told %q, want %q", what, told[i], w)
			}
		}
		told = nil
	}
	b.w.Background()
	confirm(b, steps.Confirmation{Step: steps.Plan, Plan: &steps.InstallPlan{Lines: []steps.PlanLine{{Title: "Install"}}}})
	expect("before the install")
	b.w.Foreground()
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	problem(b, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed.", Retry: true})
	expect("in front")
	b.w.Background()
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	problem(b, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed.", Retry: true})
	expect("a problem", "That did not work: The script failed.")
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	access := confirm(b, steps.Confirmation{Step: steps.Install, Access: &steps.AccessQuestion{}})
	expect("Full Disk Access", "Allow Full Disk Access")
	unanswered(b, access)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	d := device(nil)
	for range 2 {
		b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &d.Installed})
		b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &steps.Verdict{Name: steps.IsOnline, Known: true, Yes: true}})
	}
	confirm(b, steps.Confirmation{Step: steps.Done, Device: device(func(d *steps.Device) { d.Online.Yes, d.Online.Known = true, true })})
	expect("online", "This computer is online")
	b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Done, Verdict: &steps.Verdict{Name: steps.Bound, Known: true, Yes: true}})
	expect("bound", "This computer is ready")
}
