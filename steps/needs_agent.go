package steps

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// manyRestarts is how often a service must have been started again by itself to count as crashing.
const manyRestarts = 3

// crashing tells whether a service does not stay up.
func crashing(s platform.Service, now time.Time) bool {
	if strings.HasPrefix(s.State, "failed/") || strings.HasSuffix(s.State, "/auto-restart") {
		return true
	}
	return s.Restarts >= manyRestarts && !s.Steady(now)
}

// earlier is what can be seen of an agent besides its state; the zero value where nothing can.
func earlier(f Findings) platform.Earlier {
	switch {
	case f.Facts != nil && f.Facts.Linux != nil:
		return f.Facts.Linux.Earlier
	case f.Facts != nil && f.Facts.Mac != nil:
		return f.Facts.Mac.Earlier
	case f.Facts != nil && f.Facts.Windows != nil:
		return f.Facts.Windows.Earlier
	}
	return platform.Earlier{}
}

// checkAgent tells which agent is there already.
func (n Needs) checkAgent(f Findings) Check {
	switch {
	case f.AgentErr != nil || !n.CanSeeAgent:
		return unseen(CheckAgent, f.AgentErr)
	case f.Agent == nil:
		return looking(CheckAgent)
	}
	old, s := earlier(f), f.Agent.Service
	c := Check{ID: CheckAgent, Level: LevelInfo, Detail: joinWords(old.Package, s.State, old.Server)}
	switch {
	case n.otherRegion(old.Server):
		c.Level, c.Fatal, c.Code = LevelBlock, true, CodeBlocked
		c.Title = assets.Text("check.agent.elsewhere", "Host", old.Server)
		c.Text = assets.Text("check.agent.elsewhere.text")
		return n.ofComputer(c)
	case (f.Agent.Installed || s.Running) && old.Copied:
		c.Level, c.Title, c.Text = LevelWarn, assets.Text("check.agent.copied"), assets.Text("check.agent.copied.text")
	case halfInstalled(old.Package):
		c.Title, c.Text = assets.Text("check.agent.half"), assets.Text("check.agent.half.text")
		return n.repaired(c, f)
	case f.Agent.Installed:
		return n.installedAgent(c, f)
	case s.Running:
		c.Level, c.Title, c.Text = LevelWarn, assets.Text("check.agent.foreign"), assets.Text("check.agent.foreign.text")
	case old.Package == "config-files":
		c.Title, c.Text = assets.Text("check.agent.removed"), assets.Text("check.agent.removed.text")
	default:
		c.Level, c.Title = LevelOK, assets.Text("check.agent.none")
	}
	return c
}

// installedAgent is the check of an agent that the package database knows.
func (n Needs) installedAgent(c Check, f Findings) Check {
	a := *f.Agent
	c.Title = assets.Text("check.agent.there", "Version", a.Version)
	switch {
	case crashing(a.Service, f.Now):
		c.Level = LevelWarn
		c.Title = assets.Text("check.agent.crashing", "Version", a.Version)
		c.Text = assets.Text("check.agent.crashing.text")
		return n.repaired(c, f)
	case a.Service.Off:
		c.Text = assets.Text("check.agent.off.text")
		return n.repaired(c, f)
	case a.Service.Running:
		c.Text = assets.Text("check.agent.there.text")
	default:
		c.Text = assets.Text("check.agent.stopped.text")
		if !strings.HasPrefix(a.Service.State, "activating/") {
			return n.repaired(c, f)
		}
	}
	return c
}

// repaired has the install repair the agent first, where it can: on Linux.
func (n Needs) repaired(c Check, f Findings) Check {
	if f.Facts != nil && f.Facts.Linux != nil && n.mendable(platform.FixAgent) {
		c.Fix = platform.FixAgent
	}
	return c
}

// halfInstalled tells the states between installed and removed.
func halfInstalled(state string) bool {
	return slices.Contains([]string{"unpacked", "half-configured", "half-installed"}, state)
}

// otherRegion tells whether a host is another region's: an organization lives in one, so an agent that reports there is
// another organization's. Within a region nothing tells organizations apart without administrator rights.
func (n Needs) otherRegion(server string) bool {
	if server == "" || len(n.Targets) == 0 {
		return false
	}
	for _, t := range n.Targets {
		if u, err := url.Parse(t.URL); err == nil && strings.EqualFold(u.Hostname(), server) {
			return false
		}
	}
	return slices.ContainsFunc(platform.Regions, func(r platform.Region) bool {
		e, _ := platform.EndpointsOf(r)
		return strings.EqualFold(hostOf(e.Agent), server)
	})
}

// checkLeftovers tells what is there of an agent that is gone. Its key and certificate would be used again, and the
// computer would come up as the device that it was.
func (n Needs) checkLeftovers(f Findings) Check {
	old := earlier(f)
	switch {
	case f.AgentErr != nil || !n.CanSeeAgent:
		return unseen(CheckLeftovers, f.AgentErr)
	case f.Agent == nil:
		return looking(CheckLeftovers)
	}
	c := Check{ID: CheckLeftovers, Level: LevelOK, Title: assets.Text("check.leftovers.none"), Detail: strings.Join(old.Traces, ", ")}
	switch {
	case len(old.Traces) == 0:
		return c
	case f.Agent.Installed || f.Agent.Service.Running || halfInstalled(old.Package):
		c.Title = assets.Text("check.leftovers.used")
		return c
	}
	c.Level, c.Title = LevelWarn, assets.Text("check.leftovers.found")
	c.Text = assets.Text("check.leftovers.found.text", "Path", old.Traces[0])
	if n.mendable(platform.FixLeftovers) {
		c.Fix, c.Text = platform.FixLeftovers, assets.Text("check.leftovers.found.fix")
	}
	return c
}
