package steps

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

func TestRun_BlockedAtWelcome(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*platform.Facts)
		code   Code
		exit   int
	}{
		{"system", func(f *platform.Facts) { f.Distribution, f.Name, f.Version = "centos", "CentOS Stream", "9" }, CodeBlocked, 40},
		{"processor", func(f *platform.Facts) { f.Arch = "i686" }, CodeBlocked, 40},
		{"container", func(f *platform.Facts) { f.Container = "docker" }, CodeBlocked, 40},
		{"rights", func(f *platform.Facts) { f.Admin = platform.AdminNobody }, CodeBlocked, 40},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				computer := fake.Ubuntu2404()
				tc.change(&computer.Facts)
				ui := &scripted{}
				again := 1
				ui.confirm = func(q Confirmation) (Choice, error) {
					if q.Welcome.Blocked == nil {
						t.Error("not blocked")
					}
					if again > 0 {
						again--
						return Choice{Again: true}, nil
					}
					return Choice{}, ErrQuit
				}
				_, err := Run(t.Context(), config(t, computer), ui)
				wantCode(t, err, tc.code, tc.exit)
				if !slices.Equal(ui.asked, []Step{Welcome, Welcome}) {
					t.Errorf("asked %v", ui.asked)
				}
				if len(computer.Jobs()) != 0 {
					t.Error("a job was started")
				}
			})
		})
	}
}

func isBlocked(q Confirmation) bool { return q.Welcome != nil && q.Welcome.Blocked != nil }

func TestRun_WelcomeMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Facts.Admin = platform.AdminNobody
		ui := &scripted{}
		var blocked []bool
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Step != Welcome {
				return Choice{}, ErrQuit
			}
			blocked = append(blocked, isBlocked(q))
			if blocked[len(blocked)-1] {
				computer.Change(func(c *fake.Computer) { c.Facts.Admin = platform.AdminAnother })
				return Choice{Again: true}, nil
			}
			return Choice{}, nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); !errors.Is(err, ErrQuit) {
			t.Errorf("error %v", err)
		}
		if !slices.Equal(blocked, []bool{true, false}) {
			t.Errorf("blocked %v", blocked)
		}
	})
}

func TestRun_Requirements(t *testing.T) {
	unreachable := platform.HostAnswer{Failure: platform.FailConnect}
	t.Run("unattended", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			computer := fake.Ubuntu2404()
			computer.Answers = map[string]platform.HostAnswer{"https://agent.jumpcloud.com": unreachable}
			_, err := Run(t.Context(), config(t, computer), &scripted{})
			wantCode(t, err, CodeUnreachable, 20)
		})
	})
	t.Run("quit on the page", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			computer := fake.Ubuntu2404()
			computer.Facts.DiskFree = 180 << 20
			ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
				if q.Step == Requirements {
					return Choice{}, ErrQuit
				}
				return Choice{}, nil
			}}
			_, err := Run(t.Context(), config(t, computer), ui)
			wantCode(t, err, CodeBlocked, 40)
		})
	})
	t.Run("check one again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			computer := fake.Ubuntu2404()
			computer.Answers = map[string]platform.HostAnswer{"https://agent.jumpcloud.com": unreachable}
			var levels []Level
			ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
				if q.Step != Requirements {
					return Choice{}, nil
				}
				levels = append(levels, check(t, q.Checks, CheckHosts).Level)
				if len(levels) == 1 {
					computer.Change(func(c *fake.Computer) { c.Answers = nil })
					return Choice{Again: true, Check: CheckHosts}, nil
				}
				return Choice{}, nil
			}}
			if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(levels, []Level{LevelBlock, LevelOK}) {
				t.Errorf("levels %v", levels)
			}
		})
	})
}

func TestRun_Region(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Profile = Profile{}
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Welcome != nil {
				if !slices.Equal(q.Welcome.Regions, platform.Regions) {
					t.Errorf("regions %v", q.Welcome.Regions)
				}
				return Choice{Region: platform.RegionEU}, nil
			}
			if q.Step == Requirements && !strings.Contains(check(t, q.Checks, CheckHosts).Detail, "agent.eu.jumpcloud.com") {
				t.Errorf("hosts: %+v", check(t, q.Checks, CheckHosts))
			}
			return Choice{}, nil
		}
		ui.login = func(q LoginQuestion) (LoginAnswer, error) {
			if q.Wizard || q.PortalURL != "https://console.eu.jumpcloud.com/userconsole#/security" {
				t.Errorf("login: %+v", q)
			}
			return LoginAnswer{Browser: true}, nil
		}
		ui.key = func(q KeyQuestion) (platform.Secret, error) {
			if !q.Opened {
				t.Error("the portal was opened, and the page does not know")
			}
			return platform.NewSecret(goodKey), nil
		}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		if got := computer.Jobs()[0].KickstartURL; got != "https://kickstart.eu.jumpcloud.com" {
			t.Errorf("kickstart %s", got)
		}
		if !slices.Equal(computer.Opened(), []string{"https://console.eu.jumpcloud.com/userconsole#/security"}) {
			t.Errorf("opened %v", computer.Opened())
		}
	})
}

// A run that was cut short offers the region that was chosen in it first; one that ended asks without.
func TestRun_RegionAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(t, fake.Ubuntu2404())
		c.Profile = Profile{}
		offered := func(answer error) []platform.Region {
			var list []platform.Region
			ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
				if q.Welcome != nil {
					list = q.Welcome.Regions
					return Choice{Region: platform.RegionEU}, nil
				}
				return Choice{}, answer
			}}
			_, _ = Run(t.Context(), c, ui) // how it ends is not what is looked at
			return list
		}
		first, second := offered(ErrQuit), offered(nil)
		if first[0] != platform.Regions[0] || second[0] != platform.RegionEU || len(second) != len(platform.Regions) {
			t.Errorf("offered %v, then %v", first, second)
		}
		if third := offered(nil); third[0] != platform.Regions[0] {
			t.Errorf("after one that ended: %v", third)
		}
	})
}
