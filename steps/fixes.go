package steps

import (
	"slices"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// fixesOf lists what the install puts right first, in the order in which it does.
func fixesOf(checks []Check) []platform.Fix {
	return slices.DeleteFunc(platform.Fixes(), func(f platform.Fix) bool {
		return !slices.ContainsFunc(checks, func(c Check) bool { return c.Fix == f })
	})
}

// withFixes puts the fixes before the first line that needs rights, and says the consent there.
func withFixes(in planInput, lines []PlanLine) []PlanLine {
	if len(in.fixes) == 0 {
		return lines
	}
	first := slices.IndexFunc(lines, func(l PlanLine) bool { return l.Rights })
	if first < 0 {
		first = len(lines)
	}
	for i := range lines {
		lines[i].Details = slices.DeleteFunc(lines[i].Details, func(d string) bool { return d == consentDetail(in) })
	}
	var fixes []PlanLine
	for _, f := range in.fixes {
		fixes = append(fixes, fixLine(in, f))
	}
	fixes[0].Details = slices.Insert(fixes[0].Details, 0, consentDetail(in))
	return slices.Insert(lines, first, fixes...)
}

// fixLine says exactly what a fix does.
func fixLine(in planInput, f platform.Fix) PlanLine {
	key := "plan.fix." + string(f)
	l := PlanLine{ID: "fix-" + string(f), Title: assets.Text(key), Text: assets.Text(key + ".text"), Rights: true}
	if f == platform.FixLeftovers && in.facts.OS == "windows" {
		l.Title, l.Text = assets.Text("plan.fix.leftovers.windows"), assets.Text("plan.fix.leftovers.windows.text")
	}
	switch f {
	case platform.FixClock:
		l.Details = []string{"timedatectl set-ntp true"}
	case platform.FixPackages:
		l.Details = []string{"dpkg --force-confdef --force-confold --configure -a"}
	case platform.FixAgent:
		if in.facts.Linux != nil && in.facts.Linux.Packages.Kind == "dpkg" {
			l.Details = []string{"dpkg --force-confdef --force-confold --configure jcagent"}
		}
		l.Details = append(l.Details, "systemctl unmask jcagent.service", "systemctl enable jcagent.service", "systemctl reset-failed jcagent.service")
	case platform.FixLeftovers:
		for _, path := range platform.AgentIdentity(in.facts.OS) {
			l.Details = append(l.Details, in.root+path+": "+assets.Text("plan.remove"))
		}
	case platform.FixProxy:
		l.Details = []string{in.root + platform.AgentProxyFile + " (0600)"}
	case platform.FixRosetta:
		l.Details = []string{"/usr/sbin/softwareupdate --install-rosetta --agree-to-license"}
	}
	return l
}
