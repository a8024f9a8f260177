package steps

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// afterwards enrolls a computer in a bubble, lets a day go by, and hands it to then.
func afterwards(t *testing.T, computer *fake.Computer, then func(t *testing.T, c Config, was Device)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := config(t, computer)
		if computer.Facts.OS == "darwin" {
			c = macConfig(t, computer)
		}
		was, err := Run(t.Context(), c, &scripted{})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(24 * time.Hour)
		then(t, c, was)
	})
}

// lookers answers the first page of an enrolled computer by script, and everything after it as usual.
func lookers(seen *[]Confirmation, script ...func() (Choice, error)) *scripted {
	return &scripted{confirm: func(q Confirmation) (Choice, error) {
		if q.Step != Welcome || q.Device == nil {
			return Choice{}, nil
		}
		*seen = append(*seen, q)
		if len(*seen) > len(script) {
			return Choice{}, ErrQuit
		}
		return script[len(*seen)-1]()
	}}
}

func again() (Choice, error) { return Choice{Again: true}, nil }

// Opened again: installed is looked at, online and bound are as they were, with their time and without a proof. Closing
// it there is no failure, and changes nothing.
func TestRun_OpenedAgain(t *testing.T) {
	for name, computer := range map[string]*fake.Computer{"linux": fake.Ubuntu2404(), "mac": fake.MacOS15()} {
		t.Run(name, func(t *testing.T) {
			afterwards(t, computer, func(t *testing.T, c Config, was Device) {
				for range 2 {
					var seen []Confirmation
					ui := lookers(&seen)
					got, err := Run(t.Context(), c, ui)
					if err != nil || len(seen) != 1 || seen[0].Watching || !slices.Equal(ui.asked, []Step{Welcome}) {
						t.Fatalf("%v; asked %v, %d times of the computer", err, ui.asked, len(seen))
					}
					d := *seen[0].Device
					if d.Hostname != computer.Facts.Hostname || d.SystemKey != computer.SystemKey || d.AgentVersion != was.AgentVersion || !d.Finished.Equal(was.Finished) {
						t.Errorf("device %+v, was %+v", d, was)
					}
					if now := time.Now(); !d.Installed.Yes || d.Installed.Proof == "" || !d.Installed.Seen.Equal(now) {
						t.Errorf("installed: %+v at %v", d.Installed, now)
					}
					if !d.Online.Yes || d.Online.Proof != "" || !d.Online.Seen.Equal(was.Online.Seen) || !d.Bound.Known || d.Bound.Yes || !d.Bound.Seen.Equal(was.Bound.Seen) {
						t.Errorf("online %+v, bound %+v; was %+v", d.Online, d.Bound, was)
					}
					if d.Account.Yes != was.Account.Yes || d.Account.Known != was.Account.Known {
						t.Errorf("account %+v, was %+v", d.Account, was.Account)
					}
					if told := ui.told(); !slices.Equal(told, []string{"step welcome", "finished"}) || got.SystemKey != was.SystemKey {
						t.Errorf("told %v; device %+v", told, got)
					}
				}
				if n := len(computer.Jobs()); n != 1 {
					t.Errorf("%d jobs", n)
				}
			})
		})
	}
}

// "Check again" asks for consent: refused, the page is as it was; given, the verdicts are those of now, with proofs.
func TestRun_OpenedAgainLooks(t *testing.T) {
	computer := fake.Ubuntu2404()
	afterwards(t, computer, func(t *testing.T, c Config, was Device) {
		computer.Change(func(m *fake.Computer) { m.Consent = platform.ErrDenied })
		var seen []Confirmation
		ui := lookers(&seen, again, func() (Choice, error) {
			computer.Change(func(m *fake.Computer) {
				m.Consent, m.Bind, m.Hold, m.Agent.LastContact = nil, []string{"nora"}, make(chan struct{}), time.Now()
			})
			return again()
		}, func() (Choice, error) {
			synctest.Wait()
			return again() // it watches, so there is nothing to start
		})
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 4 || seen[1].Watching || !seen[2].Watching || !seen[3].Watching {
			t.Fatalf("%+v", seen)
		}
		if refused := seen[1].Device; !refused.Online.Seen.Equal(was.Online.Seen) || refused.Bound.Yes {
			t.Errorf("after a refusal: %+v", refused)
		}
		if d := seen[3].Device; !d.Online.Yes || d.Online.Proof == "" || d.Online.Seen.Equal(was.Online.Seen) || !d.Bound.Yes || d.Bound.Proof == "" {
			t.Errorf("after a look: %+v", d)
		}
		var verbs []platform.Verb
		for _, j := range computer.Jobs() {
			verbs = append(verbs, j.Verb)
		}
		if !slices.Equal(verbs, []platform.Verb{platform.VerbInstall, platform.VerbWatch, platform.VerbWatch}) {
			t.Errorf("jobs %v", verbs)
		}
		var next []Confirmation
		if _, err := Run(t.Context(), c, lookers(&next)); err != nil || len(next) != 1 || !next[0].Device.Bound.Yes {
			t.Errorf("opened once more: %v, %+v", err, next)
		}
	})
}

// Yes installs once more. A run that was ended in the midst of that goes on at the next start, without this page.
func TestRun_OpenedAgainInstalls(t *testing.T) {
	computer := fake.Ubuntu2404()
	afterwards(t, computer, func(t *testing.T, c Config, _ Device) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var seen []Confirmation
		yes := func() (Choice, error) { return Choice{}, nil }
		ui := lookers(&seen, yes)
		ui.onEvent = func(e Event) {
			if e.Kind == KindStep && e.Step == Install {
				cancel()
			}
		}
		_, err := Run(ctx, c, ui)
		wantCode(t, err, CodeCanceled, 130)
		if want := []Step{Welcome, Welcome, Login, ConnectKey, Requirements, Plan}; len(seen) != 1 || !slices.Equal(ui.asked, want) {
			t.Errorf("%d pages; asked %v, want %v", len(seen), ui.asked, want)
		}
		ui = lookers(&seen, yes)
		device, err := Run(t.Context(), c, ui)
		if err != nil || len(seen) != 1 || !device.Upgrade || !device.Online.Yes {
			t.Errorf("%v; %d pages; %+v", err, len(seen), device)
		}
	})
}

// An agent that is gone, or stands still, is said to be.
func TestRun_OpenedAgainGone(t *testing.T) {
	computer := fake.Ubuntu2404()
	afterwards(t, computer, func(t *testing.T, c Config, _ Device) {
		for _, gone := range []bool{false, true} {
			computer.Change(func(m *fake.Computer) { m.Agent.Service.Running, m.Agent.Installed = false, !gone })
			var seen []Confirmation
			if _, err := Run(t.Context(), c, lookers(&seen)); err != nil || len(seen) != 1 {
				t.Fatalf("%v, %d pages", err, len(seen))
			}
			if v := seen[0].Device.Installed; v.Yes || v.Absent != gone {
				t.Errorf("gone %v: %+v", gone, v)
			}
		}
	})
}

// Closing the window on that page is no failure: nothing is kept as one, and nothing waits to be sent to the admins.
func TestRun_OpenedAgainClosed(t *testing.T) {
	computer := fake.Ubuntu2404()
	afterwards(t, computer, func(t *testing.T, c Config, _ Device) {
		c.Profile.Reports.URL = "https://it.acme.example/failed"
		ctx, cancel := context.WithCancel(t.Context())
		var seen []Confirmation
		_, err := Run(ctx, c, lookers(&seen, func() (Choice, error) {
			cancel()
			return Choice{}, ctx.Err()
		}))
		if left := readRunFile(c.StateDir); err != nil || left.Problem != nil || len(Outbox(c.StateDir, time.Now())) != 0 {
			t.Errorf("%v, %+v", err, left.Problem)
		}
	})
}

// What is said of then is said in no language but the one of now.
func TestRun_OpenedAgainInAnotherLanguage(t *testing.T) {
	languages := assets.Languages()
	t.Cleanup(func() { assets.SetLanguage("en") })
	computer := fake.Ubuntu2404()
	afterwards(t, computer, func(t *testing.T, c Config, _ Device) {
		var proofs []string
		ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
			proofs = append(proofs, q.Device.Online.Proof, q.Device.Installed.Proof)
			if len(proofs) > 2 {
				return Choice{}, ErrQuit
			}
			assets.SetLanguage(languages[len(languages)-1].Tag)
			return Choice{}, ErrAgain
		}}
		if _, err := Run(t.Context(), c, ui); err != nil || len(proofs) != 4 {
			t.Fatalf("%v, %q", err, proofs)
		}
		if proofs[0] != "" || proofs[2] != "" || len(languages) > 1 && proofs[1] == proofs[3] {
			t.Errorf("%q", proofs)
		}
	})
}

// A computer that nobody of here enrolled, or whose agent cannot be looked at, begins as ever.
func TestRun_OpenedFirst(t *testing.T) {
	computer := fake.Ubuntu2404()
	afterwards(t, computer, func(t *testing.T, c Config, _ Device) {
		for name, change := range map[string]func(*Config){
			"another user": func(c *Config) { c.StateDir = t.TempDir() },
			"no look":      func(c *Config) { c.Host.AgentState = nil },
			"a look that fails": func(c *Config) {
				c.Host.AgentState = func(context.Context) (platform.AgentState, error) { return platform.AgentState{}, errors.New("no") }
			},
		} {
			own := c
			change(&own)
			ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
				if q.Device != nil {
					t.Errorf("%s: %+v", name, q.Device)
				}
				return Choice{}, ErrQuit
			}}
			if _, err := Run(t.Context(), own, ui); !errors.Is(err, ErrQuit) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
