package gui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

func TestKeyboard_HeldEnterDoesNotFallThrough(t *testing.T) {
	b := newBench(t)
	r := login(b, steps.LoginQuestion{PortalURL: portal})
	b.hold(fyne.KeyReturn, 1)
	if _, err := answered(b, r); err != nil {
		t.Fatal(err)
	}
	plan := confirm(b, steps.Confirmation{Step: steps.Plan, Plan: &steps.InstallPlan{Lines: []steps.PlanLine{{Title: "Install"}}}})
	for range 5 { // the key is still down: Fyne repeats TypedKey without KeyDown
		b.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	unanswered(b, plan)
	b.press(fyne.KeyReturn)
	if _, err := answered(b, plan); err != nil {
		t.Error(err)
	}
}

func TestTab_WalksInReadingOrder(t *testing.T) {
	b := newBench(t)
	login(b, steps.LoginQuestion{PortalURL: portal, Wizard: true})
	b.win.Canvas().Unfocus()
	var order []string
	for range 7 {
		b.press(fyne.KeyTab)
		order = append(order, b.focused())
	}
	want := "it-help@acme.example, About, Tell IT: Open Security, find JumpCloud Agent, I have a connect key already, Sign in here instead, Back, Open User Portal"
	if got := strings.Join(order, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTab_ScrollsToWhatHasTheFocus(t *testing.T) {
	b := newBench(t)
	b.win.Resize(MinSize)
	var checks []steps.Check
	for i := range 20 {
		checks = append(checks, steps.Check{ID: string(rune('a' + i)), Level: steps.LevelOK, Title: "A check", Text: "is fine", Detail: "and has details"})
	}
	confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: checks})
	scroll := b.w.current.scroll.scroll
	if scroll.Offset.Y != 0 {
		t.Fatalf("the page begins at %v", scroll.Offset.Y)
	}
	b.win.Canvas().Unfocus()
	for range 22 { // help, About, the details of each check
		b.press(fyne.KeyTab)
	}
	last := b.win.Canvas().Focused().(fyne.CanvasObject)
	d := fyne.CurrentApp().Driver()
	if top, bottom := d.AbsolutePositionForObject(last).Y, d.AbsolutePositionForObject(scroll).Y+scroll.Size().Height; top+last.Size().Height > bottom {
		t.Errorf("%s stands at %v, the view ends at %v", b.focused(), top, bottom)
	}
}

func TestAbout_SaysWhatItIsNot(t *testing.T) {
	b := newBench(t, func(i *Info) { i.About = func() []string { return []string{"Version 1.2.3"} } })
	b.tap("About")
	d := b.w.dialog
	if d == nil {
		t.Fatal("no dialog")
	}
	var lines []string
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if c, ok := o.(*fyne.Container); ok {
			for _, o := range c.Objects {
				walk(o)
			}
		} else if a, ok := o.(fyne.Accessible); ok {
			lines = append(lines, a.AccessibilityLabel())
		}
	}
	walk(d.panel)
	if got := strings.Join(lines, "|"); got != "Enrollment Assistant|Not affiliated with JumpCloud.|Version 1.2.3|Ctrl and + make the text larger, Ctrl and - smaller|Close" {
		t.Errorf("got %s", got)
	}
	b.press(fyne.KeyReturn)
	if b.w.dialog != nil {
		t.Error("Enter did not close it")
	}
}

func TestAsk_EndsWithItsContext(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := b.w.UI().Login(ctx, steps.LoginQuestion{PortalURL: portal})
		ended <- err
	}()
	b.until("the page", func() bool { return len(b.shown) == 1 })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	b.press(fyne.KeyReturn) // an answer that nobody waits for blocks nothing
}

// states shows each page in turn.
func states(b *bench, each func(name string)) {
	note := "A long note that says why it matters and what to do about it, so that it takes more than one line of the page."
	show := func(name string, do func()) { do(); b.drain(); each(name) }
	choice := func(steps.Choice, error) {}
	show("welcome", func() {
		b.w.showWelcome(steps.WelcomeQuestion{Organization: "Acme Corporation", Regions: platform.Regions}, choice)
	})
	show("blocked", func() { b.w.showBlocked(steps.Problem{Summary: "Not supported", Hint: note}, choice) })
	show("login", func() {
		b.w.showLogin(steps.LoginQuestion{PortalURL: portal, Wizard: true}, func(steps.LoginAnswer, error) {})
	})
	show("sign-in", func() {
		b.w.showSignIn(steps.LoginQuestion{PortalURL: portal, Retry: note}, func(steps.LoginAnswer, error) {})
	})
	show("connect-key", func() {
		b.w.showKey(steps.KeyQuestion{PortalURL: portal, Hosts: []string{"kickstart.jumpcloud.com"}, Check: parse}, func(platform.Secret, error) {})
		b.w.key.key.SetText("wrong")
	})
	checks := []steps.Check{
		{ID: "disk", Level: steps.LevelBlock, Title: "Not enough space: 180 MB free", Text: note, Detail: "/ ext4"},
		{ID: "clock", Level: steps.LevelWarn, Title: "The clock is 7 minutes ahead", Text: note},
		{ID: "system", Level: steps.LevelOK, Title: "Ubuntu 24.04 on x86-64 is supported", Text: "16 GB memory"},
		{ID: "hosts", Level: steps.LevelInfo, Title: "A proxy is used", Text: note, Detail: "proxy.example:3128"},
		{ID: "agent", Level: steps.LevelLooking, Title: "Looking for an earlier agent"},
	}
	show("requirements", func() { b.w.askRequirements(checks, choice) })
	show("secure-token", func() {
		b.w.showToken(steps.TokenQuestion{Accounts: []steps.Account{{Name: "ana"}, {Name: "it-admin"}}, Retry: note}, func(steps.TokenAnswer, error) {})
	})
	show("plan", func() {
		b.w.showPlan(steps.InstallPlan{Lines: []steps.PlanLine{{Title: "Fetch it", Text: note}, {Title: "Run it", Text: note, Details: []string{strings.Repeat("/a/long/path", 30)}}}, Notes: []string{note}, Source: note}, choice)
		b.tap("Show all")
	})
	show("install", func() {
		b.w.entered(steps.Install)
		b.event(phase(platform.PhaseReceive, "Download the agent", steps.PhaseRunning, 30e6, 118e6))
		b.event(phase(platform.PhaseRegister, "Wait for JumpCloud", steps.PhaseFailed, 0, 0))
		b.event(steps.Event{Kind: steps.KindOutput, Text: strings.Repeat("a line of the installer ", 20)})
		b.tap("Show details")
	})
	show("online", func() { b.w.entered(steps.Online) })
	show("done", func() { b.w.showDone(*device(nil), false, choice) })
	show("problem", func() {
		b.w.showProblem(steps.Problem{Code: steps.CodeKeyRefused, Step: steps.Install, Summary: note, Hint: note, Link: portal, Retry: true}, func(error) {})
	})
}

func TestPages_FitTheSmallestWindow(t *testing.T) {
	for _, size := range []fyne.Size{Size, MinSize} {
		b := newBench(t, func(i *Info) { i.Mac = true })
		b.win.Resize(size)
		states(b, func(name string) {
			d := fyne.CurrentApp().Driver()
			for _, o := range b.leaves() {
				pos, got := d.AbsolutePositionForObject(o), o.Size()
				if pos.X < 0 || pos.X+got.Width > size.Width+0.5 {
					t.Errorf("%s at %v: %T reaches from %v to %v", name, size, o, pos.X, pos.X+got.Width)
				}
				if f, ok := o.(*text); ok && f.heightFor(got.Width) > got.Height+0.5 {
					t.Errorf("%s at %v: %q needs %v of height and has %v", name, size, f.words, f.heightFor(got.Width), got.Height)
				}
			}
			p := b.w.current
			if bottom := p.scroll.holder.Position().Y + p.scroll.holder.Size().Height; p.back != nil && bottom > p.foot.Position().Y+0.5 {
				t.Errorf("%s at %v: the content ends at %v, below the buttons at %v", name, size, bottom, p.foot.Position().Y)
			}
			need := heightOf(p.scroll.body, p.scroll.holder.Size().Width)
			if _, scrolls := p.scroll.holder.Objects[0].(*container.Scroll); scrolls != (need > p.scroll.holder.Size().Height+0.5) {
				t.Errorf("%s at %v: needs %v, has %v, scrolls: %v", name, size, need, p.scroll.holder.Size().Height, scrolls)
			}
		})
	}
}

func TestPages_FocusStartsOnThePage(t *testing.T) {
	b := newBench(t, func(i *Info) { i.Mac = true })
	states(b, func(name string) {
		if b.win.Canvas().Focused() == nil && name != "online" {
			t.Errorf("%s: nothing has the focus", name)
		}
		if strings.Contains(b.words(), "[gui.") {
			t.Errorf("%s has a sentence that is not there: %s", name, b.words())
		}
	})
}

// keys are the literal keys of sentences in the source; one that ends in a dash or a dot is the front of several.
var keys = regexp.MustCompile(`"((?:gui|app)\.[a-zA-Z.-]+)"`)

func TestSentences_AllThere(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keys.FindAllStringSubmatch(string(source), -1) {
			key := m[1]
			if strings.HasSuffix(key, "-") || strings.HasSuffix(key, ".") {
				continue
			}
			if s := assets.Text(key, "Count", 2); strings.HasPrefix(s, "[") {
				t.Errorf("%s: no sentence for %s", f, key)
			}
		}
	}
}
