package steps

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/enrollment-assistant/platform"
)

// PhaseDownload is the part of the package way that needs no rights and comes before the consent.
const PhaseDownload platform.Phase = "download"

// install does what the plan said, with one consent, until the agent's service is seen to run steadily.
func (e *enrollment) install(ctx context.Context) error {
	e.enter(Install)
	if e.c.Host.Elevate == nil {
		return e.jobProblem(Install, errNotHere)
	}
	e.stopWatch() // of an earlier try
	if old := e.keyTooOld(); old != nil {
		return e.renewKey(old)
	}
	if err := e.tokenStands(ctx); err != nil {
		return err
	}
	e.renewing = false
	e.enrolled(time.Time{})
	if err := e.lookBefore(ctx); err != nil {
		return err
	}
	job := e.newJob(platform.VerbInstall)
	shown := phasesOf(job.Way, e.facts().OS)
	if len(job.Fixes) > 0 {
		shown = slices.Insert(shown, 1, platform.PhaseMend) // after the consent
	}
	if job.Way == platform.WayPackage {
		p, err := e.fetchPackage(ctx)
		if err != nil {
			return err
		}
		if e.older(p) {
			e.leaveUnchanged(p)
			return nil
		}
		job.Package = &p
	}
	w := e.begin(ctx, job, shown)
	if err := e.awaitInstalled(ctx, w); err != nil {
		return err
	}
	if err := e.awaitSteady(ctx, w); err != nil {
		return err
	}
	e.removeDownloads()
	return nil
}

// phasesOf lists what is shown of a job, in order.
func phasesOf(way platform.Way, system string) []platform.Phase {
	if system == "darwin" {
		return []platform.Phase{
			platform.PhaseConsent, platform.PhaseReceive, platform.PhaseBootstrap, platform.PhaseInstallPackage,
			platform.PhaseStartService, platform.PhaseFullDiskAccess, platform.PhaseRegister,
		}
	}
	if system == "windows" { // the package gets the key with the call that installs it
		return []platform.Phase{
			platform.PhaseConsent, platform.PhaseReceive, platform.PhaseInstallPackage, platform.PhaseStartService, platform.PhaseRegister,
		}
	}
	if way == platform.WayPackage {
		return []platform.Phase{
			platform.PhaseConsent, platform.PhaseReceive, platform.PhaseBootstrap, platform.PhaseInstallPackage,
			platform.PhaseStartService, platform.PhaseRegister,
		}
	}
	return []platform.Phase{
		platform.PhaseConsent, platform.PhaseFetchScript, platform.PhaseRunScript, platform.PhaseStartService, platform.PhaseRegister,
	}
}

// lookBefore notes which agent was there before the first try of this run; a later try sees what the first one did.
func (e *enrollment) lookBefore(ctx context.Context) error {
	if e.agentBefore == nil {
		before := platform.AgentState{}
		if e.c.Host.AgentState != nil {
			found, err := within(ctx, lookWithin, e.c.Host.AgentState)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				return internal(Install, err)
			}
			before = found
		}
		e.agentBefore = &before
	}
	facts := e.facts() // before the lock: the survey takes its own first
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forgetDevice() // what an earlier try has seen proves nothing of this one
	e.found, e.system = facts, facts.OS
	e.device.Hostname = facts.Hostname
	e.device.Upgrade = e.agentBefore.Installed
	e.device.AgentVersion, e.device.Before = e.agentBefore.Version, e.agentBefore.Version
	if facts.OS == "darwin" {
		e.device.Account.Name = HasAccount
	}
	return nil
}

// newJob fills what the elevated side needs; it takes no host that it does not know itself.
func (e *enrollment) newJob(verb platform.Verb) platform.Job {
	facts := e.facts()
	job := platform.Job{Verb: verb, Profile: e.c.Profile.Source, Proxy: facts.Proxy, Language: language(os.Getenv), Root: e.c.Root}
	if verb == platform.VerbWatch {
		return job
	}
	job.Way, job.Key = wayOf(e.c.Profile, facts), e.key.Value
	if e.accepted != nil {
		job.Fixes = e.accepted.fixes
	}
	if !e.password.Empty() {
		job.Account = platform.Credentials{Name: e.token.name, Password: e.password}
	}
	job.KickstartURL = kickstartOf(e.key, e.endpoints())
	if job.Way == platform.WayPackage && !e.key.Tenant { // a jcc_ key brings its own; the script has the vendor's in it
		job.PrivateKickstartURL = e.endpoints().PrivateKickstart
	}
	return job
}

// language is the person's own, in the form of LANG, which sudo and pkexec drop.
func language(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if len(v) > 40 || strings.ContainsFunc(v, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("_.@-", r) }) {
				return ""
			}
			return v
		}
	}
	return ""
}

// awaitInstalled waits until the installer is done and the service started. The elevated side has deadlines of its
// own for each phase; ours is that it says nothing at all.
func (e *enrollment) awaitInstalled(ctx context.Context, w *watch) error {
	heard := 0
	for {
		err := e.await(ctx, silentWithin, func() bool { return w.heard != heard || w.installed() })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			e.stopWatch()
			return e.jobProblem(Install, &platform.JobError{Code: platform.JobScriptFailed, Phase: platform.PhaseRunScript, Detail: err.Error()})
		}
		e.mu.Lock()
		ok, failure, unchanged := w.installed(), w.err, w.unchanged
		heard = w.heard
		access := w.phase == platform.PhaseFullDiskAccess
		e.device.Unchanged = e.device.Unchanged || unchanged
		e.mu.Unlock()
		switch {
		case failure != nil:
			return e.jobEnd(ctx, Install, w)
		case unchanged:
			e.note("note.unchanged")
			return nil
		case ok:
			return nil
		case access:
			if err := e.awaitAccess(ctx, w); err != nil {
				return err
			}
		}
	}
}

// installed tells whether nothing of the install is waited for any more; the enrollment's lock is held.
func (w *watch) installed() bool {
	return w.ended || w.unchanged || w.accessAsked || w.phase == platform.PhaseRegister || w.phase == platform.PhaseWatch
}

// awaitSteady waits until the agent is seen to be installed and to run, by what anyone can see or by what the
// elevated side says.
func (e *enrollment) awaitSteady(ctx context.Context, w *watch) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	late := time.NewTimer(steadyWithin)
	defer late.Stop()
	for {
		e.mu.Lock()
		deep := e.deep != nil
		e.mu.Unlock()
		var state platform.AgentState
		err := errNotHere
		if !deep && e.c.Host.AgentState != nil {
			state, err = within(ctx, lookWithin, e.c.Host.AgentState)
		}
		e.mu.Lock()
		if err == nil && e.deep == nil {
			e.see(state)
		}
		e.review()
		ok, ended, failure, unchanged := e.device.Installed.Yes, w.ended, w.err, e.device.Unchanged
		e.mu.Unlock()
		switch {
		case ok, unchanged:
			return nil
		case ended && failure != nil:
			return e.jobEnd(ctx, Install, w)
		}
		select {
		case <-tick.C:
		case <-late.C:
			return e.jobProblem(Install, &platform.JobError{Code: platform.JobServiceFailed, Phase: platform.PhaseStartService, Detail: errLate.Error()})
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// jobEnd is a job that failed: a problem, or, for a refused key, the way back to the question for it.
func (e *enrollment) jobEnd(ctx context.Context, s Step, w *watch) error {
	e.mu.Lock()
	w.said = true
	err := w.err
	e.mu.Unlock()
	if !isKeyRefused(err) {
		return e.explain(ctx, e.jobProblem(s, err))
	}
	return e.renewKey(e.refuseKey(err))
}

// downloadsDir holds installers while they are fetched.
func (e *enrollment) downloadsDir() string { return filepath.Join(e.c.StateDir, "downloads") }

// removeDownloads frees the space of an installer that was used.
func (e *enrollment) removeDownloads() {
	if e.c.StateDir == "" {
		return
	}
	if err := os.RemoveAll(e.downloadsDir()); err != nil {
		e.log.Warn("removing downloads", "err", err)
	}
}

// older tells whether the package is older than the agent that is there: it is never put over it.
func (e *enrollment) older(p platform.Package) bool {
	return e.agentBefore.Installed && e.agentBefore.Version != "" && p.Version != "" &&
		compareNumbers(upstream(p.Version), upstream(e.agentBefore.Version)) < 0
}

// upstream leaves out what a package database adds to a version: epoch and revision.
func upstream(version string) string {
	if i := strings.IndexByte(version, ':'); i >= 0 {
		version = version[i+1:]
	}
	if i := slices.IndexFunc([]byte(version), func(c byte) bool { return c == '-' || c == '+' || c == '~' }); i >= 0 {
		version = version[:i]
	}
	return version
}

// leaveUnchanged says that nothing was done.
func (e *enrollment) leaveUnchanged(p platform.Package) {
	e.note("note.unchanged.versions", "Installed", e.agentBefore.Version, "Package", p.Version)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.device.Unchanged = true
	e.see(*e.agentBefore)
}
