package steps

import (
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// This file decides about the computer as such: its system, its processor, what it runs in, and who is an administrator.

// systemName is how a system is called: Ubuntu 24.04.
func systemName(f platform.Facts) string {
	if f.Windows != nil && f.Windows.Server {
		return f.Name + " Server " + f.Version
	}
	if f.OS == "windows" && strings.HasPrefix(f.Version, "10.0.") {
		// Windows 11 goes on to call itself 10.0; its builds begin with 22000:
		// https://learn.microsoft.com/windows/release-health/windows11-release-information
		name := " 10"
		if compareNumbers(f.Version, "10.0.22000") >= 0 {
			name = " 11"
		}
		return f.Name + name
	}
	return strings.TrimSpace(f.Name + " " + f.Version)
}

func (n Needs) checkSystem(f Findings) Check {
	if f.Facts == nil {
		return looking(CheckSystem)
	}
	name := systemName(*f.Facts)
	c := Check{ID: CheckSystem, Detail: f.Facts.OS + " " + f.Facts.Distribution + " " + f.Facts.Version}
	if w := f.Facts.Windows; w != nil {
		c.Detail = joinWords(name, w.Edition, w.Release, w.Build)
	}
	switch s := judgeSystem(*f.Facts, n.Limits.Systems); {
	case !n.CanInstall:
		c.Level, c.Fatal, c.Code = LevelBlock, true, CodeBlocked
		c.Title = assets.Text("check.system.unwritten", "Name", f.Facts.Name)
		c.Text = assets.Text("check.system.unwritten.text")
	case f.Facts.Windows != nil && f.Facts.Windows.SMode:
		c.Level, c.Fatal, c.Code = LevelBlock, true, CodeBlocked
		c.Title, c.Text = assets.Text("check.system.s-mode"), assets.Text("check.system.s-mode.text")
	case s == supported:
		c.Level, c.Title = LevelOK, assets.Text("check.system.ok", "Name", name)
	case s == uncertain:
		c.Level = LevelWarn
		c.Title = assets.Text("check.system.uncertain", "Name", name)
		c.Text = assets.Text("check.system.uncertain.text")
	default:
		c.Level, c.Fatal, c.Code = LevelBlock, true, CodeBlocked
		c.Title = assets.Text("check.system.unsupported", "Name", name)
		c.Text = assets.Text("check.system.unsupported.text")
	}
	return n.ofComputer(c)
}

func (n Needs) checkArchitecture(f Findings) Check {
	if f.Facts == nil {
		return looking(CheckArchitecture)
	}
	c := Check{ID: CheckArchitecture, Detail: f.Facts.Arch}
	switch judgeArch(*f.Facts) {
	case supported:
		c.Level, c.Title = LevelOK, assets.Text("check.architecture.ok", "Arch", f.Facts.Arch)
	case uncertain:
		c.Level = LevelWarn
		c.Title = assets.Text("check.architecture.uncertain", "Arch", f.Facts.Arch)
		c.Text = assets.Text("check.architecture.uncertain.text")
	default:
		c.Level, c.Fatal, c.Code = LevelBlock, true, CodeBlocked
		c.Title = assets.Text("check.architecture.unsupported", "Arch", f.Facts.Arch)
		c.Text = assets.Text("check.architecture.unsupported.text")
	}
	return n.ofComputer(c)
}

// computersInside are the containers that are no computer of their own: the agent manages sign-in, and there is none
// in them. systemd-nspawn boots a whole system, so it is one.
var computersInside = []string{"docker", "podman", "lxc", "wsl"}

func (n Needs) checkContainer(f Findings) Check {
	if f.Facts == nil {
		return looking(CheckContainer)
	}
	kind := f.Facts.Container
	c := Check{ID: CheckContainer, Detail: kind}
	switch {
	case kind == "" || kind == "systemd-nspawn":
		c.Level, c.Title = LevelOK, assets.Text("check.container.ok")
	case containsPrefix(computersInside, strings.ToLower(kind)):
		c.Level, c.Fatal, c.Code = LevelBlock, true, CodeBlocked
		c.Title = assets.Text("check.container.inside", "Kind", kind)
		c.Text = assets.Text("check.container.inside.text")
	default:
		c.Level = LevelWarn
		c.Title = assets.Text("check.container.unknown", "Kind", kind)
		c.Text = assets.Text("check.container.unknown.text")
	}
	return n.ofComputer(c)
}

// containsPrefix tells whether s is one of list or a variant of it, such as lxc-libvirt.
func containsPrefix(list []string, s string) bool {
	for _, p := range list {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func (n Needs) checkRights(f Findings) Check {
	if f.Facts == nil {
		return looking(CheckRights)
	}
	names := strings.Join(f.Facts.AdminNames, ", ")
	c := Check{ID: CheckRights, Detail: names}
	switch f.Facts.Admin {
	case platform.AdminYou:
		c.Level, c.Title = LevelOK, assets.Text("check.rights.you")
	case platform.AdminAnother:
		c.Level = LevelInfo
		c.Title = assets.Text("check.rights.another")
		c.Text = assets.Text("check.rights.another.text", "Names", names)
		if names == "" { // who they are could not be had
			c.Text = assets.Text("check.rights.another.unnamed.text")
		}
	case platform.AdminNobody:
		c.Level, c.Fatal, c.Code = LevelBlock, true, CodeBlocked
		c.Title = assets.Text("check.rights.nobody")
		c.Text = assets.Text("check.rights.nobody.text")
	default:
		c.Level, c.Title = LevelWarn, assets.Text("check.rights.unseen")
		c.Text = assets.Text("check.unseen.text")
	}
	return n.ofComputer(c)
}
