package steps

import (
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// contactWithin is how old the agent's last contact may be for the computer to count as online. The vendor's own
// bootstrap for new Macs takes activity in the agent's log of the last 180 seconds.
const contactWithin = 180 * time.Second

// see takes a state of the agent and tells the verdicts that changed by it; the lock is held. What a user can see
// proves only that the agent is installed.
func (e *enrollment) see(a platform.AgentState) {
	now := e.c.Now()
	e.seen = &a
	e.noteAccess()
	if a.Version != "" {
		e.device.AgentVersion = a.Version
	}
	e.judge(&e.device.Installed, installedVerdict(a, e.system, now))
	if e.system == "darwin" && a.ServiceAccount.Exists != platform.Unknown {
		e.judge(&e.device.Account, accountVerdict(a.ServiceAccount, now))
	}
	if !a.Deep {
		return
	}
	e.deep = &a
	e.device.SystemKey = a.SystemKey
	e.noteSystem(a.SystemKey)
	if a.SystemKey == "" {
		// What was there had never registered, so it is this run that makes a device of it.
		e.device.Upgrade = false
	}
	e.judge(&e.device.Online, onlineVerdict(a, now))
	e.judge(&e.device.Bound, boundVerdict(a, now))
}

// noteSystem keeps which device this computer is, and tells of the one that it was: an agent that has lost its certificate
// comes up as another device, and an admin can delete the old one. The lock is held.
func (e *enrollment) noteSystem(id string) {
	if id == "" {
		return
	}
	if old := e.run.System; old != "" && old != id {
		e.tellLocked(Event{Kind: KindNote, Text: assets.Text("note.system.other", "System", shortKey(old))})
	}
	e.run.System = id
}

// review judges the last state again; the lock is held. Only changes are reported, and a service comes to run
// steadily, or its last contact to be old, without any.
func (e *enrollment) review() {
	if e.deep == nil {
		return
	}
	now := e.c.Now()
	e.judge(&e.device.Installed, installedVerdict(*e.deep, e.system, now))
	e.judge(&e.device.Online, onlineVerdict(*e.deep, now))
}

// judge keeps a verdict and tells it when it says something new.
func (e *enrollment) judge(kept *Verdict, v Verdict) {
	old := *kept
	*kept = v
	e.run.keep(v)
	moved := v.Name == IsOnline && !v.Seen.Equal(old.Seen)
	old.Seen = v.Seen
	if old == v && !moved {
		return
	}
	e.log.Info("verdict", "name", v.Name, "yes", v.Yes, "proof", v.Proof)
	e.tellLocked(Event{Kind: KindVerdict, Verdict: &v})
}

// agentServices is what the agent's service is called on each system.
var agentServices = map[string]string{"linux": "jcagent", "darwin": "com.jumpcloud.darwin-agent", "windows": "jumpcloud-agent"}

// installedVerdict: the package database knows it, and its service runs without restarting.
func installedVerdict(a platform.AgentState, system string, now time.Time) Verdict {
	service := agentServices[system]
	v := Verdict{Name: Installed, Known: true, Seen: now}
	switch {
	case !a.Installed:
		v.Absent, v.Proof = true, assets.Text("verdict.installed.no")
	case a.Service.Steady(now):
		v.Yes = true
		v.Proof = assets.Text("verdict.installed.yes", "Version", a.Version, "Service", service)
	case a.Service.Running:
		v.Proof = assets.Text("verdict.installed.starting", "Version", a.Version, "Service", service)
	default:
		v.Proof = assets.Text("verdict.installed.stopped", "Version", a.Version, "Service", service)
	}
	return v
}

// onlineVerdict: the agent has its certificate and its system, its service runs, and this service, not the one before
// an upgrade, has talked to the service lately. Log lines have whole seconds.
func onlineVerdict(a platform.AgentState, now time.Time) Verdict {
	v := Verdict{Name: IsOnline, Known: true, Seen: a.LastContact}
	talked := !a.LastContact.IsZero() && now.Sub(a.LastContact) < contactWithin &&
		!a.LastContact.Before(a.Service.Since.Truncate(time.Second))
	switch {
	case a.SystemKey == "" || !a.Certificate:
		v.Proof = assets.Text("verdict.online.unregistered")
	case a.ContactLost:
		v.Proof = assets.Text("verdict.online.lost", "System", shortKey(a.SystemKey))
	case !talked || !a.Service.Steady(now):
		v.Proof = assets.Text("verdict.online.silent", "System", shortKey(a.SystemKey))
	default:
		v.Yes = true
		v.Proof = assets.Text("verdict.online.yes", "System", shortKey(a.SystemKey))
	}
	return v
}

// boundVerdict: local users that the service manages are named.
func boundVerdict(a platform.AgentState, now time.Time) Verdict {
	v := Verdict{Name: Bound, Known: true, Seen: now, Yes: len(a.ManagedUsers) > 0}
	if v.Yes {
		v.Proof = assets.Text("verdict.bound.yes", "Users", strings.Join(a.ManagedUsers, ", "))
	} else {
		v.Proof = assets.Text("verdict.bound.no")
	}
	return v
}

// accountVerdict: the agent's own account is there and holds a SecureToken, so that it can give one to others.
func accountVerdict(a platform.ServiceAccount, now time.Time) Verdict {
	v := Verdict{Name: HasAccount, Known: a.Exists == platform.No || a.Token != platform.Unknown, Seen: now}
	switch {
	case a.Exists == platform.No:
		v.Proof = assets.Text("verdict.service-account.no")
	case a.Token == platform.Yes:
		v.Yes, v.Proof = true, assets.Text("verdict.service-account.yes")
	case a.Token == platform.No:
		v.Proof = assets.Text("verdict.service-account.useless")
	}
	return v
}

// shortKey is a system's id as people compare it: 64930a6d…11a1.
func shortKey(id string) string {
	if len(id) <= 12 {
		return id
	}
	return id[:8] + "…" + id[len(id)-4:]
}
