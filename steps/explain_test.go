package steps

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// What is said of a failure depends on what the hosts and the clock look like by then.
func TestRun_Explains(t *testing.T) {
	const kickstart = "https://kickstart.jumpcloud.com"
	closed := map[string]platform.HostAnswer{kickstart: {Host: "kickstart.jumpcloud.com", Failure: platform.FailConnect}}
	foreign := map[string]platform.HostAnswer{kickstart: {Host: "kickstart.jumpcloud.com", Failure: platform.FailCertificate, Issuer: "Acme Inspection"}}
	late := map[string]platform.HostAnswer{}
	us, _ := platform.EndpointsOf(platform.RegionUS)
	for _, base := range basesOf(us) {
		late[base] = platform.HostAnswer{Host: hostOf(base), Failure: platform.FailClock, NotBefore: time.Now().AddDate(1000, 0, 0)}
	}
	for _, tc := range []struct {
		name    string
		fail    platform.JobCode
		phase   platform.Phase
		answers map[string]platform.HostAnswer // by the time that it fails; nil: all is well
		code    Code
		want    []string
		never   string
	}{
		{"a server that fails", platform.JobUnreachable, platform.PhaseFetchScript, nil, CodeUnreachable,
			[]string{"JumpCloud answers, but not as it should", "JumpCloud has a fault"}, "Check your internet"},
		{"a host that went away", platform.JobUnreachable, platform.PhaseFetchScript, closed, CodeUnreachable,
			[]string{"kickstart.jumpcloud.com cannot be reached", "firewall"}, "not as it should"},
		{"a network that inspects", platform.JobScriptFailed, platform.PhaseRunScript, foreign, CodeUntrusted,
			[]string{"is not trusted", "Acme Inspection"}, "install script failed"},
		{"a script that fails by itself", platform.JobScriptFailed, platform.PhaseRunScript, nil, CodeInstallFailed, []string{"install script failed"}, "as it should"},
		{"an agent's own certificates replaced", platform.JobInsecure, platform.PhaseRunScript, nil, CodeUntrusted,
			[]string{"is not trusted", "ask your IT team to exempt"}, "install script failed"},
		{"and public ones too", platform.JobInsecure, platform.PhaseRunScript, foreign, CodeUntrusted, []string{"Acme Inspection"}, "exempt"},
		{"a clock that is right", platform.JobClock, platform.PhaseRunScript, nil, CodeInstallFailed, []string{"though the clock is right"}, "automatic time"},
		{"a clock that is wrong", platform.JobClock, platform.PhaseRunScript, late, CodeClock, []string{"behind"}, "clock is right"},
		{"not registered, and all answer", platform.JobNotRegistered, platform.PhaseRegister, nil, CodeNotOnline,
			[]string{"does not know this computer yet", "hosts answer from here"}, "Check your internet"},
		{"not registered, and one does not", platform.JobNotRegistered, platform.PhaseRegister, closed, CodeNotOnline,
			[]string{"does not know this computer yet", "kickstart.jumpcloud.com cannot be reached"}, "hosts answer"},
		{"what is not the network's", platform.JobServiceFailed, platform.PhaseStartService, closed, CodeInstallFailed, []string{"does not keep running"}, "cannot be reached"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				computer := fake.Ubuntu2404()
				computer.Fail = &platform.JobError{Phase: tc.phase, Code: tc.fail, Detail: "detail"}
				ui := &scripted{}
				ui.onEvent = func(v Event) {
					if v.Kind == KindStep && v.Step == Install {
						computer.Change(func(c *fake.Computer) { c.Answers = tc.answers })
					}
				}
				_, err := Run(t.Context(), config(t, computer), ui)
				wantCode(t, err, tc.code, exitCodes[tc.code])
				said := err.(*Problem).Summary + ". " + err.(*Problem).Hint //nolint:errorlint // wantCode saw that it is one
				for _, words := range tc.want {
					if !strings.Contains(said, words) {
						t.Errorf("%q does not say %q", said, words)
					}
				}
				if strings.Contains(said, tc.never) || strings.Contains(said, "[problem") || !err.(*Problem).Retry { //nolint:errorlint // as above
					t.Errorf("it says %q", said)
				}
			})
		})
	}
}

// A portal that fails, is busy, or is not the portal, is never said as a password that is wrong.
func TestRun_SignInNotThePersonsFault(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"a fault", http.StatusServiceUnavailable, "maintenance", "The User Portal has a fault at the moment"},
		{"too many requests", http.StatusTooManyRequests, "slow down", "too many requests"},
		{"a web page", http.StatusOK, "<!DOCTYPE html><title>Sign in to the network</title>", "Something other than the User Portal"},
		{"a redirect", http.StatusFound, "", "Something other than the User Portal"},
		{"an answer of another kind", http.StatusTeapot, "{}", "an answer that the assistant does not know"},
	} {
		for _, path := range []string{"/userconsole/xsrf", "/userconsole/auth", "/userconsole/api/connectkey"} {
			t.Run(tc.name+" at "+path, func(t *testing.T) {
				portal := servePortal(t, &userPortal{})
				portal.Config.Handler = instead(portal, path, tc.status, tc.body)
				c, _ := signInConfig(t, portal, t.Output())
				ui := &scripted{}
				ui.login, _ = signer(LoginAnswer{Email: "nora@acme.example", Password: platform.NewSecret("pass-CANARY")})
				_, err := Run(t.Context(), c, ui)
				wantCode(t, err, CodeUnreachable, 20)
				if p := err.(*Problem); !strings.Contains(p.Summary, tc.want) || !p.Retry { //nolint:errorlint // wantCode saw that it is one
					t.Errorf("it says %q", p.Summary)
				}
			})
		}
	}
}

// A download that ends early is said as that, and the next try gets the rest.
func TestRun_DownloadEndsEarly(t *testing.T) {
	content := debOf(t, "2.166.2")
	s, profile := shelf(t, content)
	whole := s.Config.Handler
	var ranges []string
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ranges = append(ranges, r.Header.Get("Range")); len(ranges) > 1 {
			whole.ServeHTTP(w, r)
			return
		}
		w.Header().Set("ETag", `"one"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:100])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) //nolint:forbidigo // how net/http is told to end a connection without an answer
	})
	c := config(t, fake.Ubuntu2404())
	c.Profile = profile
	var shown []Problem
	ui := &scripted{problem: func(p Problem) error { shown = append(shown, p); return nil }}
	if _, err := Run(t.Context(), c, ui); err != nil {
		t.Fatal(err)
	}
	if len(shown) != 1 || shown[0].Code != CodeUnreachable || !strings.Contains(shown[0].Summary, "ended too early") {
		t.Errorf("%+v", shown)
	}
	if !slices.Equal(ranges, []string{"", "bytes=100-"}) {
		t.Errorf("asked for %q", ranges)
	}
}

// instead gives a handler that answers one path in its own way.
func instead(s *httptest.Server, path string, status int, body string) http.Handler {
	portal := s.Config.Handler
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			portal.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}
