package main

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// onScreen gives a terminal front end and the screen it is on.
func onScreen(t *testing.T) (*terminal, *screen) {
	t.Helper()
	s := newScreen(t)
	return newTerminal(&console{in: s.tty, out: s.tty}, "Acme Corporation"), s
}

// asked runs one question beside the test and gives what it answered.
func asked[T any](ask func() (T, error)) func() (T, error) {
	type both struct {
		answer T
		err    error
	}
	done := make(chan both, 1)
	go func() {
		answer, err := ask()
		done <- both{answer, err}
	}()
	return func() (T, error) {
		b := <-done
		return b.answer, b.err
	}
}

func TestTerminal_Welcome(t *testing.T) {
	for _, c := range []struct {
		name    string
		regions []platform.Region
		typed   []string
		want    steps.Choice
		err     error
	}{
		{name: "yes to both", typed: []string{"yes", "YES"}},
		{name: "asked again", typed: []string{"maybe", "y", "yes"}},
		{name: "not a work computer", typed: []string{"no"}, err: steps.ErrQuit},
		{name: "nobody asked for it", typed: []string{"yes", "no"}, err: steps.ErrQuit},
		{name: "back", typed: []string{"back"}, err: steps.ErrBack},
		{name: "quit", typed: []string{"yes", "quit"}, err: steps.ErrQuit},
		{name: "region by number", regions: platform.Regions, typed: []string{"9", "2", "yes", "yes"}, want: steps.Choice{Region: platform.RegionEU}},
		{name: "region by name", regions: platform.Regions, typed: []string{"in", "yes", "yes"}, want: steps.Choice{Region: platform.RegionIndia}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ui, s := onScreen(t)
			answer := asked(func() (steps.Choice, error) {
				return ui.Confirm(t.Context(), steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Regions: c.regions}})
			})
			for _, line := range c.typed {
				s.expect(": ")
				s.enter(line)
			}
			got, err := answer()
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %v, %v, want %v, %v", got, err, c.want, c.err)
			}
		})
	}
}

// A key is not shown, whatever is wrong with it, and the echo comes back.
func TestTerminal_KeyIsNotShown(t *testing.T) {
	const wrong, right = "secret-wrong-key", "0123456789abcdef0123456789abcdef01234567"
	ui, s := onScreen(t)
	answer := asked(func() (platform.Secret, error) {
		return ui.ConnectKey(t.Context(), steps.KeyQuestion{PortalURL: "https://console.acme.example", Check: func(text string) (steps.Key, *steps.Problem) {
			if text == right {
				return steps.Key{}, nil
			}
			return steps.Key{}, &steps.Problem{Summary: "That is no key.", Hint: "Copy it again."}
		}})
	})
	s.expect("not shown): ")
	awaitEcho(s, false)
	s.enter(wrong)
	s.expect("That is no key. Copy it again.")
	s.expect("not shown): ")
	awaitEcho(s, false)
	s.enter(right)
	key, err := answer()
	if err != nil || key.Reveal() != right {
		t.Errorf("got a key of %d characters, %v", len(key.Reveal()), err)
	}
	if !s.echoes() {
		t.Error("the terminal does not echo any more")
	}
	for _, secret := range []string{wrong, right} {
		if strings.Contains(s.all(), secret) {
			t.Errorf("the screen shows %s", secret)
		}
	}
}

// awaitEcho waits until the terminal is as wanted: the prompt stands there a moment before the echo is off.
func awaitEcho(s *screen, on bool) {
	s.t.Helper()
	for begun := time.Now(); s.echoes() != on; runtime.Gosched() {
		if time.Since(begun) > 20*time.Second {
			s.t.Fatalf("the terminal's echo is %t", !on)
		}
	}
}

func TestTerminal_SignIn(t *testing.T) {
	ui, s := onScreen(t)
	first := asked(func() (steps.LoginAnswer, error) {
		return ui.Login(t.Context(), steps.LoginQuestion{PortalURL: "https://console.acme.example", Wizard: true})
	})
	s.expect("already: ")
	s.enter("")
	s.expect("Email: ")
	s.enter("nora@acme.example")
	s.expect("goes back): ")
	awaitEcho(s, false)
	s.enter("back") // a password may be any word
	a, err := first()
	if err != nil || a.Email != "nora@acme.example" || a.Password.Reveal() != "back" || !a.OTP.Empty() {
		t.Fatalf("got %+v, %v", a, err)
	}
	a.Password.Wipe()
	second := asked(func() (steps.LoginAnswer, error) {
		return ui.Login(t.Context(), steps.LoginQuestion{Wizard: true, Factors: []string{"totp"}})
	})
	s.expect("app (not shown): ")
	awaitEcho(s, false)
	s.enter("287082")
	if a, err = second(); err != nil || a.Email != "nora@acme.example" || a.Password.Reveal() != "back" || a.OTP.Reveal() != "287082" {
		t.Errorf("got %+v, %v", a, err)
	}
	if strings.Contains(s.all(), "287082") {
		t.Error("the screen shows the code")
	}
}

// What happens while a question is open is told on lines of its own, and the question follows again.
func TestTerminal_EventDuringQuestion(t *testing.T) {
	ui, s := onScreen(t)
	answer := asked(func() (steps.Choice, error) {
		return ui.Confirm(t.Context(), steps.Confirmation{Step: steps.Done, Device: &steps.Device{Hostname: "lab-pc-7"}, Watching: true})
	})
	s.expect("lab-pc-7")
	s.expect("read the state again: ")
	ui.Event(steps.Event{Kind: steps.KindVerdict, Verdict: &steps.Verdict{Name: steps.Bound, Known: true, Yes: true}})
	s.expect("Bound: yes.")
	s.expect("read the state again: ")
	s.enter("again")
	if choice, err := answer(); err != nil || !choice.Again {
		t.Errorf("got %v, %v", choice, err)
	}
}

// When the run ends while a question that does not echo is open, the terminal is left as it was.
func TestTerminal_EndRestoresEcho(t *testing.T) {
	ui, s := onScreen(t)
	ctx, cancel := context.WithCancel(t.Context())
	answer := asked(func() (platform.Secret, error) { return ui.ConnectKey(ctx, steps.KeyQuestion{}) })
	s.expect("not shown): ")
	awaitEcho(s, false)
	cancel()
	if _, err := answer(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if !s.echoes() {
		t.Error("the terminal does not echo any more")
	}
	s.enter("") // ends the reader that still waits for a line
}

// Checks that ran unseen are told when their step begins, each result once.
func TestTerminal_ChecksAreToldAtTheirStep(t *testing.T) {
	ui, s := onScreen(t)
	disk := steps.Check{ID: "disk", Level: steps.LevelLooking, Title: "Looking at the disk"}
	ui.Event(steps.Event{Kind: steps.KindCheck, Check: &disk})
	found := steps.Check{ID: "disk", Level: steps.LevelBlock, Title: "Only 12 MB are free", Text: "Free some space."}
	ui.Event(steps.Event{Kind: steps.KindCheck, Check: &found})
	ui.print("before")
	s.expect("before")
	if strings.Contains(s.all(), "12 MB") {
		t.Error("told before its step")
	}
	ui.Event(steps.Event{Kind: steps.KindStep, Step: steps.Requirements})
	s.expect("Requirements")
	s.expect("Must be fixed: Only 12 MB are free")
	answer := asked(func() (steps.Choice, error) {
		return ui.Confirm(t.Context(), steps.Confirmation{Step: steps.Requirements, Checks: []steps.Check{found}})
	})
	s.expect("1 thing must be fixed first.")
	s.expect("end: ")
	s.enter("") // cannot go on
	s.expect("end: ")
	s.enter("again")
	if choice, err := answer(); err != nil || !choice.Again {
		t.Errorf("got %v, %v", choice, err)
	}
	if n := strings.Count(s.all(), "12 MB"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestTerminal_Problem(t *testing.T) {
	for _, c := range []struct {
		name  string
		retry bool
		typed string
		want  error
	}{
		{"again", true, "", nil},
		{"quit", true, "quit", steps.ErrQuit},
		{"back", true, "back", steps.ErrBack},
		{"end", false, "", steps.ErrQuit},
	} {
		t.Run(c.name, func(t *testing.T) {
			ui, s := onScreen(t)
			answer := asked(func() (int, error) {
				return 0, ui.Problem(t.Context(), steps.Problem{Code: steps.CodeUnreachable, Summary: "It does not answer.", Hint: "Check the network.", Retry: c.retry})
			})
			s.expect("It does not answer. Check the network.")
			s.expect("unreachable")
			s.expect(": ")
			s.enter(c.typed)
			if _, err := answer(); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if ui.wasRead != errors.Is(c.want, steps.ErrQuit) {
				t.Errorf("wasRead is %t", ui.wasRead)
			}
		})
	}
}
