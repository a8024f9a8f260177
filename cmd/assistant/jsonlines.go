package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// jsonLines is the front end of scripts: every event is one line of JSON, and nothing else is written there. It
// never asks: what the answers do not hold is a problem, and so is a question asked twice, because the answer would
// be the same again. Such a problem is the answer to the question, so that Run tells it and ends with it.
type jsonLines struct {
	answers answers
	region  platform.Region
	now     func() time.Time

	mu    sync.Mutex
	lines *json.Encoder
	last  steps.Kind
}

// newJSONLines writes to out.
func newJSONLines(out io.Writer, a answers, region platform.Region) *jsonLines {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	return &jsonLines{answers: a, region: region, now: time.Now, lines: lines}
}

// Event implements steps.UI.
func (j *jsonLines) Event(e steps.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last = e.Kind
	_ = j.lines.Encode(e) // an Event always marshals, and a reader that is gone does not stop an install
}

// Confirm implements steps.UI: yes to everything that can be confirmed. Starting this command in a script is the
// consent to the welcome page's two questions. Nobody is there to give Full Disk Access, so an install goes on without
// it at once; an MDM profile gives it beforehand, or later.
func (j *jsonLines) Confirm(_ context.Context, q steps.Confirmation) (steps.Choice, error) {
	if q.Welcome == nil {
		return steps.Choice{}, nil
	}
	if q.Welcome.Blocked != nil {
		return steps.Choice{}, q.Welcome.Blocked
	}
	if len(q.Welcome.Regions) == 0 {
		return steps.Choice{}, nil
	}
	if !slices.Contains(q.Welcome.Regions, j.region) {
		return steps.Choice{}, lacking(steps.Welcome, "cli.answers.region")
	}
	return steps.Choice{Region: j.region}, nil
}

// Login implements steps.UI.
func (j *jsonLines) Login(_ context.Context, q steps.LoginQuestion) (steps.LoginAnswer, error) {
	a := j.answers
	switch {
	case !a.connectKey.Empty():
		return steps.LoginAnswer{HaveKey: true}, nil
	case a.email == "":
		return steps.LoginAnswer{}, lacking(steps.ConnectKey, "cli.answers.no-key")
	case !q.Wizard:
		return steps.LoginAnswer{}, lacking(steps.Login, "cli.answers.no-sign-in")
	case q.Retry != "":
		return steps.LoginAnswer{}, &steps.Problem{Code: steps.CodeSignIn, Step: steps.Login, Summary: q.Retry,
			Hint: assets.Text("cli.answers.sign-in")}
	}
	answer := steps.LoginAnswer{Email: a.email, Password: platform.NewSecret(a.password.Reveal())}
	if len(q.Factors) == 0 {
		return answer, nil
	}
	if a.totpSecret.Empty() {
		return steps.LoginAnswer{}, lacking(steps.Login, "cli.answers.no-totp")
	}
	code, err := totpCode(a.totpSecret, j.now())
	if err != nil {
		return steps.LoginAnswer{}, lacking(steps.Login, "cli.answers.bad-totp")
	}
	answer.OTP = code
	return answer, nil
}

// ConnectKey implements steps.UI.
func (j *jsonLines) ConnectKey(_ context.Context, q steps.KeyQuestion) (platform.Secret, error) {
	if q.Retry != nil {
		return platform.Secret{}, q.Retry
	}
	if j.answers.connectKey.Empty() {
		return platform.Secret{}, lacking(steps.ConnectKey, "cli.answers.no-key")
	}
	return platform.NewSecret(j.answers.connectKey.Reveal()), nil
}

// SecureToken implements steps.UI: without an account in the answers it is skipped, as the vendor's own installer does
// without a person.
func (j *jsonLines) SecureToken(_ context.Context, q steps.TokenQuestion) (steps.TokenAnswer, error) {
	if j.answers.macAccount == "" {
		return steps.TokenAnswer{Skip: true}, nil
	}
	if q.Retry != "" {
		return steps.TokenAnswer{}, &steps.Problem{Code: steps.CodeUsage, Step: steps.SecureToken, Summary: q.Retry,
			Hint: assets.Text("cli.answers.mac")}
	}
	return steps.TokenAnswer{Name: j.answers.macAccount, Password: platform.NewSecret(j.answers.macPassword.Reveal())}, nil
}

// Problem implements steps.UI. A script that wants to try again starts the command again.
func (j *jsonLines) Problem(context.Context, steps.Problem) error { return steps.ErrQuit }

// lacking is a question that the answers do not answer.
func lacking(step steps.Step, key string) *steps.Problem {
	p := usageProblem(key)
	p.Step = step
	return p
}

// finish gives the problem that err stands for, nil when there is none, and makes sure that the last line is a finished
// event which tells it, also where the enrollment did not begin.
func (j *jsonLines) finish(err error) *steps.Problem {
	if err == nil {
		return nil
	}
	p := asProblem(err)
	if j.last != steps.KindFinished {
		j.Event(steps.Event{Time: j.now(), Kind: steps.KindFinished, Step: p.Step, Problem: p})
	}
	return p
}
