package steps

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

func signInConfig(t *testing.T, s *httptest.Server, log io.Writer) (Config, *fake.Computer) {
	t.Helper()
	computer := fake.Ubuntu2404()
	c := config(t, computer)
	c.Profile = Profile{
		Protected: true, CA: serverPEM(s), SignIn: SignIn{KeyEndpoint: "/userconsole/api/connectkey"},
		Endpoints: &platform.Endpoints{Console: s.URL, Kickstart: s.URL, PrivateKickstart: s.URL, Agent: s.URL, Packages: s.URL},
	}
	c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return c, computer
}

func signer(answers ...LoginAnswer) (func(LoginQuestion) (LoginAnswer, error), *[]LoginQuestion) {
	var asked []LoginQuestion
	return func(q LoginQuestion) (LoginAnswer, error) {
		asked = append(asked, q)
		if len(asked) > len(answers) {
			return LoginAnswer{}, ErrQuit
		}
		return answers[len(asked)-1], nil
	}, &asked
}

func TestRun_SignIn(t *testing.T) {
	with := func(password, otp string) LoginAnswer {
		a := LoginAnswer{Email: "nora@acme.example", Password: platform.NewSecret(password)}
		if otp != "" {
			a.OTP = platform.NewSecret(otp)
		}
		return a
	}
	const right = "pass-CANARY"
	for _, tc := range []struct {
		name    string
		portal  portalMood
		answers []LoginAnswer
		code    Code // empty: it goes well
		asked   int
		check   func(t *testing.T, asked []LoginQuestion)
	}{
		{name: "password", answers: []LoginAnswer{with(right, "")}, asked: 1, check: func(t *testing.T, q []LoginQuestion) {
			if !q[0].Wizard || q[0].Retry != "" || len(q[0].Factors) != 0 {
				t.Errorf("%+v", q)
			}
		}},
		{name: "wrong password first", answers: []LoginAnswer{with("wrong", ""), with(right, "")}, asked: 2, check: func(t *testing.T, q []LoginQuestion) {
			if q[1].Retry != "Email or password is wrong" || len(q[1].Factors) != 0 {
				t.Errorf("%+v", q[1])
			}
		}},
		{name: "code asked for", portal: portalMood{mfa: true}, answers: []LoginAnswer{with(right, ""), {OTP: platform.NewSecret("123456")}}, asked: 2,
			check: func(t *testing.T, q []LoginQuestion) {
				if q[1].Retry != "" || !slices.Equal(q[1].Factors, []string{"totp"}) {
					t.Errorf("%+v", q[1])
				}
			}},
		{name: "code given with everything", portal: portalMood{mfa: true}, answers: []LoginAnswer{with(right, "123456")}, asked: 1},
		{name: "everything again with the code", portal: portalMood{mfa: true}, answers: []LoginAnswer{with(right, ""), with(right, "123456")}, asked: 2},
		{name: "wrong code first", portal: portalMood{mfa: true}, answers: []LoginAnswer{with(right, ""), {OTP: platform.NewSecret("000000")}, {OTP: platform.NewSecret("123456")}}, asked: 3,
			check: func(t *testing.T, q []LoginQuestion) {
				if !strings.Contains(q[2].Retry, "code was not accepted") || !slices.Equal(q[2].Factors, []string{"totp"}) {
					t.Errorf("%+v", q[2])
				}
			}},
		{name: "quit after a wrong password", answers: []LoginAnswer{with("wrong", "")}, code: CodeSignIn, asked: 2},
		{name: "locked", portal: portalMood{locked: true}, answers: []LoginAnswer{with(right, "")}, code: CodeSignIn, asked: 2, check: func(t *testing.T, q []LoginQuestion) {
			if !strings.Contains(q[1].Retry, "locked") {
				t.Errorf("%+v", q[1])
			}
		}},
		{name: "no code at hand", portal: portalMood{mfa: true}, answers: []LoginAnswer{with(right, "")}, code: CodeSignIn, asked: 2},
		{name: "push alone", portal: portalMood{push: true}, answers: []LoginAnswer{with(right, "")}, code: CodeSignIn, asked: 2, check: func(t *testing.T, q []LoginQuestion) {
			if !strings.Contains(q[1].Retry, "browser") || len(q[1].Factors) != 0 {
				t.Errorf("%+v", q[1])
			}
		}},
		{name: "switched off", portal: portalMood{off: true}, answers: []LoginAnswer{with(right, "")}, code: CodeSignIn, asked: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := servePortal(t, &userPortal{portalMood: tc.portal})
			var log bytes.Buffer
			c, computer := signInConfig(t, s, &log)
			ui := &scripted{}
			var asked *[]LoginQuestion
			ui.login, asked = signer(tc.answers...)
			_, err := Run(t.Context(), c, ui)
			if tc.code != "" {
				wantCode(t, err, tc.code, 13)
			} else if err != nil {
				t.Fatal(err)
			}
			if len(*asked) != tc.asked {
				t.Errorf("asked %d times: %+v", len(*asked), *asked)
			}
			if tc.check != nil {
				tc.check(t, *asked)
			}
			for i, a := range tc.answers {
				if !a.Password.Empty() || !a.OTP.Empty() {
					t.Errorf("answer %d was not wiped", i)
				}
			}
			if slices.Contains(ui.asked, ConnectKey) {
				t.Error("the key was fetched, and asked for")
			}
			if tc.code == "" && len(computer.Jobs()) != 1 {
				t.Errorf("%d jobs", len(computer.Jobs()))
			}
			if all := ui.everything(t) + log.String(); strings.Contains(all, "CANARY") || strings.Contains(all, "123456") {
				t.Errorf("a secret was told:\n%s", all)
			}
		})
	}
}

func TestRun_SignInOff(t *testing.T) {
	s := servePortal(t, &userPortal{portalMood: portalMood{off: true}})
	c, _ := signInConfig(t, s, io.Discard)
	ui := &scripted{}
	ui.login, _ = signer(LoginAnswer{Email: "nora@acme.example", Password: platform.NewSecret("pass-CANARY")})
	var shown []Problem
	ui.problem = func(p Problem) error { shown = append(shown, p); return ErrQuit }
	_, err := Run(t.Context(), c, ui)
	wantCode(t, err, CodeSignIn, 13)
	if len(shown) != 1 || shown[0].Summary != "Your IT team has not switched this on" || shown[0].Link != LinkEnrollment {
		t.Errorf("%+v", shown)
	}
}

func TestRun_SignInUnreachable(t *testing.T) {
	portal := &userPortal{}
	s := servePortal(t, portal)
	c, _ := signInConfig(t, s, io.Discard)
	refuse := true
	c.Client = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if refuse {
			return nil, errors.New("connection refused")
		}
		return s.Client().Transport.RoundTrip(r)
	})}
	ui := &scripted{}
	ui.login = func(LoginQuestion) (LoginAnswer, error) {
		return LoginAnswer{Email: "nora@acme.example", Password: platform.NewSecret("pass-CANARY")}, nil
	}
	var shown []Problem
	ui.problem = func(p Problem) error { shown = append(shown, p); refuse = false; return nil }
	if _, err := Run(t.Context(), c, ui); err != nil {
		t.Fatal(err)
	}
	if len(shown) != 1 || shown[0].Code != CodeUnreachable || !shown[0].Retry || !strings.Contains(shown[0].Summary, "127.0.0.1:") {
		t.Errorf("%+v", shown)
	}
}

// A portal whose certificate looks invalid because of the clock is said as the clock, never as unreachable.
func TestRun_SignInClock(t *testing.T) {
	for name, sync := range map[string]platform.TimeSync{
		"is on": {Can: platform.Yes, On: platform.Yes}, "would be switched on by the install": {Can: platform.Yes, On: platform.No},
	} {
		t.Run("automatic time "+name, func(t *testing.T) { signInClock(t, sync) })
	}
}

func signInClock(t *testing.T, sync platform.TimeSync) {
	s := servePortal(t, &userPortal{})
	c, computer := signInConfig(t, s, io.Discard)
	computer.Facts.Linux.Sync = sync
	computer.Answers = map[string]platform.HostAnswer{
		s.URL: {Failure: platform.FailClock, NotBefore: time.Now().AddDate(3, 0, 0), NotAfter: time.Now().AddDate(4, 0, 0)},
	}
	c.Client = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}
	})}
	ui := &scripted{}
	ui.login, _ = signer(LoginAnswer{Email: "nora@acme.example", Password: platform.NewSecret("pass-CANARY")})
	_, err := Run(t.Context(), c, ui)
	wantCode(t, err, CodeClock, 21)
	if said := err.(*Problem).Hint; !strings.Contains(said, "Set date and time") { //nolint:errorlint // wantCode saw that it is one
		t.Errorf("it says %q", said)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRun_SignInThenOwnKey(t *testing.T) {
	s := servePortal(t, &userPortal{})
	c, computer := signInConfig(t, s, io.Discard)
	ui := &scripted{}
	logins := 0
	ui.login = func(LoginQuestion) (LoginAnswer, error) {
		if logins++; logins == 1 {
			return LoginAnswer{Email: "nora@acme.example", Password: platform.NewSecret("pass-CANARY")}, nil
		}
		return LoginAnswer{HaveKey: true}, nil
	}
	ui.key = func(KeyQuestion) (platform.Secret, error) { return platform.NewSecret(hexKey), nil }
	backs := 0
	ui.confirm = func(q Confirmation) (Choice, error) {
		if q.Step == Requirements && backs == 0 {
			backs++
			return Choice{}, ErrBack
		}
		return Choice{}, nil
	}
	used := ""
	elevate := c.Host.Elevate
	c.Host.Elevate = func(ctx context.Context, j platform.Job, report func(platform.Report)) error {
		used = j.Key.Reveal()
		return elevate(ctx, j, report)
	}
	if _, err := Run(t.Context(), c, ui); err != nil {
		t.Fatal(err)
	}
	if used != hexKey || len(computer.Jobs()) != 1 || logins != 2 {
		t.Errorf("key %q, %d jobs, %d logins", used, len(computer.Jobs()), logins)
	}
}
