package steps

import (
	"slices"
	"strconv"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// The checks of this file are made where Facts.Linux is there, and those that take what they judge elsewhere too.

// checkConsent tells whether the dialog that the plan announces can appear at all.
func (n Needs) checkConsent(f Findings, a platform.Asking) Check {
	c := Check{ID: CheckConsent, Detail: strings.TrimSuffix(string(a.Consent)+", "+string(a.Why)+", "+a.Agent, ", ")}
	key := "check.consent." + string(a.Why)
	switch a.Can {
	case platform.Yes:
		if a.Why == platform.AskTerminal && a.Consent == platform.ConsentTerminal && f.Facts.Admin == platform.AdminAnother {
			// sudo wants the password of the person who runs it; only polkit's dialog takes an administrator's.
			c.Level, c.Title, c.Text = LevelWarn, assets.Text("check.consent.own"), assets.Text("check.consent.own.text")
			return c
		}
		c.Level, c.Title = LevelOK, assets.Text(key)
	case platform.No:
		c.Level, c.Code, c.Title, c.Text = LevelBlock, CodeNeedsAdmin, assets.Text(key), assets.Text(key+".text")
	default:
		c.Level, c.Title, c.Text = LevelWarn, assets.Text(key), assets.Text(key+".text")
		if a.Why == platform.AskSilent {
			c.Level = LevelInfo
		}
	}
	return n.ofComputer(c)
}

// lowBattery is the charge, in percent, below which an install may be cut short.
const lowBattery = 20

func checkPower(p platform.Power) Check {
	percent := strconv.Itoa(p.Percent) + " %"
	c := Check{ID: CheckPower, Level: LevelOK}
	switch {
	case !p.Known:
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.power.unseen"), assets.Text("check.power.unseen.text")
	case !p.OnBattery:
		c.Title = assets.Text("check.power.ok")
	case p.Percent < lowBattery:
		c.Level, c.Title, c.Text = LevelWarn, assets.Text("check.power.low", "Percent", percent), assets.Text("check.power.low.text")
	default:
		c.Title = assets.Text("check.power.battery", "Percent", percent)
	}
	return c
}

// checkPackages tells whether the package manager can do its part.
func (n Needs) checkPackages(f Findings) Check {
	p := f.Facts.Linux.Packages
	// The agent's own package is repaired by itself, and may never be set up as it is.
	p.Half = slices.DeleteFunc(slices.Clone(p.Half), func(name string) bool { return name == agentServices["linux"] })
	c := Check{ID: CheckPackages, Level: LevelWarn, Detail: p.Kind}
	switch {
	case p.Kind == "":
		c.Title, c.Text = assets.Text("check.packages.none"), assets.Text("check.packages.none.text")
	case p.Broken:
		c.Title, c.Text = assets.Text("check.packages.broken"), assets.Text("check.packages.broken.text")
	case p.Locked:
		c.Title, c.Text = assets.Text("check.packages.locked"), assets.Text("check.packages.locked.text")
		if n.Package { // dpkg and rpm are tried again until their lock is free
			c.Level, c.Text = LevelInfo, assets.Text("check.packages.locked.waits")
		}
		c.Detail = joinWords(p.Kind, p.Holder)
	case p.Interrupted || len(p.Half) > 0:
		c.Title, c.Text = assets.Text("check.packages.half"), assets.Text("check.packages.half.text")
		if n.mendable(platform.FixPackages) {
			c.Fix, c.Text = platform.FixPackages, assets.Text("check.packages.half.fix")
		}
		c.Detail = joinWords(append([]string{p.Kind}, p.Half...)...)
	default:
		c.Level, c.Title = LevelOK, assets.Text("check.packages.ok")
	}
	return c
}

// joinWords makes one line of words that may be empty.
func joinWords(words ...string) string {
	var some []string
	for _, w := range words {
		if w != "" {
			some = append(some, w)
		}
	}
	return strings.Join(some, ", ")
}

// suppliers are the packages that commands of the vendor's script come in, by kind of package.
var suppliers = map[string]map[string]string{
	"dpkg": {"bash": "bash", "curl": "curl", "grep": "grep", "openssl": "openssl", "uuidgen": "uuid-runtime"},
	"rpm":  {"bash": "bash", "curl": "curl", "grep": "grep", "openssl": "openssl", "uuidgen": "util-linux"},
}

// installLine is the command that installs what is missing.
func installLine(kind string, missing []string) string {
	var names []string
	for _, m := range missing {
		name := suppliers[kind][m]
		if name == "" {
			name = "coreutils"
		}
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") {
			names = append(names, name)
		}
	}
	if kind == "rpm" {
		return "sudo dnf install " + strings.Join(names, " ")
	}
	return "sudo apt install " + strings.Join(names, " ")
}

// ownSupply tells whether the script installs a command itself; it does so on Debian's family.
func ownSupply(kind string, missing []string) bool {
	for _, m := range missing {
		if kind != "dpkg" || m != "curl" && m != "uuidgen" {
			return false
		}
	}
	return true
}

func (n Needs) checkTools(f Findings) Check {
	l := f.Facts.Linux
	c := Check{ID: CheckTools, Level: LevelOK, Detail: strings.Join(l.Missing, ", ")}
	names := strings.Join(l.Missing, ", ")
	switch {
	case !l.Systemd:
		c.Level, c.Title, c.Text = LevelWarn, assets.Text("check.tools.systemd"), assets.Text("check.tools.systemd.text")
	case n.Package || len(l.Missing) == 0:
		c.Title, c.Detail = assets.Text("check.tools.ok"), ""
	case ownSupply(l.Packages.Kind, l.Missing):
		c.Level = LevelInfo
		c.Title = assets.Text("check.tools.missing", "Count", len(l.Missing), "Names", names)
		c.Text = assets.Text("check.tools.own.text")
	default:
		c.Level = LevelWarn
		c.Title = assets.Text("check.tools.missing", "Count", len(l.Missing), "Names", names)
		c.Text = assets.Text("check.tools.missing.text", "Command", installLine(l.Packages.Kind, l.Missing))
	}
	return c
}

func checkRestart(why []platform.RestartReason) Check {
	if len(why) == 0 {
		return Check{ID: CheckRestart, Level: LevelOK, Title: assets.Text("check.restart.ok")}
	}
	words := make([]string, len(why))
	for i, w := range why {
		words[i] = string(w)
	}
	return Check{
		ID: CheckRestart, Level: LevelInfo, Title: assets.Text("check.restart.due"),
		Text: assets.Text("check.restart." + words[0] + ".text"), Detail: strings.Join(words, ", "),
	}
}

// checkManagers tells who else has a say on this computer.
func checkManagers(directories, managers []string) Check {
	c := Check{ID: CheckManagers, Detail: strings.Join(append(append([]string{}, directories...), managers...), ", ")}
	switch {
	case len(directories) > 0:
		c.Level = LevelWarn
		c.Title = assets.Text("check.managers.directory", "Names", strings.Join(directories, ", "))
		c.Text = assets.Text("check.managers.directory.text")
	case len(managers) > 0:
		c.Level = LevelInfo
		c.Title = assets.Text("check.managers.other", "Names", strings.Join(managers, ", "))
		c.Text = assets.Text("check.managers.other.text")
	default:
		c.Level, c.Title = LevelOK, assets.Text("check.managers.none")
	}
	return c
}
