package main

import (
	"context"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// Login implements steps.UI.
func (t *terminal) Login(ctx context.Context, q steps.LoginQuestion) (steps.LoginAnswer, error) {
	if q.Retry != "" {
		t.print(q.Retry)
	}
	if len(q.Factors) > 0 {
		return t.secondFactor(ctx)
	}
	t.print(assets.Text("cli.login.portal", "URL", q.PortalURL))
	prompt := assets.Text("cli.login.ask")
	if q.Wizard {
		prompt = assets.Text("cli.login.ask-wizard")
	}
	for {
		text, err := t.line(ctx, prompt)
		if err != nil {
			return steps.LoginAnswer{}, err
		}
		switch {
		case isWord(text, "key"):
			return steps.LoginAnswer{HaveKey: true}, nil
		case isWord(text, "browser"), text == "" && !q.Wizard:
			return steps.LoginAnswer{Browser: true}, nil
		case q.Wizard && (text == "" || isWord(text, "here")):
			return t.signIn(ctx)
		}
	}
}

// signIn asks for email address and password.
func (t *terminal) signIn(ctx context.Context) (steps.LoginAnswer, error) {
	email, err := t.line(ctx, assets.Text("cli.login.email"))
	if err != nil {
		return steps.LoginAnswer{}, err
	}
	password, err := t.secret(ctx, assets.Text("cli.login.password"), false)
	if err != nil {
		return steps.LoginAnswer{}, err
	}
	t.email, t.password = email, password
	return steps.LoginAnswer{Email: email, Password: platform.NewSecret(password.Reveal())}, nil
}

// secondFactor asks for one code; the sign-in it belongs to is known.
func (t *terminal) secondFactor(ctx context.Context) (steps.LoginAnswer, error) {
	code, err := t.secret(ctx, assets.Text("cli.login.code"), true)
	if err != nil {
		return steps.LoginAnswer{}, err
	}
	return steps.LoginAnswer{Email: t.email, Password: platform.NewSecret(t.password.Reveal()), OTP: code}, nil
}

// ConnectKey implements steps.UI.
func (t *terminal) ConnectKey(ctx context.Context, q steps.KeyQuestion) (platform.Secret, error) {
	if q.Retry != nil {
		t.print(problemText(q.Retry))
	}
	t.print(assets.Text("cli.key.own", "URL", q.PortalURL))
	for {
		key, err := t.secret(ctx, assets.Text("cli.key.ask"), true)
		if err != nil {
			return platform.Secret{}, err
		}
		if q.Check == nil {
			return key, nil
		}
		_, problem := q.Check(key.Reveal())
		if problem == nil {
			return key, nil
		}
		key.Wipe()
		t.print(problemText(problem))
	}
}

// SecureToken implements steps.UI.
func (t *terminal) SecureToken(ctx context.Context, q steps.TokenQuestion) (steps.TokenAnswer, error) {
	if q.Retry != "" {
		t.print(q.Retry)
	}
	if q.Own != "" {
		t.print(q.Own)
	}
	if q.Request != nil && q.Retry == "" {
		t.print(requestText(*q.Request))
	}
	if len(q.Accounts) == 0 {
		t.print(assets.Text("gui.secure-token.none"))
	} else {
		t.print(assets.Text("cli.token.why", "Accounts", strings.Join(accountNames(q.Accounts), ", ")))
	}
	if q.Without != "" {
		t.print(q.Without)
	}
	name, err := t.line(ctx, assets.Text("cli.token.name"))
	if err != nil {
		return steps.TokenAnswer{}, err
	}
	if isWord(name, "skip") {
		return steps.TokenAnswer{Skip: true}, nil
	}
	password, err := t.secret(ctx, assets.Text("cli.token.password", "Name", name), false)
	return steps.TokenAnswer{Name: name, Password: password}, err
}

// access says where Full Disk Access is given. The question ends by itself when it was, or when the time is over.
func (t *terminal) access(ctx context.Context, q steps.AccessQuestion) (steps.Choice, error) {
	t.print(assets.Text("cli.access.what", "Time", q.Until.Local().Format("15:04")))
	t.print(assets.Text("cli.access.open", "Command", whole("open '"+q.Settings+"'")))
	for {
		text, err := t.line(ctx, assets.Text("cli.access.ask"))
		if err != nil || text == "" {
			return steps.Choice{}, err
		}
	}
}

// accountNames gives each account with its note.
func accountNames(accounts []steps.Account) []string {
	names := make([]string, len(accounts))
	for i, a := range accounts {
		names[i] = a.Name
		if a.Note != "" {
			names[i] += " (" + a.Note + ")"
		}
	}
	return names
}

// wipe overwrites what was typed.
func (t *terminal) wipe() { t.password.Wipe() }
