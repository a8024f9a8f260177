package gui

import (
	"strconv"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// fillLooking shows the checks of which half are in.
func fillLooking(w *Wizard, s scene) {
	before := map[string]steps.Check{}
	after := s.checks(laptop, func(c steps.Check) {
		if c.Level == steps.LevelLooking {
			before[c.ID] = c
		}
	})
	w.event(steps.Event{Kind: steps.KindStep, Step: steps.Requirements})
	for _, c := range after {
		if b, ok := before[c.ID]; ok && (c.ID == steps.CheckHosts || c.ID == steps.CheckClock) {
			c = b
		}
		w.event(steps.Event{Kind: steps.KindCheck, Step: steps.Requirements, Check: &c})
	}
}

func fillChecks(c computer) func(*Wizard, scene) {
	return func(w *Wizard, s scene) { w.askRequirements(s.checks(c, nil), noChoice) }
}

// phases tells of phases in order: those before the running one are done, those after it wait.
func phases(w *Wizard, running platform.Phase, state steps.PhaseState, list ...platform.Phase) {
	w.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	now := steps.PhaseDone
	for _, p := range list {
		g := steps.Progress{Phase: p, Title: assets.Text("phase." + string(p)), State: now}
		switch p {
		case running:
			g.State, now = state, steps.PhaseWaiting
		case steps.PhaseDownload:
			g.Done, g.Total = 118e6, 118e6
		}
		w.event(steps.Event{Kind: steps.KindPhase, Step: steps.Install, Phase: &g})
	}
}

func fillInstall(w *Wizard, _ scene) {
	phases(w, platform.PhaseRunScript, steps.PhaseRunning,
		platform.PhaseConsent, platform.PhaseFetchScript, platform.PhaseRunScript, platform.PhaseStartService, platform.PhaseRegister)
	// What the vendor's script prints.
	for _, line := range []string{"Checking for necessary install commands...", "Checking system compatibility...", "Checking local system time..."} {
		w.event(steps.Event{Kind: steps.KindOutput, Step: steps.Install, Text: line})
	}
}

func fillDetails(w *Wizard, s scene) {
	fillInstall(w, s)
	w.install.toggle()
}

// fillDetailsUp shows the log of a longer install, of which the person reads the beginning.
func fillDetailsUp(w *Wizard, s scene) {
	fillInstall(w, s)
	for n := range 40 {
		w.install.output("Get:" + strconv.Itoa(n+1) + " https://kickstart.jumpcloud.com/packages/" + strings.Repeat("part/", n%20) + "file")
	}
	w.install.toggle()
	w.win.Canvas().Focus(w.install.drawer)
	w.install.drawer.to(2)
}

func fillStopping(w *Wizard, s scene) {
	fillInstall(w, s)
	w.stop()
}

func fillInstallMac(w *Wizard, _ scene) {
	phases(w, steps.PhaseDownload, steps.PhaseRunning, macPhases...)
	w.event(steps.Event{Kind: steps.KindPhase, Step: steps.Install, Phase: &steps.Progress{
		Phase: steps.PhaseDownload, Title: assets.Text("phase.download"), State: steps.PhaseRunning, Done: 49e6, Total: 118e6,
	}})
}

// macPhases are what is done on a Mac, in order.
var macPhases = []platform.Phase{steps.PhaseDownload, platform.PhaseConsent, platform.PhaseReceive, platform.PhaseBootstrap,
	platform.PhaseInstallPackage, platform.PhaseStartService, platform.PhaseFullDiskAccess, platform.PhaseRegister}

func fillAccess(w *Wizard, _ scene) {
	phases(w, platform.PhaseFullDiskAccess, steps.PhaseRunning, macPhases...)
	q := steps.AccessQuestion{Settings: platform.FullDiskAccessSettings, Until: now.Add(5 * time.Minute).Local()}
	w.showAccess(q, noChoice)
}

// exampleDevice is a computer that is installed and online.
func exampleDevice() steps.Device {
	return steps.Device{
		Hostname: laptop.facts.Hostname, SystemKey: "64930a6d00466f31842811a1", AgentVersion: "2.166.2",
		Installed: steps.Verdict{Name: steps.Installed, Known: true, Yes: true, Seen: now, Proof: assets.Text("verdict.installed.yes", "Version", "2.166.2", "Service", "jcagent")},
		Online:    steps.Verdict{Name: steps.IsOnline, Known: true, Yes: true, Seen: now, Proof: assets.Text("verdict.online.yes", "System", "64930a6d…11a1")},
		Bound:     steps.Verdict{Name: steps.Bound, Known: true, Seen: now, Proof: assets.Text("verdict.bound.no")},
	}
}

// onMac makes the example device a Mac.
func onMac(d *steps.Device) {
	d.Hostname = macBook.facts.Hostname
	d.Installed.Proof = assets.Text("verdict.installed.yes", "Version", d.AgentVersion, "Service", "com.jumpcloud.darwin-agent")
	d.Account = steps.Verdict{Name: steps.HasAccount, Known: true, Yes: true, Seen: now, Proof: assets.Text("verdict.service-account.yes")}
}

func fillOnline(w *Wizard, _ scene) {
	w.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	d := exampleDevice()
	w.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &d.Installed})
}

func fillDone(change func(*steps.Device)) func(*Wizard, scene) {
	return func(w *Wizard, _ scene) {
		d := exampleDevice()
		if change != nil {
			change(&d)
		}
		w.showDone(d, true, noChoice)
	}
}

// fillLastSeen is what is known of the example device some hours later.
func fillLastSeen(change func(*steps.Device)) func(*Wizard, scene) {
	return func(w *Wizard, _ scene) {
		d := exampleDevice()
		d.Finished, d.Online.Proof, d.Bound.Proof = now, "", ""
		if change != nil {
			change(&d)
		}
		w.showLastSeen(d, false, noChoice)
	}
}

func problemOf(key string, code steps.Code) steps.Problem {
	return steps.Problem{
		Code: code, Step: steps.Install, Summary: assets.Text(key), Hint: assets.Text(key + ".hint"), Link: steps.LinkEnrollment, Retry: true,
	}
}

func fillProblem(w *Wizard, _ scene) {
	w.entered(steps.Install)
	w.showProblem(problemOf("problem.key.refused", steps.CodeKeyRefused), func(error) {})
}

func fillProblemChanged(w *Wizard, _ scene) {
	phases(w, platform.PhaseRunScript, steps.PhaseFailed, platform.PhaseConsent, platform.PhaseFetchScript, platform.PhaseRunScript)
	w.showProblem(problemOf("problem.job.script-failed", steps.CodeInstallFailed), func(error) {})
}

func fillStopped(w *Wizard, _ scene) {
	phases(w, platform.PhaseRunScript, steps.PhaseFailed, platform.PhaseConsent, platform.PhaseFetchScript, platform.PhaseRunScript)
	p := problemOf("problem.canceled", steps.CodeCanceled)
	p.Link = ""
	w.showProblem(p, func(error) {})
}

func fillFinal(w *Wizard, _ scene) {
	p := problemOf("problem.internal", steps.CodeInternal)
	p.Link, p.Retry = "", false
	w.entered(steps.Install)
	w.showProblem(p, func(error) {})
}

// fillUnknown is what is known when nobody watches any more.
func fillUnknown(w *Wizard, _ scene) {
	d := exampleDevice()
	d.Bound.Known, d.Bound.Proof = false, ""
	w.showDone(d, false, noChoice)
}
