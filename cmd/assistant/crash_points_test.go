//go:build crash && linux

package main

import (
	"fmt"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// atStep is when a step begins.
func atStep(s steps.Step) func(steps.Event) bool {
	return func(e steps.Event) bool { return e.Kind == steps.KindStep && e.Step == s }
}

// atPhase is when a phase runs and has done so many hundredths of its bytes.
func atPhase(p platform.Phase, percent int64) func(steps.Event) bool {
	return func(e steps.Event) bool {
		return e.Kind == steps.KindPhase && e.Phase.Phase == p && e.Phase.State == steps.PhaseRunning &&
			(percent == 0 || e.Phase.Total > 0 && e.Phase.Done*100 >= percent*e.Phase.Total)
	}
}

// atDone is when a phase is done.
func atDone(p platform.Phase) func(steps.Event) bool {
	return func(e steps.Event) bool {
		return e.Kind == steps.KindPhase && e.Phase.Phase == p && e.Phase.State == steps.PhaseDone
	}
}

// atVerdict is when something is proved.
func atVerdict(v steps.VerdictName) func(steps.Event) bool {
	return func(e steps.Event) bool { return e.Kind == steps.KindVerdict && e.Verdict.Name == v && e.Verdict.Yes }
}

// atCheck is when the first requirement was looked at.
func atCheck(e steps.Event) bool { return e.Kind == steps.KindCheck }

// crashPoints lists every moment and whom it meets.
func crashPoints() []crashPoint {
	var all []crashPoint
	for _, part := range [][]crashPoint{eventPoints(), requestPoints(), filePoints()} {
		all = append(all, part...)
	}
	return all
}

// moment is one event of an enrollment.
type moment struct {
	what string
	at   func(steps.Event) bool
}

// eventPoints: what the assistant tells, and with it the phases of the elevated side.
func eventPoints() []crashPoint {
	both := []moment{
		{"install begins", atStep(steps.Install)}, {"consent is asked for", atPhase(platform.PhaseConsent, 0)},
		{"the service is started", atPhase(platform.PhaseStartService, 0)}, {"the agent registers", atPhase(platform.PhaseRegister, 0)},
		{"it is installed", atVerdict(steps.Installed)}, {"it is online", atVerdict(steps.IsOnline)},
	}
	script := append([]moment{{"the script is fetched", atPhase(platform.PhaseFetchScript, 0)}, {"the script runs", atPhase(platform.PhaseRunScript, 0)}}, both...)
	pack := append([]moment{
		{"the package is handed over", atPhase(platform.PhaseReceive, 0)}, {"half the package is handed over", atPhase(platform.PhaseReceive, 50)},
		{"the key is written", atPhase(platform.PhaseBootstrap, 0)}, {"the package is installed", atPhase(platform.PhaseInstallPackage, 0)},
	}, both...)
	early := []moment{
		{"welcome", atStep(steps.Welcome)}, {"first check", atCheck}, {"login", atStep(steps.Login)}, {"connect-key", atStep(steps.ConnectKey)},
		{"requirements", atStep(steps.Requirements)}, {"plan", atStep(steps.Plan)},
	}
	download := []moment{
		{"the download begins", atPhase(steps.PhaseDownload, 0)}, {"a quarter has come", atPhase(steps.PhaseDownload, 25)},
		{"three quarters have come", atPhase(steps.PhaseDownload, 75)}, {"all has come", atDone(steps.PhaseDownload)},
	}
	var all []crashPoint
	add := func(way platform.Way, who victim, list []moment) {
		for _, m := range list {
			all = append(all, crashPoint{way: way, victim: who, what: m.what, at: m.at, slow: way == platform.WayPackage && who != theElevated && who != theAgent})
		}
	}
	add(platform.WayScript, theAssistant, early)
	add(platform.WayScript, theAssistant, script)
	add(platform.WayScript, theElevated, append(script[1:2:2], script[4:7]...))
	add(platform.WayScript, theAgent, script[6:7])
	add(platform.WayScript, theStub, append(append([]moment{early[5]}, script[:2]...), script[4:]...))
	add(platform.WayPackage, theAssistant, download)
	add(platform.WayPackage, theAssistant, append(pack[:4:4], pack[6:]...))
	add(platform.WayPackage, theElevated, append(pack[:4:4], pack[6:9]...))
	add(platform.WayPackage, theAgent, pack[8:9])
	add(platform.WayPackage, theStub, append(download[1:3:3], pack[0], pack[3], pack[6]))
	return all
}

// requestPoints: the service has a request and has not answered it.
func requestPoints() []crashPoint {
	var all []crashPoint
	add := func(way platform.Way, who victim, points ...string) {
		for _, p := range points {
			all = append(all, crashPoint{way: way, victim: who, what: "asked " + p, held: p})
		}
	}
	script := []string{"kickstart", "detect", "time", "sign-csr", "check-access", "agent-install", "package", "register", "poll"}
	agent := []string{"detect", "time", "sign-csr", "register", "poll"}
	for _, who := range []victim{theAssistant, theElevated, theStub} {
		add(platform.WayScript, who, script...)
	}
	add(platform.WayScript, theAgent, "register", "poll")
	add(platform.WayPackage, theAssistant, "package", "signature")
	for _, who := range []victim{theAssistant, theElevated, theAgent, theStub} {
		add(platform.WayPackage, who, agent...)
		all = append(all, crashPoint{way: platform.WayPackage, victim: who, what: "registered, and not told", dripped: "register"})
	}
	return all
}

// filePoints: between two things that are done to one file.
func filePoints() []crashPoint {
	const bootstrap, runFile = "root/opt/jc/agentBootstrap.json", "state/enrollment-assistant/run.json"
	var all []crashPoint
	add := func(who victim, file string, times ...int) {
		for _, n := range times {
			all = append(all, crashPoint{way: platform.WayPackage, victim: who, what: fmt.Sprintf("touched %s %d times", file, n), file: file, nth: n})
		}
	}
	add(theElevated, bootstrap, 2, 3)
	add(theAssistant, runFile, 1) // strace counts for each thread, so only the first is a moment of the whole program
	return all
}
