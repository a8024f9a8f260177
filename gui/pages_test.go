package gui

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

func confirm(b *bench, q steps.Confirmation) <-chan reply[steps.Choice] {
	b.t.Helper()
	return asks(b, func(ctx context.Context, ui steps.UI) (steps.Choice, error) { return ui.Confirm(ctx, q) })
}

func TestWelcome_KeyboardAlone(t *testing.T) {
	b := newBench(t)
	r := confirm(b, steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Organization: "Acme Corporation"}})
	b.reads("Set up your work computer", "Acme Corporation looks after", "Welcome, now", "Sign in, still to come")
	b.press(fyne.KeySpace, fyne.KeyReturn)
	unanswered(b, r)
	b.reads("Tick both to go on.", "This is a work computer that Acme Corporation gave me: yes")
	b.press(fyne.KeyTab, fyne.KeySpace)
	b.lacks("Tick both")
	b.press(fyne.KeyReturn)
	if c, err := answered(b, r); err != nil || c != (steps.Choice{}) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestWelcome_RegionWithoutProfile(t *testing.T) {
	b := newBench(t, func(i *Info) { i.Organization = "" })
	r := confirm(b, steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Regions: platform.Regions}})
	b.reads("Your organization looks after", "United States · console.jumpcloud.com: yes", "Europe · console.eu.jumpcloud.com: no")
	b.tap("Europe")
	b.reads("Europe · console.eu.jumpcloud.com: yes", "United States · console.jumpcloud.com: no")
	b.tap("This is a work computer")
	b.tap("My IT team asked")
	b.tap("Start")
	if c, err := answered(b, r); err != nil || c.Region != platform.RegionEU {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestWelcome_Blocked(t *testing.T) {
	blocked := &steps.Problem{Code: steps.CodeBlocked, Summary: "Linux Mint 21 is not supported", Hint: "JumpCloud supports Ubuntu.", Link: "https://example.com/list"}
	b := newBench(t)
	r := confirm(b, steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Blocked: blocked}})
	b.reads("This computer cannot be set up here", "Nothing has been changed.", "Linux Mint 21 is not supported", "Must be fixed", "it-help@acme.example")
	b.press(fyne.KeyEscape)
	unanswered(b, r)
	b.tap("Read more")
	b.w.focus()
	b.press(fyne.KeyReturn)
	if c, err := answered(b, r); err != nil || !c.Again {
		t.Errorf("got %+v, %v", c, err)
	}
	r = confirm(b, steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Blocked: blocked}})
	b.tap("Close")
	if _, err := answered(b, r); !errors.Is(err, steps.ErrQuit) {
		t.Errorf("got %v", err)
	}
	if len(b.opened) != 1 || b.opened[0] != "https://example.com/list" {
		t.Errorf("opened %q", b.opened)
	}
}

const portal = "https://console.jumpcloud.com/userconsole#/security"

func login(b *bench, q steps.LoginQuestion) <-chan reply[steps.LoginAnswer] {
	b.t.Helper()
	return asks(b, func(ctx context.Context, ui steps.UI) (steps.LoginAnswer, error) { return ui.Login(ctx, q) })
}

func TestLogin_Browser(t *testing.T) {
	b := newBench(t)
	r := login(b, steps.LoginQuestion{PortalURL: portal})
	b.reads("Sign in at console.jumpcloud.com", "Open Security, find JumpCloud Agent", "Welcome, done")
	b.lacks("Sign in here instead")
	b.tap("Tell IT")
	if len(b.opened) != 1 || !strings.HasPrefix(b.opened[0], "mailto:it-help@acme.example?") || strings.Contains(b.opened[0], "+") {
		t.Errorf("opened %q", b.opened)
	}
	b.w.focus()
	b.press(fyne.KeyReturn)
	if a, err := answered(b, r); err != nil || a != (steps.LoginAnswer{Browser: true}) {
		t.Errorf("got %+v, %v", a, err)
	}
	b.event(steps.Event{Kind: steps.KindNote, Text: "Open it yourself."}) // told after the answer: it belongs to the next page
	b.lacks("Open it yourself.")
	connectKey(b, steps.KeyQuestion{})
	b.reads("Open it yourself.")
}

func TestLogin_BackAndHaveKey(t *testing.T) {
	b := newBench(t)
	r := login(b, steps.LoginQuestion{PortalURL: portal})
	b.press(fyne.KeyEscape)
	if _, err := answered(b, r); !errors.Is(err, steps.ErrBack) {
		t.Errorf("got %v", err)
	}
	r = login(b, steps.LoginQuestion{PortalURL: portal})
	b.tap("I have a connect key already")
	if a, err := answered(b, r); err != nil || !a.HaveKey || a.Browser {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestLogin_Here(t *testing.T) {
	b := newBench(t)
	r := login(b, steps.LoginQuestion{PortalURL: portal, Wizard: true})
	b.tap("Sign in here instead")
	b.reads("Your password goes to console.jumpcloud.com and nowhere else.")
	b.typed("nora@acme.example")
	b.press(fyne.KeyReturn) // the password is missing: the focus goes there
	unanswered(b, r)
	if b.focused() != "Password, field: empty" {
		t.Fatalf("the focus is on %q", b.focused())
	}
	b.typed("demo-User-1")
	b.press(fyne.KeyReturn)
	a, err := answered(b, r)
	if err != nil || a.Email != "nora@acme.example" || a.Password.Reveal() != "demo-User-1" {
		t.Errorf("got %+v, %v", a, err)
	}
	if left := b.w.login.password.Text; left != "" {
		t.Errorf("the field still holds %q", left)
	}
	r = login(b, steps.LoginQuestion{PortalURL: portal, Wizard: true, Retry: "Email or password is wrong."})
	b.reads("Email or password is wrong.")
	b.typed("demo-User-1") // the email is still there
	b.press(fyne.KeyReturn)
	if a, err := answered(b, r); err != nil || a.Email != "nora@acme.example" {
		t.Errorf("got %+v, %v", a, err)
	}
	r = login(b, steps.LoginQuestion{PortalURL: portal, Wizard: true, Factors: []string{"totp"}, Retry: "That code is wrong."})
	b.reads("That code is wrong.", "six digits")
	b.typed("123456")
	b.press(fyne.KeyReturn)
	if a, err := answered(b, r); err != nil || a.OTP.Reveal() != "123456" {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestRequirements_LiveThenAsked(t *testing.T) {
	b := newBench(t)
	disk := steps.Check{ID: "disk", Level: steps.LevelBlock, Title: "Not enough space: 180 MB free", Text: "The agent needs 500 MB."}
	system := steps.Check{ID: "system", Level: steps.LevelOK, Title: "Ubuntu 24.04 is supported", Detail: "x86_64"}
	b.event(steps.Event{Kind: steps.KindCheck, Step: steps.Welcome, Check: &system}) // unseen at the first page
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Requirements})
	b.reads("Ubuntu 24.04 is supported", "Requirements, now")
	b.event(steps.Event{Kind: steps.KindCheck, Check: &disk})
	b.press(fyne.KeyReturn) // nobody asks yet
	r := confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: []steps.Check{system, disk}})
	b.reads("One thing needs your attention", "Must be fixed", "The agent needs 500 MB.")
	b.tap("Details: Ubuntu")
	b.reads("x86_64")
	b.tap("Continue")
	unanswered(b, r)
	b.w.focus()
	if got := b.focused(); got != "Check again: Not enough space: 180 MB free" {
		t.Errorf("the focus is on %q", got)
	}
	b.press(fyne.KeyReturn)
	if c, err := answered(b, r); err != nil || c != (steps.Choice{Again: true, Check: "disk"}) {
		t.Errorf("got %+v, %v", c, err)
	}
	b.reads("Looking at this computer")
	disk = steps.Check{ID: "disk", Level: steps.LevelOK, Title: "12 GB free"}
	b.event(steps.Event{Kind: steps.KindCheck, Check: &disk})
	r = confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: []steps.Check{system, disk}})
	b.reads("Everything that the install needs is there.")
	b.lacks("Must be fixed")
	b.press(fyne.KeyReturn)
	if c, err := answered(b, r); err != nil || c != (steps.Choice{}) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestSecureToken(t *testing.T) {
	b := newBench(t, func(i *Info) { i.Mac = true })
	q := steps.TokenQuestion{Accounts: []steps.Account{{Name: "ana"}, {Name: "it-admin"}}}
	ask := func() <-chan reply[steps.TokenAnswer] {
		return asks(b, func(ctx context.Context, ui steps.UI) (steps.TokenAnswer, error) { return ui.SecureToken(ctx, q) })
	}
	r := ask()
	b.reads("Mac password, now")
	b.tap("it-admin")
	b.press(fyne.KeyReturn) // no password yet
	unanswered(b, r)
	b.typed("secret")
	b.press(fyne.KeyReturn)
	if a, err := answered(b, r); err != nil || a.Name != "it-admin" || a.Password.Reveal() != "secret" || a.Skip {
		t.Errorf("got %+v, %v", a, err)
	}
	r = ask()
	b.tap("Go on without")
	if a, err := answered(b, r); err != nil || !a.Skip {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestPlan(t *testing.T) {
	b := newBench(t)
	plan := &steps.InstallPlan{
		Lines: []steps.PlanLine{{ID: "fetch", Title: "Fetch JumpCloud's install script", Text: "From kickstart.jumpcloud.com."},
			{ID: "run", Title: "Run it as administrator", Details: []string{"/opt/jc", "/etc/sudoers.d"}}},
		Notes: []string{"The assistant never puts your key in a command line or a log."}, Source: "No profile.",
	}
	r := confirm(b, steps.Confirmation{Step: steps.Plan, Plan: plan})
	b.reads("What will happen", "Nothing has been changed yet.", "The assistant never puts your key", "No profile.")
	b.lacks("/etc/sudoers.d")
	b.tap("Show all")
	b.reads("/opt/jc\n/etc/sudoers.d")
	b.tap("Show less")
	b.lacks("/etc/sudoers.d")
	b.w.focus()
	b.press(fyne.KeyReturn)
	if _, err := answered(b, r); err != nil {
		t.Error(err)
	}
	plan.Upgrade = true
	confirm(b, steps.Confirmation{Step: steps.Plan, Plan: plan})
	b.reads("Upgrade", "will be upgraded")
}
