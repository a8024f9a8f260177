package steps

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// login has the person sign in where a key can be made: in the browser, or here where a protected profile names the
// endpoint that issues one. It is passed over when there is a key already.
func (e *enrollment) login(ctx context.Context) error {
	if e.keySource == keyOfProfile || e.recall(ctx) {
		return nil
	}
	e.enter(Login)
	e.asked = true
	q := LoginQuestion{PortalURL: e.portalURL(), Wizard: e.c.Profile.SignIn.KeyEndpoint != ""}
	var portal *Portal
	var last *Problem
	var retry sentence
	for {
		a, err := anew(e, func() (LoginAnswer, error) {
			q.Retry = retry.text()
			return e.ui.Login(ctx, q)
		})
		switch {
		case errors.Is(err, ErrQuit) && last != nil:
			return &quit{last}
		case err != nil:
			return err
		case a.HaveKey:
			e.dropSessionKey()
			return nil
		case a.Browser || !q.Wizard:
			e.dropSessionKey()
			e.openPortal(q.PortalURL)
			return nil
		}
		var key platform.Secret
		portal, key, err = e.signIn(ctx, portal, a, q.Factors)
		if err == nil {
			e.survey.isUser(portal.User(ctx))
			return e.takeSessionKey(key)
		}
		problem, factors := e.signInProblem(ctx, err)
		if problem.Code != CodeSignIn || !problem.Retry {
			return problem
		}
		last = problem
		retry, q.Factors = nextSignIn(err, problem, factors)
	}
}

// nextSignIn is what the sign-in page says after a refusal, and the second factors that it asks for.
func nextSignIn(err error, p *Problem, factors []string) (retry sentence, next []string) {
	var refused *PortalError
	if errors.As(err, &refused) {
		switch refused.Refusal {
		case RefusedFactor: // nothing was wrong: the service asks for more
			if slices.Contains(factors, "totp") {
				return sentence{}, factors
			}
			return sentence{key: "problem.sign-in.other-factor"}, nil
		case RefusedCode:
			return p.summary, []string{"totp"}
		}
	}
	return p.summary, nil
}

// signIn does what the answer allows: password, code, key. The secrets of the answer are wiped.
func (e *enrollment) signIn(ctx context.Context, portal *Portal, a LoginAnswer, factors []string) (*Portal, platform.Secret, error) {
	defer a.Password.Wipe()
	defer a.OTP.Wipe()
	if portal == nil || len(factors) == 0 || a.OTP.Empty() {
		portal = NewPortal(e.endpoints().Console, e.c.Profile.SignIn.KeyEndpoint, e.c.Client)
		err := portal.SignIn(ctx, a.Email, a.Password)
		var refused *PortalError
		switch {
		case errors.As(err, &refused) && refused.Refusal == RefusedFactor && !a.OTP.Empty():
			// The code was given with the password.
		case err != nil:
			return portal, platform.Secret{}, err
		default:
			key, err := portal.ConnectKey(ctx)
			return portal, key, err
		}
	}
	if err := portal.OTP(ctx, a.OTP); err != nil {
		return portal, platform.Secret{}, err
	}
	key, err := portal.ConnectKey(ctx)
	return portal, key, err
}

// takeSessionKey keeps a key whose age is known exactly.
func (e *enrollment) takeSessionKey(secret platform.Secret) error {
	defer secret.Wipe()
	k, problem := e.checkKey(secret.Reveal())
	if problem != nil {
		return problem.say("problem.sign-in.not-a-key", "problem.sign-in.hint")
	}
	e.acceptKey(k, keyOfSession)
	e.note("note.key.made")
	return nil
}

// dropSessionKey forgets a key of an earlier answer: the person now brings one.
func (e *enrollment) dropSessionKey() {
	if e.keySource != keyNone {
		e.dropKey()
	}
}

// openPortal shows the portal in the browser. A computer without one is told the address.
func (e *enrollment) openPortal(url string) {
	if e.c.Host.OpenURL != nil {
		err := e.c.Host.OpenURL(url)
		if err == nil {
			e.opened = true
			return
		}
		e.log.Warn("opening the browser", "err", err)
	}
	e.note("note.portal.open", "URL", url)
}

// signInProblem is a sign-in that failed, and the second factors that the service now waits for. CodeSignIn with
// Retry is said on the sign-in page itself; anything else is a page of its own.
func (e *enrollment) signInProblem(ctx context.Context, err error) (*Problem, []string) {
	var refused *PortalError
	if !errors.As(err, &refused) {
		return e.networkProblem(ctx, Login, e.endpoints().Console, err), nil
	}
	p := &Problem{Code: CodeSignIn, Step: Login, Retry: true, Err: err}
	key, hint := "problem.sign-in."+string(refused.Refusal), "problem.sign-in.hint"
	switch refused.Refusal {
	case RefusedOff:
		p.Link, p.Retry = LinkEnrollment, false
		hint = key + ".hint"
	case RefusedBusy, RefusedDown, RefusedOther, RefusedAnswer: // nothing that was typed
		p.Code, hint = CodeUnreachable, key+".hint"
	}
	return p.say(key, hint), refused.Factors
}

// networkProblem is a host that was not reached. Certificates that look invalid may mean that the clock is wrong,
// which the checks tell apart.
func (e *enrollment) networkProblem(ctx context.Context, s Step, base string, err error) *Problem {
	if certificateDates(err) {
		if e.survey.await(ctx) == nil {
			for _, c := range e.survey.checks() {
				if c.ID == CheckClock && (c.Level == LevelBlock || c.Fix != "") {
					// What the install would put right is in the way before there is any.
					c.Code, c.Text = CodeClock, assets.Text("check.clock.broken.text")
					p := checkProblem(c, s)
					p.Err = err
					return p
				}
			}
		}
	}
	var unverified *tls.CertificateVerificationError
	if errors.As(err, &unverified) {
		p := &Problem{Code: CodeUntrusted, Step: s, Retry: true, Err: err}
		return e.explain(ctx, p.say("problem.untrusted", "problem.untrusted.hint", "Host", hostOf(base)))
	}
	p := &Problem{Code: CodeUnreachable, Step: s, Retry: true, Err: err}
	return e.explain(ctx, p.say("problem.unreachable", "problem.unreachable.hint", "Host", hostOf(base)))
}
