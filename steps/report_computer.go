package steps

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/user"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// localNames are the names of this computer and of who runs this program.
func localNames() []string {
	var names []string
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	if u, err := user.Current(); err == nil {
		names = append(names, u.Username, u.Name)
	}
	return names
}

// look gathers the facts, which also say whose names are to be hidden in the logs.
func (r *report) look(ctx context.Context) {
	r.names = localNames()
	if r.c.Host.Facts == nil {
		r.factsErr = errNotHere
		return
	}
	f, err := within(ctx, lookWithin, r.c.Host.Facts)
	if r.factsErr = err; err != nil {
		return
	}
	r.facts = &f
	r.names = append(append(r.names, f.Hostname, f.User), f.AdminNames...)
	for _, a := range f.Accounts {
		r.names = append(r.names, a.Name)
	}
}

// computer tells the facts.
func (r *report) computer() {
	r.section("note.report.computer")
	switch {
	case errors.Is(r.factsErr, errNotHere):
		r.b.WriteString("  " + assets.Text("note.report.unknown") + "\n")
		return
	case r.factsErr != nil:
		r.line("details", r.factsErr.Error())
		return
	}
	f := *r.facts
	r.line("hostname", f.Hostname)
	name := systemName(f)
	if !strings.HasSuffix(name, f.Version) {
		name += " (" + f.Version + ")"
	}
	r.line("system", name+", "+f.Arch)
	r.line("user", f.User)
	r.line("admin", strings.TrimSuffix(string(f.Admin)+": "+strings.Join(f.AdminNames, ", "), ": "))
	r.line("disk", size(f.DiskFree)+", "+f.DiskPath)
	r.line("memory", size(f.Memory))
	for _, a := range f.Accounts {
		r.line("account", a.Name+", "+accountNote(a))
	}
	r.mac(f.Mac)
	for _, l := range [][2]string{{"container", f.Container}, {"proxy", f.Proxy}, {"rosetta", string(f.Rosetta)}} {
		if l[1] != "" {
			r.line(l[0], l[1])
		}
	}
}

// mac tells what only a Mac has.
func (r *report) mac(m *platform.Mac) {
	if m == nil {
		return
	}
	answer := func(a platform.Answer) string { return assets.Text("note.report." + cmp.Or(string(a), "unknown")) }
	r.line("filevault", strings.TrimSuffix(answer(m.FileVault)+": "+strings.Join(m.FileVaultUsers, ", "), ": "))
	r.line("bootstrap", answer(m.Bootstrap))
	r.line("mdm", strings.TrimSuffix(answer(m.MDM.Enrolled)+": "+m.MDM.Server, ": "))
	r.line("service-account", answer(m.Service.Exists))
}

// checks are made anew.
func (r *report) checks(ctx context.Context) {
	r.section("note.report.checks")
	if r.c.Host.Facts == nil {
		r.b.WriteString("  " + assets.Text("note.report.unknown") + "\n")
		return
	}
	var b strings.Builder
	for _, c := range CheckComputer(ctx, r.c, r.run.Region, nil) {
		text := string(c.Level) + "  " + c.ID + ": " + c.Title
		if c.Level != LevelOK && c.Text != "" {
			text += ". " + c.Text
		}
		if c.Detail != "" {
			text += " [" + c.Detail + "]"
		}
		b.WriteString("  " + inLine(text) + "\n")
	}
	r.b.WriteString(firstBytes(b.String(), sectionMax))
}

// agent is what anyone can see of it.
func (r *report) agent(ctx context.Context) {
	r.section("note.report.agent")
	if r.c.Host.AgentState == nil {
		r.b.WriteString("  " + assets.Text("note.report.unknown") + "\n")
		return
	}
	a, err := within(ctx, lookWithin, r.c.Host.AgentState)
	if err != nil {
		r.line("details", err.Error())
		return
	}
	if !a.Installed {
		r.b.WriteString("  " + assets.Text("verdict.installed.no") + "\n")
		return
	}
	r.line("version", a.Version)
	r.line("service", a.Service.State)
	r.line("restarts", a.Service.Restarts)
	r.line("since", utc(a.Service.Since))
}

// Receipt tells in a few lines what became of this computer, for a help desk: which it is there, what was proved and
// when, who manages it and which run it was. run is RunID's; all of it may be empty. It holds no secret.
func Receipt(d Device, p Profile, run string) string {
	r := &report{}
	r.line("hostname", d.Hostname)
	r.line("device", d.SystemKey)
	r.line("version", d.AgentVersion)
	for _, v := range d.Verdicts() {
		if v.Name != "" {
			r.b.WriteString("  " + inLine(verdictLine(v)) + "\n")
		}
	}
	for _, l := range d.Left {
		r.line("left", l.Title)
	}
	if p.Organization.Name != "" {
		r.line("managed", p.Organization.Name)
	}
	r.line("run", run)
	if d.SystemKey != "" {
		r.line("removal", RemovalText(d))
	}
	var lines []string
	for line := range strings.Lines(Redact(r.b.String(), p.ConnectKey, p.Reports.Token)) {
		lines = append(lines, strings.TrimPrefix(line, "  "))
	}
	return strings.Join(lines, "")
}

// RemovalText tells a person how the agent comes off again: it is the admin who does it, by deleting the device. See
// "Delete a system" of the vendor's API, https://docs.jumpcloud.com/api/1.0/index.html.
func RemovalText(d Device) string {
	return assets.Text("note.removal", "System", shortKey(d.SystemKey))
}

// verdictLine is a verdict with its time.
func verdictLine(v Verdict) string {
	state := "unknown"
	switch {
	case v.Known && v.Yes:
		state = "yes"
	case v.Known:
		state = "no"
	}
	text := assets.Text("note.report."+string(v.Name)) + ": " + assets.Text("note.report."+state)
	if when := utc(v.Seen); when != "" {
		text += ", " + when
	}
	return text
}

// RunID names the last run of which dir, a Config's StateDir, knows; empty when there was none.
func RunID(dir string) string {
	r := readRunFile(dir)
	if r == nil {
		return ""
	}
	return r.ID
}
