package steps

import (
	"context"
	"errors"
	"slices"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// tokenTries is how many wrong passwords may be slips. After them, what going on without means is said: an account may
// be locked by a rule of the Mac after some more.
const tokenTries = 3

// tokenChoice is what became of the question for a Mac account.
type tokenChoice struct {
	asked     bool
	name      string // empty when it was skipped
	semicolon bool   // the password has one
}

// secureToken asks, on macOS, for an account that may grant a SecureToken, and verifies its password before anything
// is installed. It does not exist where there is no way to verify one, nor where the agent has all that it needs.
func (e *enrollment) secureToken(ctx context.Context) error {
	if e.c.Host.VerifyUser == nil || e.accountReady() || e.renewed(e.planInput()) {
		return nil
	}
	e.enter(SecureToken)
	e.asked = true
	e.forgetToken()
	var retry sentence
	for tries := 0; ; {
		a, err := anew(e, func() (TokenAnswer, error) { return e.ui.SecureToken(ctx, e.tokenQuestion(retry, tries)) })
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
		if retry, err = e.verifyToken(ctx, a); err != nil {
			return err
		}
		switch retry.key {
		case "":
			return nil
		case "problem.token.password":
			if tries++; tries > 1 {
				retry = sentence{"problem.token.again", append(retry.args, "Try", tries)}
			}
		}
	}
}

// accountReady tells whether the agent that is there has its service account, with a SecureToken: then an upgrade needs
// nobody's password.
func (e *enrollment) accountReady() bool {
	found := e.survey.known()
	return found.Facts != nil && found.Facts.Mac != nil && found.Facts.Mac.Service.Token == platform.Yes &&
		found.Agent != nil && found.Agent.Installed
}

// tokenQuestion is made anew in the language chosen now.
func (e *enrollment) tokenQuestion(retry sentence, tries int) TokenQuestion {
	f := e.facts()
	q := TokenQuestion{Accounts: accountsOf(f), Retry: retry.text()}
	if tries >= tokenTries {
		q.Without = assets.Text("note.token.without")
	}
	if why := whyNotOwn(f); why != "" {
		q.Own = assets.Text(why, "Name", f.User)
		q.Request = tokenRequest(f, e.c.Profile.Help.Email)
	}
	return q
}

// whyNotOwn tells why the person's own account does not qualify; empty where it does, or may.
func whyNotOwn(f platform.Facts) string {
	i := slices.IndexFunc(f.Accounts, func(a platform.Account) bool { return a.Name == f.User })
	switch {
	case i < 0 || qualifies(f.Accounts[i]):
		return ""
	case f.Accounts[i].Admin:
		return "note.token.none"
	}
	return "note.token.standard"
}

// tokenRequest asks IT for what the person cannot give.
func tokenRequest(f platform.Facts, to string) *Request {
	names, _ := holders(f)
	who := strings.Join(names, ", ")
	if who == "" {
		who = assets.Text("note.request.nobody")
	}
	note := ""
	for _, a := range f.Accounts {
		if a.Name == f.User {
			note = accountNote(a)
		}
	}
	return &Request{
		To: to, Subject: assets.Text("note.request.token.subject", "Hostname", f.Hostname),
		Text: assets.Text("note.request.token.text", "Hostname", f.Hostname, "System", systemName(f),
			"User", f.User, "Note", note, "Holders", who, "Link", macArticle),
	}
}

// verifyToken looks whether the answer can be used, and gives what is wrong with it. The password of an answer that
// can be is kept until the installer had it, any other is wiped.
func (e *enrollment) verifyToken(ctx context.Context, a TokenAnswer) (sentence, error) {
	keep := false
	defer func() {
		if !keep {
			a.Password.Wipe()
		}
	}()
	password := a.Password.Reveal()
	if wrong := unusable(e.facts(), a.Name, password); wrong.key != "" {
		return wrong, nil
	}
	err := e.c.Host.VerifyUser(ctx, a.Name, a.Password)
	if ctx.Err() != nil {
		return sentence{}, ctx.Err()
	}
	if err != nil {
		e.log.Info("verifying an account", "err", err)
		if !errors.Is(err, platform.ErrPassword) {
			return sentence{"problem.token.unseen", []any{"Name", a.Name}}, nil
		}
		return sentence{"problem.token.password", []any{"Name", a.Name}}, nil
	}
	e.token = tokenChoice{asked: true, name: a.Name, semicolon: strings.Contains(password, ";")}
	e.password, keep = a.Password, true
	if e.token.semicolon {
		e.note("note.token.semicolon")
	}
	return sentence{}, nil
}

// unusable says why an account is of no use whatever its password is, or a password whatever account it is of. The
// vendor's installer reads both from one line, divided by a semicolon: a line break would end the password, and how it
// reads a second semicolon is not published. See
// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/install_agent_and_serviceaccount.sh
func unusable(f platform.Facts, name, password string) sentence {
	i := slices.IndexFunc(f.Accounts, func(a platform.Account) bool { return a.Name == name })
	switch {
	case strings.ContainsAny(password+name, "\r\n"):
		return sentence{key: "problem.token.line-break"}
	case strings.Contains(name, ";"):
		return sentence{key: "problem.token.name"}
	case i >= 0 && f.Accounts[i].SecureToken == platform.No:
		return sentence{"problem.token.none", []any{"Name", name}}
	case i >= 0 && !f.Accounts[i].Admin:
		return sentence{"problem.token.standard", []any{"Name", name}}
	}
	return sentence{}
}

// tokenStands looks, right before a job is made, whether the password that was given still is the account's: it may
// have been changed while the plan was open or the computer slept. If not, the question is asked again.
func (e *enrollment) tokenStands(ctx context.Context) error {
	if e.token.name == "" || e.password.Empty() && e.snapshot().Account.Yes { // an earlier try has used it, and well
		return nil
	}
	if !e.password.Empty() {
		err := e.c.Host.VerifyUser(ctx, e.token.name, e.password)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		e.log.Info("verifying an account again", "err", err)
		if errors.Is(err, platform.ErrPassword) {
			e.note("note.token.changed", "Name", e.token.name)
		}
	}
	e.forgetToken()
	e.renewing = true // the plan is not shown again when it is the same
	return goTo(SecureToken)
}

// forgetToken drops the answer and wipes its password.
func (e *enrollment) forgetToken() {
	e.password.Wipe()
	e.token, e.password = tokenChoice{}, platform.Secret{}
}

// accountsOf lists the accounts that can set up the service account or may do so, the person's own first. Where no
// account was read, the administrators are named.
func accountsOf(f platform.Facts) []Account {
	known := f.Accounts
	if len(known) == 0 {
		for _, name := range f.AdminNames {
			known = append(known, platform.Account{Name: name, Admin: true})
		}
	}
	var own, others []Account
	for _, a := range known {
		switch {
		case !qualifies(a):
		case a.Name == f.User:
			own = append(own, Account{a.Name, accountNote(a)})
		default:
			others = append(others, Account{a.Name, accountNote(a)})
		}
	}
	return append(own, others...)
}

// accountNote says what is known of an account.
func accountNote(a platform.Account) string {
	token, role := "note.account.token-unknown", "note.account.standard"
	switch a.SecureToken {
	case platform.Yes:
		token = "note.account.token"
	case platform.No:
		token = "note.account.token-none"
	}
	if a.Admin {
		role = "note.account.admin"
	}
	return assets.Text(token) + " · " + assets.Text(role)
}
