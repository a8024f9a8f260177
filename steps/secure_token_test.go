package steps

import (
	"context"
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
		{"a user who is no administrator", standard, []Account{
			{"kim", "Holds a SecureToken · not an administrator"}, {"it-admin", "Whether it holds a SecureToken is not known · administrator"},
		}},
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
		if err != nil || verified != 2 || len(retries) != 4 || len(left) != 0 {
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
