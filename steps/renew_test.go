package steps

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// A key that was refused is asked for again, and the run goes straight on to the install: once the plan was accepted,
// only another plan is asked about.
func TestRun_RenewKey(t *testing.T) {
	const another = "fedcba9876543210fedcba9876543210fedcba98"
	command := func(host string) string {
		return "curl -H 'x-connect-key: " + another + "' https://" + host + "/Kickstart | sudo bash"
	}
	for _, tc := range []struct {
		name  string
		key   string // the new one
		asked []Step
	}{
		{"the same hosts", another, []Step{ConnectKey, Done}},
		{"the same hosts by name", command("kickstart.jumpcloud.com"), []Step{ConnectKey, Done}},
		{"another host", command("kickstart.eu.jumpcloud.com"), []Step{ConnectKey, Requirements, Plan, Done}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				computer := fake.Ubuntu2404()
				computer.Fail = &platform.JobError{Code: platform.JobKeyRefused, Phase: platform.PhaseFetchScript}
				ui := &scripted{}
				ui.key = func(q KeyQuestion) (platform.Secret, error) {
					if q.Retry == nil {
						return platform.NewSecret(goodKey), nil
					}
					if q.Retry.Code != CodeKeyRefused {
						t.Errorf("%+v", q.Retry)
					}
					computer.Change(func(c *fake.Computer) { c.Fail = nil })
					return platform.NewSecret(tc.key), nil
				}
				var used string
				c := config(t, computer)
				elevate := c.Host.Elevate
				c.Host.Elevate = func(ctx context.Context, j platform.Job, report func(platform.Report)) error {
					used = j.Key.Reveal()
					return elevate(ctx, j, report)
				}
				c.Profile = Profile{}
				if _, err := Run(t.Context(), c, ui); err != nil {
					t.Fatal(err)
				}
				before := []Step{Welcome, Login, ConnectKey, Requirements, Plan}
				if want := slices.Concat(before, tc.asked); !slices.Equal(ui.asked, want) || used != another {
					t.Errorf("asked %v, want %v; used %q", ui.asked, want, used)
				}
			})
		})
	}
}

// What came to block meanwhile is shown again, and so is everything after the person went back from a plan that is new.
func TestRun_RenewKeyBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Fail = &platform.JobError{Code: platform.JobKeyRefused, Phase: platform.PhaseFetchScript}
		computer.Answers = map[string]platform.HostAnswer{"https://agent.eu.jumpcloud.com": {Failure: platform.FailDNS}}
		c := config(t, computer)
		c.Profile = Profile{}
		ui := &scripted{}
		ui.key = func(q KeyQuestion) (platform.Secret, error) {
			computer.Change(func(c *fake.Computer) {
				if q.Retry != nil {
					c.Fail = nil
				}
			})
			if q.Retry == nil {
				return platform.NewSecret(goodKey), nil
			}
			return platform.NewSecret("curl -H 'x-connect-key: " + goodKey + "' https://kickstart.eu.jumpcloud.com/Kickstart"), nil
		}
		_, err := Run(t.Context(), c, ui)
		wantCode(t, err, CodeUnreachable, 20)
		if len(computer.Jobs()) != 1 {
			t.Errorf("%d jobs", len(computer.Jobs()))
		}
	})
}

// A key whose hour passed before the install is asked for again before anyone is asked for consent. The page says that
// it was made then only where that is known.
func TestRun_KeyTooOld(t *testing.T) {
	for _, tc := range []struct {
		name string
		wait time.Duration
		made bool
		say  string // of the question for another; empty when there is none
	}{
		{"young", 59 * time.Minute, false, ""},
		{"entered", time.Hour, false, "The key was entered more than an hour ago"},
		{"made here", time.Hour, true, "The key was made more than an hour ago"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				computer := fake.Ubuntu2404()
				c := config(t, computer)
				ui := &scripted{}
				if tc.made {
					c.Profile.SignIn.KeyEndpoint = "/key"
					c.Client = &http.Client{Transport: inMemory(`{"xsrf":"x","connectKey":"` + goodKey + `"}`)}
					ui.login = func(LoginQuestion) (LoginAnswer, error) {
						return LoginAnswer{Email: "nora@acme.example", Password: platform.NewSecret("pw")}, nil
					}
				}
				said := ""
				ui.key = func(q KeyQuestion) (platform.Secret, error) {
					if q.Retry != nil {
						said = q.Retry.Summary
						if q.Retry.Code != CodeKeyOld || len(computer.Jobs()) != 0 {
							t.Errorf("%+v after %d jobs", q.Retry, len(computer.Jobs()))
						}
					}
					return platform.NewSecret(goodKey), nil
				}
				ui.confirm = func(q Confirmation) (Choice, error) {
					if q.Step == Plan {
						<-time.After(tc.wait)
					}
					return Choice{}, nil
				}
				if _, err := Run(t.Context(), c, ui); err != nil {
					t.Fatal(err)
				}
				plans := 0
				for _, s := range ui.asked {
					if s == Plan {
						plans++
					}
				}
				if said != tc.say || plans != 1 || len(computer.Jobs()) != 1 {
					t.Errorf("said %q, want %q; asked %v", said, tc.say, ui.asked)
				}
			})
		})
	}
}

// An unattended run ends with the code of its own.
func TestRun_KeyTooOldUnattended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
			if q.Step == Plan {
				<-time.After(2 * time.Hour)
			}
			return Choice{}, nil
		}}
		_, err := Run(t.Context(), config(t, fake.Ubuntu2404()), ui)
		wantCode(t, err, CodeKeyOld, 14)
	})
}

// Against the server: its clock passes the hour while the plan is read, the key is refused, and a new one made there
// ends well without another question.
func TestRun_StubRenewKey(t *testing.T) {
	server, profile := demo(t)
	computer, host := probing(profile)
	var refused []int
	elevate := host.Elevate
	host.Elevate = func(ctx context.Context, j platform.Job, report func(platform.Report)) error {
		status := kickstart(t, profile, j.Key.Reveal())
		refused = append(refused, status)
		if status != http.StatusOK {
			report(platform.Report{Phase: platform.PhaseFetchScript})
			return &platform.JobError{Code: platform.JobKeyRefused, Phase: platform.PhaseFetchScript}
		}
		return elevate(ctx, j, report)
	}
	ui := &scripted{}
	ui.key = func(KeyQuestion) (platform.Secret, error) { return platform.NewSecret(server.Key(t, "ben")), nil }
	ui.confirm = func(q Confirmation) (Choice, error) {
		if q.Step == Plan {
			server.AdvanceClock(61 * time.Minute)
		}
		return Choice{}, nil
	}
	device, err := Run(t.Context(), Config{Host: host, Profile: profile, StateDir: t.TempDir()}, ui)
	if err != nil || !device.Online.Yes {
		t.Fatalf("%+v, %v", device, err)
	}
	want := []Step{Welcome, Login, ConnectKey, Requirements, Plan, ConnectKey, Done}
	if !slices.Equal(ui.asked, want) || len(refused) != 2 || refused[0] == http.StatusOK || refused[1] != http.StatusOK || len(computer.Jobs()) != 1 {
		t.Errorf("asked %v, the server answered %v", ui.asked, refused)
	}
	if !strings.Contains(ui.everything(t), `"key-refused"`) {
		t.Error("the refusal was not told")
	}
}
