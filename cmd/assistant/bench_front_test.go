//go:build bench && linux && !nogui

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// This program is also what it measures where no shipped program does it alone: with BENCH_FRONT it is a window that
// does what standard input says, or a download. Fyne needs the main goroutine, which is that of init.

func init() {
	var err error
	switch os.Getenv("BENCH_FRONT") {
	case "":
		return
	case "window":
		err = frontWindow()
	case "download":
		_, err = frontDownload(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// frontDownload fetches the package of BENCH_URL into BENCH_DIR, trusting the authority in BENCH_CA, as the package
// way does.
func frontDownload(ctx context.Context) (platform.Package, error) {
	ca, err := os.ReadFile(os.Getenv("BENCH_CA"))
	if err != nil {
		return platform.Package{}, err
	}
	client := steps.Profile{CA: string(ca), Protected: true}.HTTPClient()
	return platform.Download(ctx, client, os.Getenv("BENCH_URL"), os.Getenv("BENCH_DIR"), func(int64, int64) {})
}

// frontWindow opens the assistant's window, and has a driver in place of an enrollment. Each line of standard input
// is a verb; it is answered with a line when the window has taken what it means.
func frontWindow() error {
	if err := chooseLocale(); err != nil {
		return err
	}
	v := &view{session: &session{config: steps.Config{Log: slog.New(slog.DiscardHandler)}, shown: func() {}}}
	v.build(context.Background())
	p := &player{v: v, ui: v.wizard.UI()}
	go p.obey()
	v.win.ShowAndRun()
	return nil
}

// player plays an enrollment.
type player struct {
	v      *view
	ui     steps.UI
	pages  int
	rest   context.CancelFunc // ends the load
	rested chan struct{}
}

// obey does what standard input says.
func (p *player) obey() {
	verbs := map[string]func(){"install": p.install, "page": p.page, "load": p.load, "rest": p.stopLoad}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		verbs[in.Text()]()
		fyne.DoAndWait(func() {}) // what was posted before is done
		fmt.Println(in.Text())
	}
	p.v.post(p.v.quit)
}

func (p *player) event(e steps.Event) { p.ui.Event(e) }

func (p *player) phase(which platform.Phase, s steps.PhaseState, done, total int64) {
	p.event(steps.Event{Kind: steps.KindPhase, Step: steps.Install, Phase: &steps.Progress{
		Phase: which, Title: assets.Text("phase." + string(which)), State: s, Done: done, Total: total,
	}})
}

// install shows the page of the install while the package is downloaded.
func (p *player) install() {
	p.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	p.phase(steps.PhaseDownload, steps.PhaseRunning, 1, packageSize)
	for _, later := range []platform.Phase{platform.PhaseConsent, platform.PhaseReceive, platform.PhaseInstallPackage, platform.PhaseStartService, platform.PhaseRegister} {
		p.phase(later, steps.PhaseWaiting, 0, 0)
	}
}

// eventsPerSecond is how much the window is told while it is under load.
const eventsPerSecond = 1000

// load downloads over and over as fast as it goes and tells 1,000 events a second: bytes and lines in turn.
func (p *player) load() {
	ctx, cancel := context.WithCancel(context.Background())
	p.rest, p.rested = cancel, make(chan struct{})
	go func() {
		defer close(p.rested)
		for ctx.Err() == nil {
			fetched, err := frontDownload(ctx)
			if err != nil && ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			_ = os.Remove(fetched.Path) // none when it was ended
		}
	}()
	go func() {
		begun := time.Now()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for told := 0; ctx.Err() == nil; <-tick.C {
			for ; told < int(time.Since(begun).Seconds()*eventsPerSecond); told++ {
				if told%2 == 0 {
					p.phase(steps.PhaseDownload, steps.PhaseRunning, int64(told)*1e5%packageSize+1, packageSize)
				} else {
					p.event(steps.Event{Kind: steps.KindOutput, Step: steps.Install, Text: fmt.Sprintf("line %d of what an installer prints, about this long", told)})
				}
			}
		}
	}()
}

// stopLoad ends the load.
func (p *player) stopLoad() {
	p.rest()
	<-p.rested
}

// page shows the next page of an enrollment that goes round and round.
func (p *player) page() {
	asked, cancel := context.WithCancel(context.Background())
	cancel() // shows the question and does not wait for its answer
	say := func(s string) string { return fmt.Sprintf("%s, round %d", s, p.pages) }
	device := steps.Device{Hostname: "nora-laptop", SystemKey: "64930a6d00466f31842811a1", AgentVersion: "2.166.2",
		Installed: steps.Verdict{Name: steps.Installed, Known: true, Yes: true, Proof: say("the package is there")},
		Online:    steps.Verdict{Name: steps.IsOnline, Known: true, Yes: true, Proof: say("the agent has a system key")},
		Bound:     steps.Verdict{Name: steps.Bound, Known: true, Proof: say("nobody is bound")}}
	var checks []steps.Check
	for _, id := range []string{steps.CheckSystem, steps.CheckArchitecture, steps.CheckDisk, steps.CheckMemory, steps.CheckClock, steps.CheckHosts} {
		checks = append(checks, steps.Check{ID: id, Level: steps.LevelOK, Title: say("What was found about the " + id)})
	}
	plan := &steps.InstallPlan{Source: "no profile", Way: platform.WayScript}
	for _, id := range []string{"fetch", "run", "wait"} {
		plan.Lines = append(plan.Lines, steps.PlanLine{ID: id, Title: say("Do this: " + id), Text: "Why it is done", Rights: true, Details: []string{"/bin/bash"}})
	}
	problem := steps.Problem{Code: steps.CodeUnreachable, Step: steps.Install, Summary: say("It does not answer"), Hint: "Try again in a while.", Retry: true}
	pages := []func() error{
		func() error {
			_, err := p.ui.Confirm(asked, steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Organization: "Acme Corporation"}})
			return err
		},
		func() error {
			_, err := p.ui.Login(asked, steps.LoginQuestion{PortalURL: "https://console.jumpcloud.com/userconsole#/security"})
			return err
		},
		func() error {
			_, err := p.ui.ConnectKey(asked, steps.KeyQuestion{PortalURL: "https://console.jumpcloud.com/userconsole#/security",
				Check: func(string) (steps.Key, *steps.Problem) { return steps.Key{}, &problem }})
			return err
		},
		func() error {
			_, err := p.ui.Confirm(asked, steps.Confirmation{Step: steps.Requirements, Checks: checks})
			return err
		},
		func() error {
			_, err := p.ui.Confirm(asked, steps.Confirmation{Step: steps.Plan, Plan: plan})
			return err
		},
		func() error { p.install(); return context.Canceled },
		func() error { return p.ui.Problem(asked, problem) },
		func() error {
			_, err := p.ui.Confirm(asked, steps.Confirmation{Step: steps.Done, Device: &device})
			return err
		},
	}
	if err := pages[p.pages%len(pages)](); !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "a page did not wait:", err)
		os.Exit(1)
	}
	p.pages++
}
