package steps

import (
	"context"
	"slices"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// tokenChoice is what became of the question for a Mac account.
type tokenChoice struct {
	asked     bool
	name      string // empty when it was skipped
	semicolon bool   // the password has one
}

// secureToken asks, on macOS, for an account that may grant a SecureToken, and verifies its password before anything
// is installed. It does not exist where there is no way to verify one.
func (e *enrollment) secureToken(ctx context.Context) error {
	if e.c.Host.VerifyUser == nil || e.renewed(e.planInput()) {
		return nil
	}
	e.enter(SecureToken)
	e.asked = true
	var retry sentence
	for {
		a, err := anew(e, func() (TokenAnswer, error) {
			return e.ui.SecureToken(ctx, TokenQuestion{Accounts: accountsOf(e.facts()), Retry: retry.text()})
		})
		if err != nil {
			a.Password.Wipe()
			return err
		}
		if a.Skip {
			a.Password.Wipe()
			e.token = tokenChoice{asked: true}
			e.note("note.token.skipped")
			return nil
		}
		retry, err = e.verifyToken(ctx, a)
		if err != nil || retry.key == "" {
			return err
		}
	}
}

// verifyToken looks whether the answer can be used, and gives what is wrong with it. It wipes the password.
func (e *enrollment) verifyToken(ctx context.Context, a TokenAnswer) (sentence, error) {
	defer a.Password.Wipe()
	password := a.Password.Reveal()
	// The vendor's installer reads both from one line, divided by a semicolon: a line break would end the password, and
	// how it reads a second semicolon is not published. See
	// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/install_agent_and_serviceaccount.sh
	if strings.ContainsAny(password+a.Name, "\r\n") {
		return sentence{key: "problem.token.line-break"}, nil
	}
	err := e.c.Host.VerifyUser(ctx, a.Name, a.Password)
	if ctx.Err() != nil {
		return sentence{}, ctx.Err()
	}
	if err != nil {
		e.log.Info("verifying an account", "err", err)
		return sentence{"problem.token.password", []any{"Name", a.Name}}, nil
	}
	e.token = tokenChoice{asked: true, name: a.Name, semicolon: strings.Contains(password, ";")}
	if e.token.semicolon {
		e.note("note.token.semicolon")
	}
	return sentence{}, nil
}

// accountsOf lists the accounts that hold a SecureToken or may do so, the person's own first. Where no account was
// read, the administrators are named.
func accountsOf(f platform.Facts) []Account {
	known := f.Accounts
	if len(known) == 0 {
		for _, name := range f.AdminNames {
			known = append(known, platform.Account{Name: name, Admin: true})
		}
		if f.User != "" && !slices.Contains(f.AdminNames, f.User) {
			known = append(known, platform.Account{Name: f.User})
		}
	}
	var own, others []Account
	for _, a := range known {
		switch {
		case a.SecureToken == platform.No:
		case a.Name == f.User:
			own = append(own, Account{a.Name, accountNote(a)})
		default:
			others = append(others, Account{a.Name, accountNote(a)})
		}
	}
	return append(own, others...)
}

// accountNote says why an account is listed.
func accountNote(a platform.Account) string {
	token, role := "note.account.token-unknown", "note.account.standard"
	if a.SecureToken == platform.Yes {
		token = "note.account.token"
	}
	if a.Admin {
		role = "note.account.admin"
	}
	return assets.Text(token) + " · " + assets.Text(role)
}
