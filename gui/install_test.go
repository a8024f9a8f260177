package gui

import (
	"context"
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

func phase(p platform.Phase, title string, s steps.PhaseState, done, total int64) steps.Event {
	return steps.Event{Kind: steps.KindPhase, Step: steps.Install, Phase: &steps.Progress{Phase: p, Title: title, State: s, Done: done, Total: total}}
}

func TestInstall_PhasesAndLog(t *testing.T) {
	b := newBench(t)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(phase(platform.PhaseReceive, "Download the agent", steps.PhaseRunning, 30e6, 118e6))
	b.event(phase(platform.PhaseRegister, "Wait for JumpCloud", steps.PhaseWaiting, 0, 0))
	b.reads("Installing", "Keep this window open.", "30 MB of 118 MB", "25 %", "Wait for JumpCloud")
	b.event(phase(platform.PhaseReceive, "Downloaded", steps.PhaseDone, 118e6, 118e6))
	b.reads("Downloaded", "118 MB")
	b.lacks("25 %", "Download the agent")
	b.event(steps.Event{Kind: steps.KindOutput, Step: steps.Install, Text: "unpacking jcagent"})
	b.lacks("unpacking jcagent")
	b.tap("Show details")
	b.reads("unpacking jcagent")
	b.event(steps.Event{Kind: steps.KindOutput, Step: steps.Install, Text: "setting up jcagent"})
	b.reads("setting up jcagent")
	b.tap("Hide details")
	b.lacks("unpacking jcagent")
}

func TestInstall_StopAsksTheRun(t *testing.T) {
	b := newBench(t)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(phase(platform.PhaseConsent, "Ask an administrator", steps.PhaseRunning, 0, 0))
	b.press(fyne.KeyEscape)
	if b.stops != 0 {
		t.Fatal("Escape stopped the install")
	}
	b.event(phase(platform.PhaseRunScript, "Run the script", steps.PhaseRunning, 0, 0))
	b.tap("Stop after this step")
	b.reads("Stopping…")
	if b.stops != 1 {
		t.Errorf("stopped %d times", b.stops)
	}
}

func TestClose_AsksOnlyWhileTheComputerIsChanged(t *testing.T) {
	b := newBench(t)
	b.w.Close()
	if b.quits != 1 {
		t.Fatal("a window with nothing to lose did not close")
	}
	b = newBench(t)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(phase(platform.PhaseRunScript, "Run the script", steps.PhaseRunning, 0, 0))
	b.w.Close()
	if b.quits != 0 || b.w.dialog == nil {
		t.Fatal("the window did not ask")
	}
	b.press(fyne.KeyEscape)
	if b.w.dialog != nil || b.stops != 0 {
		t.Fatal("Escape did not keep it going")
	}
	b.w.Close()
	b.w.dialog.others[0].press()
	if b.stops != 1 || b.quits != 0 {
		t.Errorf("stops %d, quits %d", b.stops, b.quits)
	}
	problem(b, steps.Problem{Code: steps.CodeCanceled, Step: steps.Install, Summary: "You stopped it.", Retry: true})
	b.reads("Stopped", "What was done so far stays.")
	b.w.Close()
	if b.quits != 1 {
		t.Error("the window asked though nothing goes on")
	}
}

func device(change func(*steps.Device)) *steps.Device {
	d := &steps.Device{
		Hostname:  "laptop",
		Installed: steps.Verdict{Name: steps.Installed, Known: true, Yes: true, Proof: "Agent 2.166.2, service jcagent is running"},
		Online:    steps.Verdict{Name: steps.IsOnline, Known: true, Yes: true, Proof: "Last contact 12 seconds ago"},
		Bound:     steps.Verdict{Name: steps.Bound, Known: true},
	}
	if change != nil {
		change(d)
	}
	return d
}

func TestDone_LiveUntilBound(t *testing.T) {
	b := newBench(t)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	b.reads("Almost there", "Waiting for JumpCloud to see this computer", "Finish, now")
	d := device(nil)
	b.event(steps.Event{Kind: steps.KindVerdict, Verdict: &d.Installed})
	b.reads("Installed", "service jcagent is running")
	r := confirm(b, steps.Confirmation{Step: steps.Done, Device: d, Watching: true})
	b.reads("This computer is online", "JumpCloud mails your admins", "Not connected to your account yet", "Your IT team does that.")
	b.event(steps.Event{Kind: steps.KindVerdict, Verdict: &steps.Verdict{Name: steps.Bound, Known: true, Yes: true, Proof: "nora"}})
	b.reads("This computer is ready", "Connected to your account", "nora")
	b.lacks("Check again", "mails your admins")
	b.press(fyne.KeyReturn)
	if c, err := answered(b, r); err != nil || c != (steps.Choice{}) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestDone_Words(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*steps.Device)
		want, never string
	}{
		"upgrade": {func(d *steps.Device) { d.Upgrade = true }, "Nothing changes for you, and no mail is sent.", "mails your admins"},
		"same version": {func(d *steps.Device) { d.Upgrade, d.Before, d.AgentVersion = true, "2.166.2", "2.166.2" }, "Its version, 2.166.2, did not change.",
			"upgraded"},
		"unchanged": {func(d *steps.Device) { d.Unchanged, d.Upgrade = true, true }, "It was left as it is.", "mails your admins"},
		"not online": {func(d *steps.Device) { d.Online = steps.Verdict{Name: steps.IsOnline, Known: true} }, "Not online yet",
			"mails your admins"},
		"unknown": {func(d *steps.Device) { d.Bound.Known = false }, "Only an administrator can see that.", "Connected to"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			confirm(b, steps.Confirmation{Step: steps.Done, Device: device(c.change)})
			b.reads(c.want)
			b.lacks(c.never)
		})
	}
}

func TestDone_CheckAgainAndLastSeen(t *testing.T) {
	b := newBench(t)
	seen := time.Date(2026, 11, 23, 9, 52, 45, 0, time.Local)
	r := confirm(b, steps.Confirmation{Step: steps.Done, Device: device(func(d *steps.Device) { d.Online.Seen = seen })})
	b.reads("Last contact 12 seconds ago · seen at 09:52:45")
	b.tap("Check again: Not connected")
	if c, err := answered(b, r); err != nil || !c.Again {
		t.Errorf("got %+v, %v", c, err)
	}
}

func problem(b *bench, p steps.Problem) <-chan reply[struct{}] {
	b.t.Helper()
	return asks(b, func(ctx context.Context, ui steps.UI) (struct{}, error) { return struct{}{}, ui.Problem(ctx, p) })
}

func TestProblem_Answers(t *testing.T) {
	refused := steps.Problem{Code: steps.CodeKeyRefused, Step: steps.Install, Summary: "JumpCloud refused the connect key.", Hint: "Make a new key.", Link: "https://example.com/help", Retry: true}
	for name, c := range map[string]struct {
		do   func(*bench)
		want error
	}{
		"Enter tries again": {func(b *bench) { b.press(fyne.KeyReturn) }, nil},
		"Escape goes back":  {func(b *bench) { b.press(fyne.KeyEscape) }, steps.ErrBack},
		"closing":           {func(b *bench) { b.tap("Close the assistant") }, steps.ErrQuit},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := problem(b, refused)
			b.reads("That did not work", "JumpCloud refused the connect key.", "Make a new key.", "Code for the help desk: key-refused", "Nothing has been changed.")
			b.tap("Read more")
			if len(b.opened) != 1 {
				t.Errorf("opened %q", b.opened)
			}
			b.w.focus()
			c.do(b)
			if _, err := answered(b, r); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestProblem_SaysWhetherSomethingWasChanged(t *testing.T) {
	b := newBench(t)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(phase(platform.PhaseFetchScript, "Fetch the script", steps.PhaseDone, 0, 0))
	b.event(phase(platform.PhaseRunScript, "Run the script", steps.PhaseFailed, 0, 0))
	problem(b, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed.", Retry: true})
	b.reads("What was done so far stays.")
	b.lacks("Nothing has been changed.")
}

func TestProblem_WithoutRetry(t *testing.T) {
	b := newBench(t)
	r := problem(b, steps.Problem{Code: steps.CodeUnsupported, Step: steps.Requirements, Summary: "Not supported."})
	b.reads("Nothing has been changed.")
	b.lacks("Try again")
	b.press(fyne.KeyReturn)
	if _, err := answered(b, r); !errors.Is(err, steps.ErrQuit) {
		t.Errorf("got %v", err)
	}
}
