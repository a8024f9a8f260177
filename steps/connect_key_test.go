package steps

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

func TestRun_KeyRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Fail = &platform.JobError{Code: platform.JobKeyRefused, Phase: platform.PhaseFetchScript}
		host := computer.Host()
		ui := &scripted{}
		var retries []*Problem
		ui.key = func(q KeyQuestion) (platform.Secret, error) {
			retries = append(retries, q.Retry)
			if q.Retry != nil {
				if kept, err := host.Recall(); err != nil || !kept.Key.Empty() {
					t.Errorf("the keychain still has %v, %v", kept, err)
				}
				computer.Change(func(c *fake.Computer) { c.Fail = nil })
			}
			return platform.NewSecret(goodKey), nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
		if len(retries) != 2 || retries[0] != nil || retries[1] == nil || retries[1].Code != CodeKeyRefused {
			t.Errorf("retries: %v", retries)
		}
		if !slices.Contains(ui.told(), "problem key-refused") {
			t.Errorf("events: %v", ui.told())
		}
	})
}

func TestRefuseKey_NamesTheHour(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		from keySource
		age  time.Duration
		want string
	}{
		{"old, made here", keyOfSession, 73 * time.Minute, "This key is 73 minutes old; keys live one hour."},
		{"young, made here", keyOfSession, 3 * time.Minute, "only 3 minutes old"},
		{"pasted", keyOfPerson, time.Minute, "works for one hour"},
		{"pasted long ago", keyOfPerson, 61 * time.Minute, "entered 61 minutes ago"},
		{"of the profile", keyOfProfile, 0, "organization's profile"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEnrollment(Config{Now: func() time.Time { return now }}.withDefaults(), &scripted{})
			e.acceptKey(Key{Value: platform.NewSecret(goodKey)}, tc.from)
			now = now.Add(tc.age)
			if p := e.refuseKey(nil); !strings.Contains(p.Hint, tc.want) {
				t.Errorf("hint %q lacks %q", p.Hint, tc.want)
			}
		})
	}
}

func TestRun_KeyNamesRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Profile = Profile{}
		ui := &scripted{key: func(KeyQuestion) (platform.Secret, error) {
			return platform.NewSecret("curl -H 'x-connect-key: " + goodKey + "' https://kickstart.in.jumpcloud.com/Kickstart | sudo bash"), nil
		}}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Step == Requirements && !strings.Contains(check(t, q.Checks, CheckHosts).Detail, "agent.in.jumpcloud.com") {
				t.Errorf("hosts: %+v", check(t, q.Checks, CheckHosts))
			}
			return Choice{}, nil
		}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		if got := computer.Jobs()[0].KickstartURL; got != "https://kickstart.in.jumpcloud.com" {
			t.Errorf("kickstart %s", got)
		}
	})
}

func TestRun_ProfileKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Fail = &platform.JobError{Code: platform.JobKeyRefused, Phase: platform.PhaseFetchScript}
		c := config(t, computer)
		c.Profile.ConnectKey = platform.NewSecret(goodKey)
		ui := &scripted{}
		ui.key = func(q KeyQuestion) (platform.Secret, error) {
			if q.Retry == nil || !strings.Contains(q.Retry.Hint, "profile") {
				t.Errorf("retry: %+v", q.Retry)
			}
			computer.Change(func(c *fake.Computer) { c.Fail = nil })
			return platform.NewSecret(goodKey), nil
		}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(ui.asked, []Step{Welcome, Requirements, Plan, ConnectKey, Done}) {
			t.Errorf("asked %v", ui.asked)
		}
		if c.Profile.ConnectKey.Reveal() != goodKey {
			t.Error("the caller's key was wiped")
		}
	})
}

func TestRun_Recall(t *testing.T) {
	for _, tc := range []struct {
		name  string
		age   time.Duration
		asked bool
	}{
		{"young", 20 * time.Minute, false},
		{"an hour old", time.Hour, true},
		{"from the future", -time.Minute, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				computer := fake.Ubuntu2404()
				c := config(t, computer)
				if err := c.Host.Remember(platform.Remembered{Key: platform.NewSecret(goodKey), Kept: time.Now().Add(-tc.age)}); err != nil {
					t.Fatal(err)
				}
				ui := &scripted{}
				if _, err := Run(t.Context(), c, ui); err != nil {
					t.Fatal(err)
				}
				if slices.Contains(ui.asked, ConnectKey) != tc.asked {
					t.Errorf("asked %v", ui.asked)
				}
				if kept, err := c.Host.Recall(); err != nil || !kept.Key.Empty() {
					t.Errorf("the keychain still has %v, %v", kept, err)
				}
			})
		})
	}
}

func TestRun_MalformedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ui := &scripted{key: func(q KeyQuestion) (platform.Secret, error) {
			if q.Retry != nil {
				return platform.Secret{}, ErrQuit
			}
			return platform.NewSecret("abc"), nil
		}}
		_, err := Run(t.Context(), config(t, fake.Ubuntu2404()), ui)
		wantCode(t, err, CodeKeyMalformed, 10)
	})
}
