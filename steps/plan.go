package steps

import (
	"context"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// plan shows what will be done, exactly, and waits for yes. Nothing was changed until here, or by a try that a new key
// goes on with; that one's plan is not shown again when it is the same.
func (e *enrollment) plan(ctx context.Context) error {
	in := e.planInput()
	if e.renewed(in) {
		return nil
	}
	e.renewing = false
	e.enter(Plan)
	_, err := e.confirm(ctx, func() Confirmation {
		p := planOf(in)
		return Confirmation{Step: Plan, Plan: &p}
	})
	if err == nil {
		in.key.Value = platform.Secret{} // no plan shows it, and it ends before this does
		e.accepted = &in
	}
	return err
}

// planInput is what the plan of this run depends on.
func (e *enrollment) planInput() planInput {
	in := planInput{
		profile: e.c.Profile, endpoints: e.endpoints(), key: e.key, facts: e.facts(),
		token: e.token, verifies: e.c.Host.VerifyUser != nil, root: e.c.Root,
	}
	if a := e.survey.known().Agent; a != nil {
		in.agent = *a
	}
	if in.fixes = fixesOf(e.survey.checks()); e.renewing && e.accepted != nil {
		in.fixes = e.accepted.fixes // what the first try left is not what was found
	}
	return in
}

// planInput is what a plan depends on.
type planInput struct {
	profile   Profile
	endpoints platform.Endpoints
	key       Key // may be empty
	facts     platform.Facts
	agent     platform.AgentState
	token     tokenChoice // on a Mac
	verifies  bool        // this computer asks for a Mac account
	fixes     []platform.Fix
	root      string
}

// planOf makes the plan. It is pure.
func planOf(in planInput) InstallPlan {
	p := InstallPlan{Way: wayOf(in.profile, in.facts), Upgrade: in.agent.Installed, Source: sourceText(in.profile)}
	switch {
	case in.facts.OS == "darwin":
		p.Lines = macLines(in)
	case in.facts.OS == "windows":
		p.Lines = windowsLines(in)
	case p.Way == platform.WayPackage:
		p.Lines = packageLines(in)
	default:
		p.Lines = scriptLines(in)
	}
	p.Lines = append(withFixes(in, p.Lines), waitLine(in))
	p.Notes = planNotes(in, p.Way)
	return p
}

// waitLine is the watch that follows the install.
func waitLine(in planInput) PlanLine {
	l := PlanLine{ID: "wait", Title: assets.Text("plan.wait"), Text: assets.Text("plan.wait.text"), Rights: true}
	files := []string{in.root + "/opt/jc/jcagent.conf, client.crt, managedUsers.json", in.root + "/var/log/jcagent.log"}
	own := in.root + platform.StateFolderOf(in.facts.OS)
	switch in.facts.OS {
	case "darwin":
		l.Title = assets.Text("plan.wait.mac")
	case "windows":
		l.Title = assets.Text("plan.wait.windows")
		files = []string{`C:\Program Files\JumpCloud\Plugins\Contrib: jcagent.conf, managedUsers.json`, `C:\Windows\Temp\jcagent.log`}
	}
	for _, f := range files {
		l.Details = append(l.Details, f+": "+assets.Text("plan.read"))
	}
	l.Details = append(l.Details, own+": "+assets.Text("plan.own-folder"), hostOf(in.endpoints.Agent))
	switch {
	case in.facts.OS == "darwin":
		l.Details = append(l.Details, macLooks()...)
	case in.facts.OS == "windows":
		l.Details = append(l.Details, windowsLooks()...)
	case in.facts.OS == "linux" && in.root == "":
		l.Details = append(l.Details, lookDetails(in)...)
	}
	return l
}

// lookDetails are what the watch runs on Linux, besides the files that it reads.
func lookDetails(in planInput) []string {
	details := []string{"logind (/var/run/dbus/system_bus_socket): " + assets.Text("plan.awake")}
	for _, line := range platform.LookCommands() {
		details = append(details, line+": "+assets.Text("plan.read"))
	}
	if wayOf(in.profile, in.facts) == platform.WayScript { // the package way has lines of their own for both
		details = append(details, serviceCommand(in, "start"), "/opt/jc/agentBootstrap.json: "+assets.Text("plan.remove"))
	}
	return details
}

// planNotes are the sentences below the list.
func planNotes(in planInput, way platform.Way) []string {
	var notes []string
	if in.agent.Installed {
		notes = append(notes, assets.Text("plan.note.upgrade", "Version", in.agent.Version))
	}
	switch {
	case in.facts.OS == "windows":
		notes = append(notes, assets.Text("plan.note.key-windows"))
	case way == platform.WayScript:
		notes = append(notes, assets.Text("plan.note.key-seen"))
	default:
		notes = append(notes, assets.Text("plan.note.key"))
	}
	if in.token.semicolon {
		notes = append(notes, assets.Text("note.token.semicolon"))
	}
	if in.root != "" {
		notes = append(notes, assets.Text("plan.note.sandbox", "Root", in.root))
	}
	return notes
}

// wayOf is how the agent is installed: only Linux has a choice.
func wayOf(p Profile, f platform.Facts) platform.Way {
	if f.OS == "darwin" || f.OS == "windows" || p.Linux.Install == platform.WayPackage {
		return platform.WayPackage
	}
	return platform.WayScript
}

// consentDetail is the one consent, said where the rights are used first.
func consentDetail(in planInput) string {
	switch {
	case in.root != "":
		return "assistant-cli elevated ADDRESS"
	case in.facts.OS == "darwin":
		return "/usr/bin/osascript | /usr/bin/sudo: assistant-cli elevated ADDRESS"
	case in.facts.OS == "windows":
		return "UAC (ShellExecute runas): assistant-cli.exe elevated ADDRESS"
	}
	return "pkexec | sudo assistant-cli elevated ADDRESS"
}

// sourceText says where the profile came from and what of it does not count.
func sourceText(p Profile) string {
	switch {
	case p.Source == "":
		return assets.Text("plan.source.none")
	case platform.Sandbox:
		return assets.Text("plan.source.test", "Path", p.Source)
	case p.Protected:
		return assets.Text("plan.source.protected", "Path", p.Source)
	case len(p.Ignored) == 0:
		return assets.Text("plan.source.open", "Path", p.Source)
	}
	return assets.Text("plan.source.ignored", "Path", p.Source, "Keys", strings.Join(p.Ignored, ", "))
}

// kickstartOf is where the script comes from: the key's own host, or the endpoints'.
func kickstartOf(k Key, e platform.Endpoints) string {
	if k.KickstartURL != "" {
		return k.KickstartURL
	}
	return e.Kickstart
}
