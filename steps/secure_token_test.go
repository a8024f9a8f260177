package steps

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

func TestAccountsOf(t *testing.T) {
	known := fake.MacOS15().Facts
	unread := known
	unread.Accounts = nil
	standard := known
	standard.User = "kim"
	standard.Accounts = []platform.Account{{Name: "it-admin", Admin: true}, {Name: "kim", SecureToken: platform.Yes}}
	for _, tc := range []struct {
		name  string
		facts platform.Facts
		want  []Account
	}{
		{"the own account first, none without a token", known, []Account{
			{"nora", "Holds a SecureToken · administrator"}, {"it-admin", "Holds a SecureToken · administrator"},
		}},
		{"nothing was read", unread, []Account{
			{"nora", "Whether it holds a SecureToken is not known · administrator"},
			{"it-admin", "Whether it holds a SecureToken is not known · administrator"},
		}},
		{"a user who is no administrator", standard, []Account{{"it-admin", "Whether it holds a SecureToken is not known · administrator"}}},
	} {
		if got := accountsOf(tc.facts); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %+v", tc.name, got)
		}
	}
}

// A line break would end the password in the file that the installer reads, so it gets no further than the page; a
// semicolon is warned of before the consent.
func TestRun_SecureTokenPasswords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mac := fake.MacOS15()
		mac.Passwords = map[string]string{"nora": "semi;colon"}
		c := macConfig(t, mac)
		verified := 0
		verify := c.Host.VerifyUser
		c.Host.VerifyUser = func(ctx context.Context, name string, pw platform.Secret) error {
			verified++
			return verify(ctx, name, pw)
		}
		given := []string{"line\nbreak", "line\rbreak", "wrong", "semi;colon"}
		var retries, notes []string
		var left []Left
		ui := &scripted{token: func(q TokenQuestion) (TokenAnswer, error) {
			retries = append(retries, q.Retry)
			return TokenAnswer{Name: "nora", Password: platform.NewSecret(given[len(retries)-1])}, nil
		}}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Plan != nil {
				notes = q.Plan.Notes
			}
			return Choice{}, nil
		}
		device, err := Run(t.Context(), c, ui)
		left = device.Left
		if err != nil || verified != 3 || len(retries) != 4 || len(left) != 0 {
			t.Fatalf("%v, verified %d times, %q, %+v", err, verified, retries, left)
		}
		for i, want := range []string{"", "line break", "line break", "The password for nora is wrong"} {
			if !strings.Contains(retries[i], want) || (want == "") != (retries[i] == "") {
				t.Errorf("question %d says %q", i, retries[i])
			}
		}
		if !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "semicolon") }) {
			t.Errorf("notes of the plan: %q", notes)
		}
		if all := ui.everything(t); strings.Contains(all, "semi;colon") || strings.Contains(all, "line\\nbreak") {
			t.Errorf("a password was told: %s", all)
		}
	})
}

// What an account left out means is told at the end.
func TestRun_SecureTokenLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device, err := Run(t.Context(), macConfig(t, fake.MacOS15()), &scripted{})
		if err != nil || len(device.Left) != 1 || device.Left[0].ID != LeftServiceAccount || device.Left[0].Text == "" {
			t.Errorf("%+v, %v", device.Left, err)
		}
	})
}

// answering gives one answer after the other, and keeps the questions.
func answering(questions *[]TokenQuestion, answers ...TokenAnswer) func(TokenQuestion) (TokenAnswer, error) {
	return func(q TokenQuestion) (TokenAnswer, error) {
		*questions = append(*questions, q)
		return answers[len(*questions)-1], nil
	}
}

func account(name, password string) TokenAnswer {
	return TokenAnswer{Name: name, Password: platform.NewSecret(password)}
}

// The verified name and password reach the job, and nothing is left of them once the installer had them.
func TestRun_SecureTokenReachesTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mac := fake.MacOS15()
		c := macConfig(t, mac)
		var asked []TokenQuestion
		given := account("nora", "nora's")
		sent := ""
		elevate := c.Host.Elevate
		c.Host.Elevate = func(ctx context.Context, j platform.Job, report func(platform.Report)) error {
			sent = j.Account.Name + "/" + j.Account.Password.Reveal()
			return elevate(ctx, j, func(r platform.Report) {
				report(r)
				if r.Phase == platform.PhaseInstallPackage && j.Account.Password.Empty() {
					t.Error("wiped before the installer ran")
				}
				if r.Phase == platform.PhaseStartService && !j.Account.Password.Empty() {
					t.Error("kept after the installer ran")
				}
			})
		}
		device, err := Run(t.Context(), c, &scripted{token: answering(&asked, given)})
		if err != nil || sent != "nora/nora's" || len(asked) != 1 || asked[0].Request != nil || asked[0].Own != "" {
			t.Errorf("%v, sent %q, %+v", err, sent, asked)
		}
		if a := device.Account; !a.Known || !a.Yes || !strings.Contains(a.Proof, "SecureToken") || len(device.Left) != 0 {
			t.Errorf("%+v, %+v", a, device.Left)
		}
		if !given.Password.Empty() {
			t.Error("the password is still there")
		}
	})
}

// Whatever way a run ends, or goes back, no password is left, and none that was given up is sent.
func TestRun_SecureTokenIsWiped(t *testing.T) {
	for name, plan := range map[string]func(*scripted) (Choice, error){
		"quit at the plan":   func(*scripted) (Choice, error) { return Choice{}, ErrQuit },
		"defect at the plan": func(*scripted) (Choice, error) { return Choice{}, context.DeadlineExceeded },
		"back from the plan": func(ui *scripted) (Choice, error) {
			ui.token = func(TokenQuestion) (TokenAnswer, error) { return TokenAnswer{}, ErrQuit }
			return Choice{}, ErrBack
		},
		"skipped after all": func(ui *scripted) (Choice, error) {
			ui.token = func(TokenQuestion) (TokenAnswer, error) {
				ui.confirm = nil
				return TokenAnswer{Skip: true}, nil
			}
			return Choice{}, ErrBack
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			mac := fake.MacOS15()
			given := account("nora", "nora's")
			ui := &scripted{token: func(TokenQuestion) (TokenAnswer, error) { return given, nil }}
			ui.confirm = func(q Confirmation) (Choice, error) {
				if q.Plan == nil {
					return Choice{}, nil
				}
				if given.Password.Empty() {
					t.Errorf("%s: wiped too early", name)
				}
				return plan(ui)
			}
			_, _ = Run(t.Context(), macConfig(t, mac), ui) // how it ends is not the point
			if !given.Password.Empty() {
				t.Errorf("%s: the password is still there", name)
			}
			for _, j := range mac.Jobs() {
				if j.Account.Name != "" {
					t.Errorf("%s: %q was sent", name, j.Account.Name)
				}
			}
		})
	}
}

// Three wrong passwords are counted; then what going on without means is said. What cannot be of use is not tried.
func TestRun_SecureTokenTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mac := fake.MacOS15()
		mac.Facts.Accounts = append(mac.Facts.Accounts, platform.Account{Name: "kim", SecureToken: platform.Yes})
		c := macConfig(t, mac)
		verified := 0
		c.Host.VerifyUser = func(context.Context, string, platform.Secret) error {
			verified++
			return platform.ErrPassword
		}
		var asked []TokenQuestion
		_, err := Run(t.Context(), c, &scripted{token: answering(&asked,
			account("guest-desk", "x"), account("kim", "x"), account("a;b", "x"),
			account("nora", "1"), account("nora", "2"), account("it-admin", "3"), TokenAnswer{Skip: true})})
		if err != nil || verified != 3 || len(asked) != 7 {
			t.Fatalf("%v, verified %d times, asked %d times", err, verified, len(asked))
		}
		for i, want := range []string{"", "holds no SecureToken", "not an administrator", "semicolon", "The password for nora is wrong", "That was try 2", "it-admin is wrong. That was try 3"} {
			if !strings.Contains(asked[i].Retry, want) || (want == "") != (asked[i].Retry == "") {
				t.Errorf("question %d says %q", i, asked[i].Retry)
			}
			if (asked[i].Without != "") != (i == 6) {
				t.Errorf("question %d: without: %q", i, asked[i].Without)
			}
		}
	})
}

// A password that was changed while the plan was open is asked for again; the plan, which stays the same, is not.
func TestRun_SecureTokenIsVerifiedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mac := fake.MacOS15()
		var asked []TokenQuestion
		plans := 0
		ui := &scripted{token: answering(&asked, account("nora", "nora's"), account("nora", "new"))}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Plan != nil {
				plans++
				mac.Change(func(c *fake.Computer) { c.Passwords = map[string]string{"nora": "new"} })
			}
			return Choice{}, nil
		}
		device, err := Run(t.Context(), macConfig(t, mac), ui)
		if err != nil || len(asked) != 2 || plans != 1 || !device.Account.Yes || len(mac.Jobs()) != 1 {
			t.Errorf("%v, asked %d times, %d plans, %+v", err, len(asked), plans, device.Account)
		}
		if told := strings.Join(ui.told(), "\n"); !strings.Contains(told, "note The password of nora was changed") {
			t.Errorf("it does not say why:\n%s", told)
		}
	})
}

// A person who has no such account is given a request that can be sent, without any secret.
func TestRun_SecureTokenRequest(t *testing.T) {
	for name, want := range map[string][]string{
		"standard user": {"guest-desk", "not an administrator", "it-admin, nora"},
		"no token":      {"nora", "Holds no SecureToken", "nobody"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := macConfig(t, fake.Macs()[name])
			c.Profile.Help.Email = "it-help@acme.example"
			var asked []TokenQuestion
			device, err := Run(t.Context(), c, &scripted{token: answering(&asked, TokenAnswer{Skip: true})})
			if err != nil || len(asked) != 1 || asked[0].Request == nil {
				t.Fatalf("%s: %v, %+v", name, err, asked)
			}
			r := asked[0].Request
			for _, part := range append(want, "Noras-MacBook-Air.local", "macOS 15.1", "JumpCloud Service Account app", macArticle) {
				if !strings.Contains(r.Text, part) {
					t.Errorf("%s: the request lacks %q:\n%s", name, part, r.Text)
				}
			}
			u, err := url.Parse(r.Mailto())
			if err != nil || u.Opaque != "it-help@acme.example" || u.Query().Get("subject") != r.Subject ||
				strings.ReplaceAll(u.Query().Get("body"), "\r\n", "\n") != r.Text || strings.Contains(u.RawQuery, "+") {
				t.Errorf("%s: %v %q", name, err, r.Mailto())
			}
			if len(device.Left) != 1 || device.Left[0].Request == nil || !strings.Contains(device.Left[0].Request.Text, device.SystemKey) {
				t.Errorf("%s: %+v", name, device.Left)
			}
		})
	}
}

// The fourth verdict says what there is, whatever was asked; an agent that has all it needs asks for no password.
func TestRun_ServiceAccount(t *testing.T) {
	for name, tc := range map[string]struct {
		asked int
		yes   bool
		left  string // in the text; empty for nothing left
	}{
		"admin":         {1, true, ""},
		"other MDM":     {1, false, "The agent could not make it"},
		"earlier agent": {0, true, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var asked []TokenQuestion
			device, err := Run(t.Context(), macConfig(t, fake.Macs()[name]), &scripted{token: answering(&asked, account("nora", "nora's"))})
			if err != nil || len(asked) != tc.asked || device.Account.Yes != tc.yes || !device.Account.Known {
				t.Errorf("%s: %v, asked %d times, %+v", name, err, len(asked), device.Account)
			}
			if (tc.left == "") != (len(device.Left) == 0) || tc.left != "" && !strings.Contains(device.Left[0].Text, tc.left) {
				t.Errorf("%s: %+v", name, device.Left)
			}
		})
	}
}
