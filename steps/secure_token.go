package steps

import (
	"context"
	"slices"

	"example.com/enrollment-assistant/assets"
)

// secureToken asks, on macOS, for an account that may grant a SecureToken, and verifies its password before anything
// is installed. It does not exist where there is no way to verify one.
func (e *enrollment) secureToken(ctx context.Context) error {
	if e.c.Host.VerifyUser == nil {
		return nil
	}
	e.enter(SecureToken)
	e.asked = true
	facts := e.facts()
	accounts := slices.Clone(facts.AdminNames)
	if facts.User != "" && !slices.Contains(accounts, facts.User) {
		accounts = append([]string{facts.User}, accounts...)
	}
	q := TokenQuestion{Accounts: accounts}
	for {
		a, err := e.ui.SecureToken(ctx, q)
		if err != nil {
			return err
		}
		if a.Skip {
			a.Password.Wipe()
			e.note("note.token.skipped")
			return nil
		}
		err = e.c.Host.VerifyUser(ctx, a.Name, a.Password)
		a.Password.Wipe()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			return nil
		}
		e.log.Info("verifying an account", "err", err)
		q.Retry = assets.Text("problem.token.password", "Name", a.Name)
	}
}
