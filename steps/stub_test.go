package steps

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/server-stub/stub"
	"example.com/enrollment-assistant/server-stub/stubtest"
)

// demo serves the demo organization, and gives the profile that its admin would ship.
func demo(t *testing.T) (*stubtest.Organization, Profile) {
	t.Helper()
	o := stubtest.Demo(t)
	return o, Profile{Protected: true, CA: string(o.CA), SignIn: SignIn{KeyEndpoint: "/userconsole/api/connectkey"}, Endpoints: &o.Endpoints}
}

// probing is a fake computer that asks real hosts.
func probing(p Profile) (*fake.Computer, platform.Host) {
	c := fake.Ubuntu2404()
	h := c.Host()
	h.Probe = platform.New(platform.Options{RootsPEM: []byte(p.CA)}).Probe
	return c, h
}

// code is what nora's authenticator shows.
func code(t *testing.T, o *stubtest.Organization) platform.Secret {
	t.Helper()
	now, _, err := o.TOTPNow(t.Context(), o.Person(t, "nora").ID)
	if err != nil {
		t.Fatal(err)
	}
	return platform.NewSecret(now)
}

// kickstart asks for the vendor's script with a key, as the elevated side does.
func kickstart(t *testing.T, p Profile, key string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Endpoints.Kickstart+"/Kickstart", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(keyHeader, key)
	resp, err := p.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// Signing in with password and code, over real TLS: every host answers, and the key that is fetched is one that the
// server takes. Neither it nor the password is told or logged.
func TestRun_Stub(t *testing.T) {
	server, profile := demo(t)
	_, host := probing(profile)
	key := ""
	elevate := host.Elevate
	host.Elevate = func(ctx context.Context, j platform.Job, report func(platform.Report)) error {
		key = j.Key.Reveal()
		return elevate(ctx, j, report)
	}
	var log bytes.Buffer
	c := Config{
		Host: host, Profile: profile, StateDir: t.TempDir(),
		Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	ui := &scripted{}
	var factors [][]string
	ui.login = func(q LoginQuestion) (LoginAnswer, error) {
		factors = append(factors, q.Factors)
		if len(q.Factors) == 0 {
			return LoginAnswer{Email: "nora@acme.example", Password: platform.NewSecret(stub.DemoUserPassword)}, nil
		}
		return LoginAnswer{OTP: code(t, server)}, nil
	}
	ui.confirm = func(q Confirmation) (Choice, error) {
		if q.Step == Requirements {
			for _, id := range []string{CheckHosts, CheckClock} {
				if found := check(t, q.Checks, id); found.Level != LevelOK {
					t.Errorf("%+v", found)
				}
			}
		}
		return Choice{}, nil
	}
	if _, err := Run(t.Context(), c, ui); err != nil {
		t.Fatal(err)
	}
	if len(factors) != 2 || !slices.Equal(factors[1], []string{"totp"}) {
		t.Errorf("factors %v", factors)
	}
	if got := kickstart(t, profile, key); got != http.StatusOK {
		t.Errorf("the server answers %d to the key", got)
	}
	if all := ui.everything(t) + log.String(); strings.Contains(all, key) || strings.Contains(all, stub.DemoUserPassword) {
		t.Errorf("a secret was told:\n%s", all)
	}
}

// What the stub refuses, in the words that a person reads.
func TestRun_StubRefusals(t *testing.T) {
	server, profile := demo(t)
	right := platform.NewSecret
	for _, tc := range []struct {
		name     string
		email    string
		password platform.Secret
		off      bool
		say      string
	}{
		{"wrong password", "ben@acme.example", right("wrong"), false, "Email or password is wrong"},
		{"nobody of that name", "eve@acme.example", right(stub.DemoUserPassword), false, "Email or password is wrong"},
		{"switched off", "ben@acme.example", right(stub.DemoUserPassword), true, "Your IT team has not switched this on"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			admins, err := server.Admins(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(admins, func(a stub.Admin) bool { return a.Role == stub.RoleAdministrator })
			if err := server.SetEnrollment(t.Context(), admins[i], !tc.off); err != nil {
				t.Fatal(err)
			}
			_, host := probing(profile)
			ui := &scripted{}
			ui.login, _ = signer(LoginAnswer{Email: tc.email, Password: tc.password})
			_, err = Run(t.Context(), Config{Host: host, Profile: profile, StateDir: t.TempDir()}, ui)
			wantCode(t, err, CodeSignIn, 13)
			if !strings.Contains(ui.everything(t), tc.say) {
				t.Errorf("it does not say %q:\n%s", tc.say, ui.everything(t))
			}
		})
	}
}

// A clock that is years off makes the stub's certificate look invalid: said as the clock, never as unreachable.
func TestCheckComputer_StubClock(t *testing.T) {
	_, profile := demo(t)
	computer, host := probing(profile)
	past := time.Now().AddDate(-5, 0, 0)
	ask := host.Probe
	host.Probe = func(ctx context.Context, base string, private bool) platform.HostAnswer {
		a := ask(ctx, base, private) // the certificate's dates are real; the verdict is that of a computer in the past
		if a.NotBefore.IsZero() || !past.Before(a.NotBefore) {
			t.Errorf("dates of %s: %+v", base, a)
		}
		a.Failure, a.HasOffset = platform.FailClock, false
		return a
	}
	computer.Now = func() time.Time { return past }
	checks := CheckComputer(t.Context(), Config{Host: host, Profile: profile, Now: computer.Now}, "", nil)
	if c := check(t, checks, CheckClock); c.Level != LevelBlock || c.Code != CodeClock || !strings.Contains(c.Title, "behind") {
		t.Errorf("%+v", c)
	}
	if c := check(t, checks, CheckHosts); c.Level != LevelInfo {
		t.Errorf("%+v", c)
	}
}
