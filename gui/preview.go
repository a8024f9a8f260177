package gui

import (
	"context"
	"errors"
	"slices"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// Preview is a page in one of its states, filled as an enrollment fills it.
type Preview struct {
	Name  string                    // its step and, after a dash, the state
	OS    string                    // "darwin" or "windows" for what looks different there; else empty
	Build func(fyne.Window) *Wizard // puts it into a window; called on Fyne's goroutine
	fill  func(*Wizard, scene)      // what Build does once the wizard is there
}

// Previews lists every page and state, those of an enrollment in the order of the steps, with the brand of info and of a profile. What a page
// says about a computer, and the plan, is what the engine says about the example computers; nothing real is looked at.
func Previews(info Info, profile steps.Profile) []Preview {
	nothing := func() {}
	info.OpenURL, info.Stop, info.Quit, info.Clipboard, info.Shown = func(string) {}, nothing, nothing, nil, nil
	info = withDialogs(info)
	s := scene{profile: profile}
	list := slices.Concat(pages(), ends(), dialogs())
	for i, p := range list {
		list[i].Build = func(win fyne.Window) *Wizard {
			own := info
			own.Mac = p.OS == macBook.facts.OS
			w := New(win, own, func(f func()) { f() })
			p.fill(w, s)
			return w
		}
	}
	return list
}

// pages is the table of the previews of an enrollment, and of what stops it.
func pages() []Preview {
	return []Preview{
		{Name: "welcome", fill: fillWelcome},
		{Name: "welcome-regions", fill: fillRegions},
		{Name: "welcome-blocked", fill: fillBlocked},
		{Name: "login", fill: func(w *Wizard, s scene) { w.showLogin(s.login(), noLogin) }},
		{Name: "login-wizard", fill: func(w *Wizard, s scene) {
			w.entered(steps.Login)
			w.showSignIn(s.login(), noLogin)
		}},
		{Name: "login-wizard-wrong", fill: func(w *Wizard, s scene) {
			q := s.login()
			q.Wizard, q.Retry, w.email = true, assets.Text("problem.sign-in.password"), "nora@acme.example"
			w.showLogin(q, noLogin)
		}},
		{Name: "login-code", fill: func(w *Wizard, s scene) {
			q := s.login()
			q.Wizard, q.Factors = true, []string{"totp"}
			w.showLogin(q, noLogin)
		}},
		{Name: "connect-key", fill: fillKey("")},
		{Name: "connect-key-ok", fill: fillKey(exampleKey)},
		{Name: "connect-key-malformed", fill: fillKey(exampleKey[:31])},
		{Name: "requirements-looking", fill: fillLooking},
		{Name: "requirements-ok", fill: fillChecks(nothingWrong)},
		{Name: "requirements-warn", fill: fillChecks(clockAhead)},
		{Name: "requirements-block", fill: fillChecks(diskFull)},
		{Name: "requirements-mac", OS: "darwin", fill: fillChecks(macBook)},
		{Name: "requirements-mac-warn", OS: "darwin", fill: fillChecks(oldMac)},
		{Name: "requirements-windows", OS: "windows", fill: fillChecks(windowsPC)},
		{Name: "secure-token", OS: "darwin", fill: fillToken("")},
		{Name: "secure-token-wrong", OS: "darwin", fill: fillToken("problem.token.password")},
		{Name: "secure-token-other", OS: "darwin", fill: fillOtherToken},
		{Name: "secure-token-again", OS: "darwin", fill: fillTokenAgain},
		{Name: "secure-token-standard", OS: "darwin", fill: fillTokenStandard},
		{Name: "secure-token-none", OS: "darwin", fill: fillNoToken},
		{Name: "plan-linux", fill: fillPlan(laptop, platform.WayScript)},
		{Name: "plan-linux-package", fill: fillPlan(laptop, platform.WayPackage)},
		{Name: "plan-details", fill: fillPlanDetails},
		{Name: "plan-mac", OS: "darwin", fill: fillPlan(macBook, "")},
		{Name: "plan-windows", OS: "windows", fill: fillPlan(windowsPC, "")},
		{Name: "plan-upgrade", fill: fillPlan(enrolled, platform.WayScript)},
		{Name: "install", fill: fillInstall},
		{Name: "install-details", fill: fillDetails},
		{Name: "install-details-up", fill: fillDetailsUp},
		{Name: "install-stopping", fill: fillStopping},
		{Name: "install-mac", OS: "darwin", fill: fillInstallMac},
		{Name: "full-disk-access", OS: "darwin", fill: fillAccess},
		{Name: "full-disk-access-waiting", OS: "darwin", fill: func(w *Wizard, s scene) {
			fillAccess(w, s)
			w.current.next.press()
		}},
		{Name: "online", fill: fillOnline},
		{Name: "problem", fill: fillProblem},
		{Name: "problem-changed", fill: fillProblemChanged},
		{Name: "problem-stopped", fill: fillStopped},
		{Name: "problem-final", fill: fillFinal},
	}
}

// ends is the part of the table that shows how an enrollment ended, and what is left of that later.
func ends() []Preview {
	return []Preview{
		{Name: "last-seen", fill: fillLastSeen(nil)},
		{Name: "last-seen-absent", fill: fillLastSeen(func(d *steps.Device) {
			d.Installed = steps.Verdict{Name: steps.Installed, Known: true, Absent: true, Proof: assets.Text("verdict.installed.no")}
		})},
		{Name: "done-online", fill: fillDone(nil)},
		{Name: "done-bound", fill: fillDone(func(d *steps.Device) {
			d.Bound.Yes, d.Bound.Proof = true, assets.Text("verdict.bound.yes", "Users", "nora")
		})},
		{Name: "done-upgrade", fill: fillDone(func(d *steps.Device) {
			d.Upgrade, d.Bound.Yes, d.Bound.Proof = true, true, assets.Text("verdict.bound.yes", "Users", "nora")
		})},
		{Name: "done-installed", fill: fillDone(func(d *steps.Device) {
			d.Online.Yes, d.Online.Proof = false, assets.Text("verdict.online.unregistered")
		})},
		{Name: "done-unknown", fill: fillUnknown},
		{Name: "done-absent", fill: fillDone(func(d *steps.Device) {
			d.Installed = steps.Verdict{Name: steps.Installed, Known: true, Absent: true, Proof: assets.Text("verdict.installed.no")}
			d.Online.Yes, d.Online.Proof = false, assets.Text("verdict.online.unregistered")
		})},
		{Name: "done-mac", OS: "darwin", fill: fillDone(onMac)},
		{Name: "done-mac-left", OS: "darwin", fill: fillDone(func(d *steps.Device) {
			onMac(d)
			d.Account.Yes, d.Account.Proof = false, assets.Text("verdict.service-account.no")
			for _, id := range []string{steps.LeftFullDiskAccess, steps.LeftServiceAccount} {
				d.Left = append(d.Left, steps.Left{ID: id, Title: assets.Text("note.left." + id), Text: assets.Text("note.left." + id + ".text")})
			}
			d.Left[1].Request = exampleRequest()
		})},
	}
}

// The answers of a page that nobody works.
func noChoice(steps.Choice, error)     {}
func noLogin(steps.LoginAnswer, error) {}

// exampleKey has the form of a key and was never one.
const exampleKey = "0123456789abcdef0123456789abcdef01239f3a"

func fillWelcome(w *Wizard, s scene) {
	q := steps.WelcomeQuestion{Organization: s.profile.Organization.Name, Text: s.profile.Texts.Welcome}
	if _, known := s.profile.EndpointsFor(""); !known {
		q.Regions = platform.Regions
	}
	w.showWelcome(q, noChoice)
}

func fillRegions(w *Wizard, _ scene) {
	w.showWelcome(steps.WelcomeQuestion{Regions: platform.Regions}, noChoice)
}

func fillBlocked(w *Wizard, s scene) {
	for _, c := range s.checks(unsupported, nil) {
		if c.Level == steps.LevelBlock {
			w.showWelcome(steps.WelcomeQuestion{Blocked: &steps.Problem{
				Code: c.Code, Step: steps.Welcome, Summary: c.Title, Hint: c.Text, Link: steps.LinkRequirements,
			}}, noChoice)
		}
	}
}

func fillKey(typed string) func(*Wizard, scene) {
	return func(w *Wizard, s scene) {
		e := s.endpoints()
		w.showKey(steps.KeyQuestion{
			PortalURL: s.login().PortalURL, Hosts: []string{hostOf(e.Kickstart)}, Opened: true, Check: checkKey,
		}, func(platform.Secret, error) {})
		w.key.key.put(typed)
	}
}

// checkKey is the judgment of the engine.
func checkKey(s string) (steps.Key, *steps.Problem) {
	k, err := steps.ParseConnectKey(s)
	var p *steps.Problem
	errors.As(err, &p)
	return k, p
}

// tokenQuestion is that of the example Mac.
func tokenQuestion() steps.TokenQuestion {
	note := assets.Text("note.account.token") + " · " + assets.Text("note.account.admin")
	return steps.TokenQuestion{Accounts: []steps.Account{{Name: "nora", Note: note}, {Name: "it-admin", Note: note}}}
}

func noToken(steps.TokenAnswer, error) {}

func fillToken(retry string) func(*Wizard, scene) {
	return func(w *Wizard, _ scene) {
		q := tokenQuestion()
		if retry != "" {
			q.Retry = assets.Text(retry, "Name", "nora")
		}
		w.showToken(q, noToken)
	}
}

func fillOtherToken(w *Wizard, _ scene) {
	w.showToken(tokenQuestion(), noToken)
	_, ticks := w.current.fields()
	ticks[1].flip()
	w.win.Canvas().Focus(ticks[1])
}

func fillNoToken(w *Wizard, _ scene) {
	w.showToken(steps.TokenQuestion{Own: assets.Text("note.token.none", "Name", "nora"), Request: exampleRequest()}, noToken)
}

// fillTokenAgain is the third wrong password, with Caps Lock on.
func fillTokenAgain(w *Wizard, _ scene) {
	q := tokenQuestion()
	q.Retry = assets.Text("problem.token.again", "Name", "nora", "Try", 3)
	q.Without = assets.Text("note.token.without")
	w.showToken(q, noToken)
	fields, _ := w.current.fields()
	for _, r := range "SECRET" {
		fields[0].TypedRune(r)
	}
}

// fillTokenStandard is a person whose own account is of no use.
func fillTokenStandard(w *Wizard, _ scene) {
	q := tokenQuestion()
	q.Accounts = q.Accounts[1:]
	q.Own, q.Request = assets.Text("note.token.standard", "Name", "nora"), exampleRequest()
	w.showToken(q, noToken)
}

// exampleRequest is what the engine writes for the example Mac.
func exampleRequest() *steps.Request {
	return &steps.Request{
		To: "it-help@acme.example", Subject: assets.Text("note.request.token.subject", "Hostname", macBook.facts.Hostname),
		Text: assets.Text("note.request.token.text", "Hostname", macBook.facts.Hostname, "System", "macOS 15.1",
			"User", "nora", "Note", assets.Text("note.account.token-none")+" · "+assets.Text("note.account.standard"), "Holders", "it-admin",
			"Link", "https://jumpcloud.com/support/install-and-use-the-service-account-for-macos"),
	}
}

func fillPlan(c computer, way platform.Way) func(*Wizard, scene) {
	return func(w *Wizard, s scene) { s.plan(w, c, way) }
}

// plan shows the plan for an example.
func (s scene) plan(w *Wizard, c computer, way platform.Way) *planPage {
	if s.profile.Linux.Install = way; way == platform.WayPackage {
		s.profile.Protected, s.profile.Linux.Publisher.Key = true, "acme" // or every package would be refused
	}
	plan, err := steps.MakePlan(context.Background(), s.config(c), "")
	if err != nil {
		fyne.LogError("planning for an example computer", err)
	}
	return w.showPlan(plan, noChoice)
}

// fillPlanDetails opens the line that changes most.
func fillPlanDetails(w *Wizard, s scene) {
	link := s.plan(w, laptop, platform.WayScript).rows[1].action
	link.press()
	w.win.Canvas().Focus(link)
}
