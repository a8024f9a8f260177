package steps

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// fickle asks for another language at every question, once, and then answers as its script.
type fickle struct {
	*scripted
	said map[string]bool
}

// again tells whether this question is heard for the first time.
func (f *fickle) again(name string) bool {
	first := !f.said[name]
	f.said[name] = true
	return first
}

func (f *fickle) Confirm(ctx context.Context, q Confirmation) (Choice, error) {
	c, err := f.scripted.Confirm(ctx, q)
	if f.again("confirm " + string(q.Step)) {
		return Choice{}, ErrAgain
	}
	return c, err
}

func (f *fickle) Login(ctx context.Context, q LoginQuestion) (LoginAnswer, error) {
	a, err := f.scripted.Login(ctx, q)
	if f.again("login") {
		return LoginAnswer{}, ErrAgain
	}
	return a, err
}

func (f *fickle) ConnectKey(ctx context.Context, q KeyQuestion) (platform.Secret, error) {
	if f.again("key") {
		f.ask(ConnectKey)
		return platform.Secret{}, ErrAgain
	}
	return f.scripted.ConnectKey(ctx, q)
}

func (f *fickle) SecureToken(ctx context.Context, q TokenQuestion) (TokenAnswer, error) {
	a, err := f.scripted.SecureToken(ctx, q)
	if f.again("token") {
		return TokenAnswer{}, ErrAgain
	}
	return a, err
}

func (f *fickle) Problem(ctx context.Context, p Problem) error {
	if f.again("problem") {
		return ErrAgain
	}
	return f.scripted.Problem(ctx, p)
}

// Every question is asked twice and nothing else happens twice: no look at the computer or a host, no job, no step.
func TestRun_Again(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mac := fake.MacOS15()
		c := macConfig(t, mac)
		var looks atomic.Int64
		gather, probe := c.Host.Facts, c.Host.Probe
		c.Host.Facts = func(ctx context.Context) (platform.Facts, error) {
			looks.Add(1)
			return gather(ctx)
		}
		c.Host.Probe = func(ctx context.Context, base string, private bool) platform.HostAnswer {
			looks.Add(1)
			return probe(ctx, base, private)
		}
		plain := &scripted{}
		if _, err := Run(t.Context(), c, plain); err != nil {
			t.Fatal(err)
		}
		once := looks.Swap(0)
		mac.Change(func(m *fake.Computer) { m.Agent = fake.MacOS15().Agent })
		c.StateDir = t.TempDir()
		ui := &fickle{&scripted{}, map[string]bool{}}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		var twice []Step
		for _, s := range plain.asked {
			twice = append(twice, s, s)
		}
		if !slices.Equal(ui.asked, twice) || looks.Load() != once || len(mac.Jobs()) != 2 {
			t.Errorf("asked %v, want %v; %d looks, want %d; %d jobs", ui.asked, twice, looks.Load(), once, len(mac.Jobs()))
		}
		if !slices.Equal(ui.told(), plain.told()) {
			t.Errorf("told %v, want %v", ui.told(), plain.told())
		}
	})
}

// The texts of what is asked again are those of the language chosen meanwhile: of a problem, a check that blocks, the
// plan, a verdict. Where there is one language alone, they are made anew all the same.
func TestRun_AgainInAnotherLanguage(t *testing.T) {
	languages := assets.Languages()
	other := languages[len(languages)-1].Tag
	t.Cleanup(func() { assets.SetLanguage("en") })
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Facts.DiskFree = 1
		computer.Consent = platform.ErrDenied
		said := map[string][]string{}
		turn := func(name, text string) error {
			said[name] = append(said[name], text)
			if len(said[name]) == 1 {
				assets.SetLanguage(other)
				return ErrAgain
			}
			assets.SetLanguage("en")
			return nil
		}
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) {
			switch q.Step {
			case Requirements:
				if blocking(q.Checks) != nil {
					return Choice{}, turn("check", blocking(q.Checks).Summary)
				}
			case Plan:
				return Choice{}, turn("plan", q.Plan.Lines[0].Title)
			case Done:
				return Choice{}, turn("verdict", q.Device.Bound.Proof)
			}
			return Choice{}, nil
		}
		ui.problem = func(p Problem) error {
			err := turn("problem "+string(p.Code), p.Summary)
			if err == nil {
				computer.Change(func(c *fake.Computer) { c.Facts.DiskFree, c.Consent = 1<<40, nil })
				if p.Code == CodeDenied {
					return nil
				}
				computer.Change(func(c *fake.Computer) { c.Consent = platform.ErrDenied })
			}
			return err
		}
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"check", "problem blocked", "problem consent-refused", "plan", "verdict"} {
			texts := said[name]
			if len(texts) < 2 || texts[0] == "" || (texts[0] == texts[1]) != (other == "en") {
				t.Errorf("%s: %q", name, texts)
			}
		}
	})
}

// A question that is asked again repeats what was wrong.
func TestRun_AgainRepeatsWhatWasWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var problems []string
		ui := &scripted{}
		ui.key = func(q KeyQuestion) (platform.Secret, error) {
			if q.Retry == nil {
				return platform.NewSecret("short"), nil
			}
			problems = append(problems, q.Retry.Summary)
			if len(problems) == 1 {
				return platform.Secret{}, ErrAgain
			}
			return platform.Secret{}, ErrQuit
		}
		_, err := Run(t.Context(), config(t, fake.Ubuntu2404()), ui)
		var p *Problem
		if !errors.As(err, &p) || len(problems) != 2 || problems[0] != problems[1] || problems[0] == "" {
			t.Errorf("%q, %v", problems, err)
		}
	})
}
