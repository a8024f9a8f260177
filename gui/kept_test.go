package gui

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"weak"

	"fyne.io/fyne/v2/driver/software"

	"example.com/enrollment-assistant/steps"
)

// cacheEnv sets how long Fyne keeps what it has drawn; it is read once, when the program starts:
// https://github.com/fyne-io/fyne/blob/v2.8.1/internal/cache/base.go#L32-L38
const cacheEnv = "FYNE_CACHE"

// A page that another one has followed is gone, with all it was made of, once Fyne has dropped what it had drawn: what
// the window takes does not grow with the pages that were seen. Fyne would keep them for a minute, so the test runs
// once more in a process where it does not.
func TestShow_KeepsNoPageBefore(t *testing.T) {
	if os.Getenv(cacheEnv) == "" {
		own, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), own, "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), cacheEnv+"=1ns")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	b := newBench(t)
	asked, cancel := context.WithCancel(t.Context())
	cancel() // shows the question and does not wait for its answer
	var before []weak.Pointer[page]
	for range 3 {
		before = showRound(asked, b, before)
	}
	if len(before) < 16 {
		t.Fatalf("%d pages were shown", len(before))
	}
	showRound(asked, b, nil)       // of these, one of a kind is kept while it may be gone back to
	software.NewCanvas().Capture() // the first one drops what is too old at once
	for range 3 {
		runtime.GC() // each frees what the one before it found
	}
	for _, p := range before {
		if kept := p.Value(); kept != nil {
			t.Errorf("the page %s is kept: %q", kept.name, kept.title.words)
		}
	}
}

// showRound shows each page of a round and adds them to others.
func showRound(asked context.Context, b *bench, pages []weak.Pointer[page]) []weak.Pointer[page] {
	for _, show := range pageRound(asked, b) {
		show()
		b.drain()
		pages = append(pages, weak.Make(b.w.current))
	}
	return pages
}

// pageRound gives what shows one page each, as an enrollment has them.
func pageRound(asked context.Context, b *bench) []func() {
	ui := b.w.UI()
	confirm := func(c steps.Confirmation) func() { return func() { _, _ = ui.Confirm(asked, c) } }
	problem := steps.Problem{Code: steps.CodeUnreachable, Step: steps.Install, Summary: "It does not answer", Retry: true}
	return []func(){
		confirm(steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Organization: "Acme Corporation"}}),
		func() { _, _ = ui.Login(asked, steps.LoginQuestion{PortalURL: "https://console.example"}) },
		func() { _, _ = ui.ConnectKey(asked, steps.KeyQuestion{PortalURL: "https://console.example"}) },
		confirm(steps.Confirmation{Step: steps.Requirements, Checks: []steps.Check{{ID: steps.CheckDisk, Level: steps.LevelOK, Title: "There is room"}}}),
		confirm(steps.Confirmation{Step: steps.Plan, Plan: &steps.InstallPlan{Lines: []steps.PlanLine{{ID: "fetch", Title: "Fetch it", Details: []string{"/bin/bash"}}}}}),
		func() { ui.Event(steps.Event{Kind: steps.KindStep, Step: steps.Install}) },
		func() { _ = ui.Problem(asked, problem) },
		confirm(steps.Confirmation{Step: steps.Done, Device: &steps.Device{Hostname: "nora-laptop"}}),
	}
}
