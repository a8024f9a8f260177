package steps

import (
	"slices"
	"strings"

	"example.com/enrollment-assistant/assets"
)

// checkUser compares the person's name here with the one in the service. The agent takes over the account that has the
// same name, letter by letter; with another name a second account appears.
func (n Needs) checkUser(f Findings) Check {
	if f.FactsErr != nil {
		return unseen(CheckUser, f.FactsErr)
	}
	if f.Facts == nil {
		return looking(CheckUser)
	}
	name := f.Facts.User
	if i := strings.LastIndexByte(name, '\\'); i >= 0 { // Windows puts the computer or the domain before it
		name = name[i+1:]
	}
	c := Check{ID: CheckUser, Level: LevelInfo, Detail: joinWords(f.Facts.User, f.PortalUser)}
	switch {
	case f.PortalUser != "" && f.PortalUser == name:
		c.Level, c.Title = LevelOK, assets.Text("check.user.same", "Name", name)
	case f.PortalUser != "":
		c.Level = LevelWarn
		c.Title = assets.Text("check.user.other", "Name", name, "Portal", f.PortalUser)
		c.Text = assets.Text("check.user.other.text", "Name", name, "Portal", f.PortalUser)
	case name == "root":
		c.Title, c.Text = assets.Text("check.user.root"), assets.Text("check.user.root.text")
	default:
		c.Title, c.Text = assets.Text("check.user.unknown", "Name", name), assets.Text("check.user.unknown.text")
	}
	return c
}

// genericNames are host names that installers give.
var genericNames = []string{
	"localhost", "debian", "ubuntu", "fedora", "pop-os", "rocky", "redhat", "rhel", "oracle", "linux", "raspberrypi", "computer", "desktop", "laptop",
	"vm", "archlinux", "mint", "kali", "macbook", "macbook-air", "macbook-pro", "mac", "unknown", "none", "host", "pc",
}

// checkHostname looks at the name by which admins will know this computer.
func (n Needs) checkHostname(f Findings) Check {
	if f.FactsErr != nil {
		return unseen(CheckHostname, f.FactsErr)
	}
	if f.Facts == nil {
		return looking(CheckHostname)
	}
	name := f.Facts.Hostname
	short, _, _ := strings.Cut(strings.ToLower(strings.Trim(name, "().")), ".")
	c := Check{ID: CheckHostname, Level: LevelOK, Title: assets.Text("check.hostname.ok", "Name", name)}
	switch {
	case short == "" || short == "localhost" || short == "none":
		c.Level, c.Title, c.Text = LevelWarn, assets.Text("check.hostname.none"), assets.Text("check.hostname.text")
	case slices.Contains(genericNames, short):
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.hostname.generic", "Name", name), assets.Text("check.hostname.text")
	}
	return c
}
