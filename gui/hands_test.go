package gui

import (
	"errors"
	"strings"
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

// paperBench is a bench with a report that comes when the test sends it, and where texts are saved.
type paperBench struct {
	*bench
	send   func(string, error)
	saved  []string
	copied []string
	refuse error
}

func newPaperBench(t *testing.T) *paperBench {
	p := &paperBench{}
	p.bench = newBench(t, func(i *Info) {
		i.Report = func(got func(string, error)) { p.send = got }
		i.Save = func(k Kind, text string, saved func(string, error)) {
			p.saved = append(p.saved, string(k)+": "+text)
			saved("/home/nora/Downloads/report.txt", p.refuse)
		}
		i.SetClipboard = func(s string) { p.copied = append(p.copied, s) }
		i.Receipt = func(d steps.Device) string { return "Computer: " + d.Hostname }
	})
	return p
}

// dialogWords is what can be read in the dialog.
func (b *bench) dialogWords() string {
	b.t.Helper()
	if b.w.dialog == nil {
		b.t.Fatal("no dialog is open")
	}
	var words []string
	for _, s := range collectMac(b.w.dialog.overlay, fyne.Position{}) {
		words = append(words, s.label)
	}
	return strings.Join(words, "\n")
}

func TestReport_ShownThenSaved(t *testing.T) {
	b := newPaperBench(t)
	r := connectKey(b.bench, steps.KeyQuestion{})
	b.typed(aKey[:10])
	before := b.win.Canvas().Focused()
	b.tap("Save a report")
	if !strings.Contains(b.dialogWords(), "Collecting it") || !strings.Contains(b.dialogWords(), "It holds no key and no password") {
		t.Errorf("at first it says %s", b.dialogWords())
	}
	b.press(fyne.KeyReturn) // nothing is there to save yet
	b.send("line of the report", nil)
	b.drain()
	if !strings.Contains(b.dialogWords(), "line of the report") || len(b.saved) != 0 {
		t.Errorf("saved %q, the dialog says %s", b.saved, b.dialogWords())
	}
	b.refuse = errors.New("disk full")
	b.press(fyne.KeyReturn)
	b.drain()
	if !strings.Contains(b.dialogWords(), "disk full") {
		t.Errorf("after a refusal it says %s", b.dialogWords())
	}
	b.refuse = nil
	b.press(fyne.KeyReturn)
	b.drain()
	b.press(fyne.KeyReturn) // saved is saved
	if want := "report: line of the report"; len(b.saved) != 2 || b.saved[1] != want {
		t.Errorf("saved %q", b.saved)
	}
	if !strings.Contains(b.dialogWords(), "/home/nora/Downloads/report.txt") {
		t.Errorf("the dialog does not say where: %s", b.dialogWords())
	}
	b.w.dialog.others[1].press()
	if len(b.copied) != 1 || b.copied[0] != "line of the report" {
		t.Errorf("copied %q", b.copied)
	}
	b.press(fyne.KeyEscape)
	if b.w.dialog != nil || b.w.key.key.Text != aKey[:10] || b.win.Canvas().Focused() == before {
		t.Errorf("the page is not as it was: %q", b.w.key.key.Text)
	}
	if b.focused() != "Save a report" {
		t.Errorf("the focus is on %q", b.focused())
	}
	unanswered(b.bench, r)
}

func TestReport_WhileInstallingAndWhenItFails(t *testing.T) {
	b := newPaperBench(t)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.tap("Save a report")
	b.event(phase(platform.PhaseRunScript, "Run the script", steps.PhaseRunning, 0, 0))
	b.send("", errors.New("no log"))
	b.drain()
	if !strings.Contains(b.dialogWords(), "no log") {
		t.Errorf("it says %s", b.dialogWords())
	}
	r := problem(b.bench, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed.", Retry: true})
	b.press(fyne.KeyEscape) // closes the dialog, and answers nothing
	unanswered(b.bench, r)
	if b.focused() != "Try again" {
		t.Errorf("the focus is on %q", b.focused())
	}
	b.reads("The script failed.")
	b.send("too late", nil) // the dialog is gone
	b.drain()
	b.tap("Save a report")
	if b.stops != 0 {
		t.Error("the run was stopped")
	}
}

func TestReader_ScrollsByKeyboard(t *testing.T) {
	b := newPaperBench(t)
	login(b.bench, steps.LoginQuestion{PortalURL: portal})
	b.tap("Save a report")
	b.send(strings.Repeat("a line with a `mark` and ** stars\n", 200), nil)
	b.drain()
	r := b.win.Canvas().Focused().(*reader)
	y := r.scroll.Offset.Y
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyPageDown, fyne.KeyEnd} {
		b.press(key)
		if r.scroll.Offset.Y <= y {
			t.Errorf("%s: %v after %v", key, r.scroll.Offset.Y, y)
		}
		y = r.scroll.Offset.Y
	}
	for _, key := range []fyne.KeyName{fyne.KeyUp, fyne.KeyPageUp, fyne.KeyHome} {
		b.press(key)
		if r.scroll.Offset.Y >= y {
			t.Errorf("%s: %v after %v", key, r.scroll.Offset.Y, y)
		}
		y = r.scroll.Offset.Y
	}
	if y != 0 {
		t.Errorf("Home stands at %v", y)
	}
}

func TestReceipt_OnTheLastPage(t *testing.T) {
	b := newPaperBench(t)
	confirm(b.bench, steps.Confirmation{Step: steps.Done, Device: device(nil)})
	b.tap("Receipt for the help desk")
	if !strings.Contains(b.dialogWords(), "Computer: "+device(nil).Hostname) {
		t.Errorf("it says %s", b.dialogWords())
	}
	b.press(fyne.KeyReturn)
	b.drain()
	if len(b.saved) != 1 || !strings.HasPrefix(b.saved[0], "receipt: ") {
		t.Errorf("saved %q", b.saved)
	}
}

func TestClose_AsksOnlyWhereSomethingTypedIsLost(t *testing.T) {
	b := newBench(t)
	confirm(b, steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Organization: "Acme Corporation"}})
	b.tap("This is a work computer")
	b.w.Close()
	if b.quits != 1 || b.w.dialog != nil {
		t.Errorf("the first page asks; quits %d", b.quits)
	}
	connectKey(b, steps.KeyQuestion{})
	b.typed("x")
	b.w.Close()
	if b.quits != 1 || b.w.dialog == nil {
		t.Fatal("a typed key is lost without a question")
	}
	b.press(fyne.KeyReturn)
	if b.quits != 1 || b.w.key.key.Text != "x" {
		t.Fatal("Enter did not keep it")
	}
	b.w.Close()
	b.w.dialog.others[0].press()
	if b.quits != 2 || b.stops != 2 {
		t.Errorf("quits %d, stops %d", b.quits, b.stops)
	}
	confirm(b, steps.Confirmation{Step: steps.Done, Device: device(nil)})
	b.w.Close()
	if b.quits != 3 {
		t.Error("the last page asks")
	}
}

// copying is a bench whose clipboard can be changed; how often it was looked at is counted.
func copying(t *testing.T, mac bool) (b *bench, looks *int) {
	looks = new(int)
	b = newBench(t, func(i *Info) {
		i.Mac = mac
		i.Clipboard = func() string { *looks++; return b.clipboard }
		i.SetClipboard = func(s string) { b.clipboard = s }
	})
	return b, looks
}

// useKey goes on with what the clipboard holds and lets the computer come online.
func useKey(b *bench, take func()) <-chan reply[platform.Secret] {
	r := connectKey(b, steps.KeyQuestion{Opened: true})
	take()
	b.w.focus()
	b.press(fyne.KeyReturn)
	return r
}

// online is an install up to where JumpCloud answers. That is often told before the page of the install goes: late.
func online(b *bench, late bool) {
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	if !late {
		b.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	}
	d := device(nil)
	b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &d.Installed})
	if b.clipboard == "" {
		b.t.Error("the clipboard was cleared before JumpCloud answered")
	}
	b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &steps.Verdict{Name: steps.IsOnline, Known: true, Yes: true}})
	if late {
		b.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	}
}

func TestClipboard_ClearedOnceOnline(t *testing.T) {
	const said = "The clipboard still held the key."
	typedIn := func(b *bench) func() { return func() { b.typed(aKey) } }
	pickedUp := func(b *bench) func() { return b.w.Foreground }
	pasted := func(b *bench) func() {
		return func() {
			b.w.key.key.TypedShortcut(&fyne.ShortcutPaste{Clipboard: fyne.CurrentApp().Clipboard()})
		}
	}
	for name, c := range map[string]struct {
		take    func(*bench) func()
		later   string // what the clipboard holds when the computer is online
		cleared bool
		late    bool // the page of the install is still there then
	}{
		"picked up":      {take: pickedUp, later: aKey, cleared: true},
		"as it goes":     {take: pickedUp, later: aKey, cleared: true, late: true},
		"something else": {take: pickedUp, later: "a shopping list"},
		"another key":    {take: pickedUp, later: strings.Repeat("b", 40)},
		"pasted":         {take: pasted, later: aKey, cleared: true},
		"typed":          {take: typedIn, later: aKey},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := copying(t, false)
			b.clipboard = aKey
			fyne.CurrentApp().Clipboard().SetContent(aKey)
			r := useKey(b, c.take(b))
			if k, err := answered(b, r); err != nil || k.Reveal() != aKey {
				t.Fatalf("got %v", err)
			}
			b.clipboard = c.later
			online(b, c.late)
			if c.cleared != (b.clipboard == "") || !c.cleared && b.clipboard != c.later {
				t.Errorf("the clipboard holds %q", b.clipboard)
			}
			if c.cleared != strings.Contains(b.words(), said) {
				t.Errorf("the page says %s", b.words())
			}
		})
	}
}

func TestMac_PastesInsteadOfLooking(t *testing.T) {
	b, looks := copying(t, true)
	b.clipboard = aKey
	r := connectKey(b, steps.KeyQuestion{Opened: true})
	b.w.Foreground()
	if *looks != 0 || b.w.key.key.Text != "" {
		t.Fatalf("the clipboard was looked at %d times", *looks)
	}
	b.reads("come back and press \"Paste\"")
	b.clipboard = ""
	b.tap("Paste")
	b.reads("There is no text on the clipboard.")
	b.clipboard = strings.Repeat("x", clipboardMost+1)
	b.tap("Paste")
	b.reads("too long")
	b.clipboard = aKey + "\n"
	b.tap("Paste")
	b.reads("ending in 9f3a")
	b.press(fyne.KeyReturn)
	if k, err := answered(b, r); err != nil || k.Reveal() != aKey {
		t.Fatalf("got %v", err)
	}
	online(b, false)
	if b.clipboard != "" {
		t.Errorf("the clipboard holds %q", b.clipboard)
	}
	other, _ := copying(t, false)
	connectKey(other, steps.KeyQuestion{Opened: true})
	other.lacks("Paste")
}

func TestNotify_OnlyFromBehindAndOnce(t *testing.T) {
	var told []string
	b := newBench(t, func(i *Info) {
		i.Notify = func(title, text string) { told = append(told, title+": "+text) }
	})
	expect := func(what string, want ...string) {
		t.Helper()
		if len(told) != len(want) {
			t.Fatalf("%s: told %q", what, told)
		}
		for i, w := range want {
			if !strings.Contains(told[i], w) {
				t.Errorf("%s: told %q, want %q", what, told[i], w)
			}
		}
		told = nil
	}
	b.w.Background()
	confirm(b, steps.Confirmation{Step: steps.Plan, Plan: &steps.InstallPlan{Lines: []steps.PlanLine{{Title: "Install"}}}})
	expect("before the install")
	b.w.Foreground()
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	problem(b, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed.", Retry: true})
	expect("in front")
	b.w.Background()
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	problem(b, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed.", Retry: true})
	expect("a problem", "That did not work: The script failed.")
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	access := confirm(b, steps.Confirmation{Step: steps.Install, Access: &steps.AccessQuestion{}})
	expect("Full Disk Access", "Allow Full Disk Access")
	unanswered(b, access)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	d := device(nil)
	for range 2 {
		b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &d.Installed})
		b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &steps.Verdict{Name: steps.IsOnline, Known: true, Yes: true}})
	}
	confirm(b, steps.Confirmation{Step: steps.Done, Device: device(func(d *steps.Device) { d.Online.Yes, d.Online.Known = true, true })})
	expect("online", "This computer is online")
	b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Done, Verdict: &steps.Verdict{Name: steps.Bound, Known: true, Yes: true}})
	expect("bound", "This computer is ready")
}
