package fake

import (
	"context"
	"net/url"
	"slices"
	"time"

	"example.com/enrollment-assistant/platform"
)

// host gives the host of a base URL, with its port when it is not 443.
func host(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil {
		return baseURL
	}
	if u.Port() == "443" {
		return u.Hostname()
	}
	return u.Host
}

// phases are what a job goes through on this computer, in order.
func (c *Computer) phases(j platform.Job) []platform.Phase {
	list := phases(j)
	if c.Facts.OS == "windows" {
		list = slices.DeleteFunc(list, func(p platform.Phase) bool { return p == platform.PhaseBootstrap })
	}
	if len(j.Fixes) > 0 {
		list = slices.Insert(list, 1, platform.PhaseMend)
	}
	if j.Verb == platform.VerbInstall && c.Facts.OS == "darwin" && c.Access != nil {
		list = slices.Insert(list, slices.Index(list, platform.PhaseRegister), platform.PhaseFullDiskAccess)
	}
	return list
}

// phases are what a job goes through anywhere.
func phases(j platform.Job) []platform.Phase {
	switch {
	case j.Verb == platform.VerbWatch:
		return []platform.Phase{platform.PhaseConsent, platform.PhaseWatch}
	case j.Way == platform.WayPackage:
		return []platform.Phase{
			platform.PhaseConsent, platform.PhaseReceive, platform.PhaseBootstrap, platform.PhaseInstallPackage,
			platform.PhaseStartService, platform.PhaseRegister, platform.PhaseWatch,
		}
	default:
		return []platform.Phase{
			platform.PhaseConsent, platform.PhaseFetchScript, platform.PhaseRunScript,
			platform.PhaseStartService, platform.PhaseRegister, platform.PhaseWatch,
		}
	}
}

// elevate plays the elevated side: it reports the phases of the job one after another, changes the agent as an
// install would, and ends as told.
func (c *Computer) elevate(ctx context.Context, job platform.Job, report func(platform.Report)) error {
	c.mu.Lock()
	c.jobs = append(c.jobs, job)
	consent, fail := c.Consent, c.Fail
	c.mu.Unlock()
	for _, phase := range c.phases(job) {
		if err := ctx.Err(); err != nil {
			return err
		}
		first := platform.Report{Time: c.now(), Phase: phase}
		if phase == platform.PhaseFullDiskAccess {
			first.Until = c.now().Add(accessWithin)
		}
		report(first)
		if phase == platform.PhaseConsent && consent != nil {
			return consent
		}
		if fail != nil && fail.Phase == phase {
			return fail
		}
		c.play(job, phase, report)
		if phase == platform.PhaseStartService && c.Register != nil {
			key, err := c.Register(ctx, job)
			if err != nil {
				return &platform.JobError{Code: platform.JobNotRegistered, Phase: platform.PhaseRegister, Detail: err.Error()}
			}
			c.Change(func(c *Computer) { c.SystemKey = key })
		}
		if phase == platform.PhaseFullDiskAccess {
			c.awaitAccess(ctx, report)
		}
	}
	return c.watch(ctx, report)
}

// play does what a phase does besides being reported.
func (c *Computer) play(job platform.Job, phase platform.Phase, report func(platform.Report)) {
	switch phase {
	case platform.PhaseReceive:
		if job.Package != nil {
			for part := int64(1); part <= 4; part++ {
				report(platform.Report{Time: c.now(), Phase: phase, Done: job.Package.Size * part / 4, Total: job.Package.Size})
			}
		}
	case platform.PhaseRunScript, platform.PhaseInstallPackage:
		for _, line := range c.Output {
			report(platform.Report{Time: c.now(), Phase: phase, Output: line})
		}
		if c.Facts.OS == "darwin" {
			c.serviceAccount(job.Account)
		}
	case platform.PhaseStartService:
		c.Change(func(c *Computer) {
			c.Agent.Installed, c.Agent.Version = true, c.AgentVersion
			c.Agent.Service = platform.Service{Exists: true, Running: true, State: "active/running", Since: c.now().Add(-platform.ActiveFor)}
			switch {
			case c.Facts.OS != "darwin":
			case c.Access == nil:
				c.Agent.FullDiskAccess = platform.Yes
			default:
				c.Agent.FullDiskAccess = platform.No
			}
		})
	case platform.PhaseRegister:
		c.Change(func(c *Computer) {
			c.Agent.Certificate, c.Agent.SystemKey, c.Agent.LastContact = true, c.SystemKey, c.now()
		})
	default:
	}
}

// serviceAccount plays what the vendor's installer does with the account that it is given: with a right password of an
// administrator who holds a SecureToken, its service account gets one too; without an account it makes none.
func (c *Computer) serviceAccount(with platform.Credentials) {
	if with.Name == "" {
		return
	}
	right := c.Passwords[with.Name] == with.Password.Reveal() && slices.ContainsFunc(c.Facts.Accounts, func(a platform.Account) bool {
		return a.Name == with.Name && a.Admin && a.SecureToken == platform.Yes
	})
	c.Change(func(c *Computer) {
		c.Agent.ServiceAccount = platform.ServiceAccount{Exists: platform.Yes, Token: platform.No}
		if right && !c.Unready {
			c.Agent.ServiceAccount.Token = platform.Yes
		}
	})
}

// accessWithin is the time that the vendor gives a person.
const accessWithin = 5 * time.Minute

// awaitAccess waits until the access is given, its time is over or ctx ends. Meanwhile the agent registers.
func (c *Computer) awaitAccess(ctx context.Context, report func(platform.Report)) {
	c.play(platform.Job{}, platform.PhaseRegister, report)
	tell := func() {
		r := c.state()
		r.Phase = platform.PhaseFullDiskAccess
		report(r)
	}
	tell()
	over := time.NewTimer(accessWithin)
	defer over.Stop()
	select {
	case <-c.Access:
		c.Change(func(c *Computer) { c.Agent.FullDiskAccess = platform.Yes })
		tell()
	case <-over.C:
	case <-ctx.Done():
	}
}

// watch reports the agent, then that it is bound, and waits as long as told.
func (c *Computer) watch(ctx context.Context, report func(platform.Report)) error {
	report(c.state())
	c.mu.Lock()
	bind, hold := c.Bind, c.Hold
	c.mu.Unlock()
	if len(bind) > 0 {
		c.Change(func(c *Computer) { c.Agent.ManagedUsers = bind })
		report(c.state())
	}
	if hold == nil {
		return nil
	}
	select {
	case <-hold:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// state reports the agent as the elevated side sees it.
func (c *Computer) state() platform.Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.Agent
	s.Deep = true
	s.ManagedUsers = append([]string(nil), s.ManagedUsers...)
	return platform.Report{Time: c.now(), Phase: platform.PhaseWatch, State: &s}
}
