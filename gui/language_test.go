package gui

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// speaking is a bench with two languages to choose from; spoken gets those that were chosen.
func speaking(t *testing.T, spoken *[]string) *bench {
	return newBench(t, func(i *Info) {
		i.Language, i.Languages = "en", twoLanguages
		i.SetLanguage = func(tag string) { *spoken = append(*spoken, tag) }
	})
}

// chooseGerman works the menu by keyboard.
func chooseGerman(b *bench) {
	b.t.Helper()
	b.tap("English: change the language")
	if b.focused() != "English: yes" {
		b.t.Fatalf("the focus is on %q", b.focused())
	}
	b.press(fyne.KeyTab, fyne.KeyReturn)
	if b.w.dialog != nil {
		b.t.Fatal("the dialog is still open")
	}
}

func TestLanguage_AsksAgainAndKeepsWhatWasEntered(t *testing.T) {
	var spoken []string
	b := speaking(t, &spoken)
	q := steps.LoginQuestion{PortalURL: portal, Wizard: true}
	r := login(b, q)
	b.tap("Sign in here instead")
	b.typed("nora@acme.example")
	b.press(fyne.KeyTab, fyne.KeyTab)
	b.typed("demo-User-1")
	chooseGerman(b)
	if _, err := answered(b, r); !errors.Is(err, steps.ErrAgain) || len(spoken) != 1 || spoken[0] != "de" {
		t.Fatalf("got %v, chose %q", err, spoken)
	}
	b.reads("Deutsch: change the language")
	r = login(b, q)
	b.reads("Email, field: nora@acme.example", "Password, field: 11 characters, hidden")
	b.w.focus()
	b.press(fyne.KeyReturn)
	if a, err := answered(b, r); err != nil || a.Email != "nora@acme.example" || a.Password.Reveal() != "demo-User-1" {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestLanguage_KeepsTicksAndKey(t *testing.T) {
	var spoken []string
	b := speaking(t, &spoken)
	welcome := steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Regions: platform.Regions}}
	r := confirm(b, welcome)
	b.tap("This is a work computer")
	b.tap("Europe")
	chooseGerman(b)
	if _, err := answered(b, r); !errors.Is(err, steps.ErrAgain) {
		t.Fatal(err)
	}
	r = confirm(b, welcome)
	b.reads("This is a work computer that my organization gave me: yes", "Europe · console.eu.jumpcloud.com: yes", "United States · console.jumpcloud.com: no")
	b.tap("My IT team asked")
	b.tap("Start")
	if c, err := answered(b, r); err != nil || c.Region != platform.RegionEU {
		t.Errorf("got %+v, %v", c, err)
	}
	k := connectKey(b, steps.KeyQuestion{})
	b.tap("Open User Portal")
	b.w.focus()
	b.typed(aKey)
	b.tap("Deutsch: change the language")
	b.press(fyne.KeyTab, fyne.KeyTab, fyne.KeySpace) // past Close, round to English
	if _, err := answered(b, k); !errors.Is(err, steps.ErrAgain) {
		t.Fatal(err)
	}
	k = connectKey(b, steps.KeyQuestion{})
	b.reads("ending in 9f3a", "Your User Portal is open in the browser")
	b.press(fyne.KeyReturn)
	if got, err := answered(b, k); err != nil || got.Reveal() != aKey {
		t.Errorf("got %v", err)
	}
}

func TestLanguage_ChosenWhileNobodyAsks(t *testing.T) {
	var spoken []string
	b := speaking(t, &spoken)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Requirements})
	chooseGerman(b)
	r := confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: []steps.Check{{ID: "disk", Level: steps.LevelOK, Title: "84 GB free"}}})
	if _, err := answered(b, r); !errors.Is(err, steps.ErrAgain) {
		t.Fatalf("the question was not asked again: %v", err)
	}
	r = confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: []steps.Check{{ID: "disk", Level: steps.LevelOK, Title: "84 GB frei"}}})
	b.reads("84 GB frei")
	b.lacks("84 GB free")
	unanswered(b, r)
}

func TestLanguage_NotOfferedFromTheInstallOn(t *testing.T) {
	var spoken []string
	b := speaking(t, &spoken)
	confirm(b, steps.Confirmation{Step: steps.Plan, Plan: &steps.InstallPlan{Lines: []steps.PlanLine{{Title: "Install"}}}})
	b.reads("change the language")
	b.tap("English: change the language")
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.press(fyne.KeyTab, fyne.KeySpace)
	b.lacks("change the language")
	if len(spoken) != 0 {
		t.Errorf("chose %q during the install", spoken)
	}
	b = speaking(t, &spoken)
	problem(b, steps.Problem{Code: steps.CodeSignIn, Step: steps.Login, Summary: "Refused.", Retry: true})
	b.lacks("change the language")
	login(b, steps.LoginQuestion{PortalURL: portal})
	b.reads("change the language")
}
