package main

import (
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// checkText is a check as lines: the level as a word, what was found, and why it matters.
func checkText(c steps.Check) string {
	level := "cli.level." + string(c.Level)
	if c.Fix != "" {
		level = "cli.level.fix"
	}
	text := assets.Text(level) + ": " + c.Title
	if c.Level != steps.LevelOK {
		text = joined("\n      ", text, c.Text, c.Open)
	}
	return text
}

// verdictText is a verdict as one line.
func verdictText(v steps.Verdict) string {
	state := "unknown"
	switch {
	case v.Known && v.Yes:
		state = "yes"
	case v.Known:
		state = "no"
	}
	return joined(" ", assets.Text("cli.verdict."+string(v.Name)+"."+state), v.Proof)
}

// planText is the plan as lines: what will be done, with the commands, files and hosts below each.
func planText(p steps.InstallPlan) string {
	var lines []string
	for _, l := range p.Lines {
		title := l.Title
		if l.Rights {
			title = assets.Text("cli.plan.rights", "Title", l.Title)
		}
		lines = append(lines, "- "+title)
		if l.Text != "" {
			lines = append(lines, "  "+l.Text)
		}
		for _, d := range l.Details {
			lines = append(lines, "    "+d)
		}
	}
	lines = append(lines, p.Notes...)
	if p.Source != "" {
		lines = append(lines, p.Source)
	}
	return strings.Join(lines, "\n")
}

// deviceText is what the computer is after an enrollment, as lines.
func deviceText(d steps.Device) string {
	lines := []string{assets.Text("cli.done.device", "Hostname", d.Hostname)}
	switch {
	case d.Unchanged:
		lines = append(lines, assets.Text("cli.done.unchanged", "Version", d.AgentVersion))
	case d.Installed.Absent:
		lines = append(lines, assets.Text("gui.done.absent")+".", assets.Text("gui.done.absent-lead"))
	case d.SameVersion():
		lines = append(lines, assets.Text("cli.done.same", "Version", d.AgentVersion))
	case d.Upgrade:
		lines = append(lines, assets.Text("cli.done.upgrade"))
	default:
		lines = append(lines, assets.Text("cli.done.new"))
	}
	for _, v := range d.Verdicts() {
		if v.Name != "" {
			lines = append(lines, verdictText(v))
		}
	}
	for _, l := range d.Left {
		lines = append(lines, joined(". ", l.Title, l.Text))
		if l.Request != nil {
			lines = append(lines, requestText(*l.Request))
		}
	}
	if d.SystemKey != "" {
		lines = append(lines, steps.RemovalText(d))
	}
	return strings.Join(lines, "\n")
}

// lastSeenText is what is known of a computer that an earlier run enrolled. A verdict without a proof is as it was then.
func lastSeenText(d steps.Device) string {
	key := "gui.last-seen"
	switch {
	case d.Installed.Absent:
		key = "gui.last-seen.absent"
	case !d.Installed.Yes:
		key = "gui.last-seen.stopped"
	}
	lines := []string{assets.Text(key) + ".", assets.Text(key+"-lead", "Time", assets.Moment(d.Finished))}
	for _, v := range d.Verdicts() {
		if v.Name != "" && v.Known && v.Proof == "" {
			v.Proof = assets.Text("gui.last-seen.when", "Time", assets.Moment(v.Seen)) + "."
		}
		if v.Name != "" {
			lines = append(lines, verdictText(v))
		}
	}
	return strings.Join(lines, "\n")
}

// requestText is a request to IT that can be copied.
func requestText(r steps.Request) string {
	text := joined("\n", r.To, r.Subject) + "\n\n" + r.Text
	return assets.Text("cli.token.own") + "\n    " + strings.ReplaceAll(text, "\n", "\n    ")
}

// joined joins the parts that are not empty.
func joined(between string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, between)
}
