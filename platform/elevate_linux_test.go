package platform

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestElevateScript is the whole script way with two real processes.
func TestElevateScript(t *testing.T) {
	var header string
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Get("x-connect-key") + " " + r.URL.Path
		script(strings.ReplaceAll(goodScript, "KEY", bareKey))(w, r)
	})
	job := b.job()
	job.Language = "de_DE.UTF-8"
	if err := b.run(job, stopAtWatch); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if header != bareKey+" /Kickstart" {
		t.Errorf("asked for %q", header)
	}
	want := []Phase{PhaseConsent, PhaseFetchScript, PhaseRunScript, PhaseStartService, PhaseRegister, PhaseWatch}
	if got := b.phases(); !slices.Equal(got, want) {
		t.Errorf("phases %q, want %q", got, want)
	}
	var output []string
	var state AgentState
	for _, r := range b.reports {
		if r.Output != "" {
			output = append(output, r.Output)
		}
		if r.State != nil {
			state = *r.State
		}
	}
	if !slices.Equal(output, []string{"0022", "using /bin/bash no proxy de_DE.UTF-8", "key [secret]"}) &&
		!slices.Equal(output, []string{"0022", "using /usr/bin/bash no proxy de_DE.UTF-8", "key [secret]"}) {
		t.Errorf("output %q", output)
	}
	if !state.Deep || !state.Installed || state.Version != "2.166.2" || !state.Certificate || state.SystemKey != "64930a6d00466f31842811a1" ||
		len(state.ManagedUsers) != 0 || time.Since(state.LastContact) > time.Minute || !state.Service.Steady(time.Now()) {
		t.Errorf("state %+v", state)
	}
	b.noKeyIn(b.path(stateFolder))
	info, err := os.Stat(b.path(stateFolder))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the elevated side's folder: %v %v", info.Mode(), err)
	}
	info, err = os.Stat(b.path(stateFolder + "/elevated.log"))
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("the elevated side's log: %v %v", info, err)
	}
}

// TestElevateWatch: what changes is told, and told once.
func TestElevateWatch(t *testing.T) {
	b := newBench(t, script(goodScript))
	if err := os.MkdirAll(b.path(agentFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		// Written beside and renamed, as the agent does: a reader never sees half a file.
		if err := os.WriteFile(b.path(name+".new"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(b.path(name+".new"), b.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	write(agentVersion, "2.166.2\n")
	var states []AgentState
	err := b.run(Job{Verb: VerbWatch, Profile: b.profile, Root: b.root}, func(r Report, stop context.CancelFunc) {
		if r.State == nil {
			return
		}
		states = append(states, *r.State)
		switch len(states) {
		case 1:
			write(agentConf, `{"systemKey":"64930a6d00466f31842811a1"}`)
		case 2:
			write(agentUsers, `[{"username":"nora"}]`)
		default:
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || len(states) != 3 {
		t.Fatalf("%v after %+v", err, states)
	}
	if !states[0].Installed || states[0].SystemKey != "" || states[1].SystemKey == "" || !slices.Equal(states[2].ManagedUsers, []string{"nora"}) {
		t.Errorf("states %+v", states)
	}
	if exists(b.path(stateFolder + "/lock")) {
		t.Error("watching took the lock")
	}
}

// TestElevateRefusals: what the server answers becomes a code, and nothing of it is run.
func TestElevateRefusals(t *testing.T) {
	elsewhere := httptest.NewTLSServer(script(goodScript))
	t.Cleanup(elsewhere.Close) // after the parallel tests below
	status := func(code int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, text)
		}
	}
	for _, c := range []struct {
		what    string
		handler http.HandlerFunc
		want    JobCode
	}{
		{"refused", status(http.StatusForbidden, "unknown key "+bareKey), JobKeyRefused},
		{"unauthorized", status(http.StatusUnauthorized, ""), JobKeyRefused},
		{"unsupported", status(http.StatusBadRequest, "Your OS/architecture [Arch/x86_64] is not supported"), JobUnsupported},
		{"clock", status(http.StatusBadRequest, "Your system time seems inaccurate"), JobClock},
		{"broken", status(http.StatusInternalServerError, "#!/bin/bash\n"), JobUnreachable},
		{"busy", status(http.StatusTooManyRequests, ""), JobUnreachable},
		{"html", script("<html><body>Sign in to the hotel's network</body></html>"), JobBadScript},
		{"empty", script(""), JobBadScript},
		{"too long", script("#!/bin/bash\n" + strings.Repeat("# long\n", maxScript/7+1)), JobBadScript},
		{"binary", script("#!/bin/bash\x00"), JobBadScript},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, goodScript)
		}, JobBadScript},
		{"redirected", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/Kickstart", http.StatusFound)
		}, JobBadScript},
		{"redirected to plain http", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+r.Host+"/Kickstart", http.StatusFound)
		}, JobBadScript},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.handler)
			err := b.run(b.job(), nil)
			if got := codeOf(t, err); got != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), bareKey) {
				t.Errorf("the error holds the key: %v", err)
			}
			if got := b.phases(); !slices.Equal(got, []Phase{PhaseConsent, PhaseFetchScript}) || exists(b.path("opt")) {
				t.Errorf("phases %q", got)
			}
		})
	}
}

// TestElevateUntrusted: hosts that nobody protected has named, and a server that nobody vouches for.
func TestElevateUntrusted(t *testing.T) {
	b := newBench(t, script(goodScript))
	job := b.job()
	job.KickstartURL = "https://evil.example"
	if got := codeOf(t, b.run(job, nil)); got != JobUntrusted {
		t.Errorf("a host of nobody's: %q", got)
	}
	job = b.job()
	job.Profile = b.profile + ".missing"
	if got := codeOf(t, b.run(job, nil)); got != JobUntrusted {
		t.Errorf("a profile that cannot be read: %q", got)
	}
	b.trust(testProfile{Endpoints: []string{b.url}})
	if got := codeOf(t, b.run(b.job(), nil)); got != JobUnreachable {
		t.Errorf("a server with an unknown authority: %q", got)
	}
	closed := closedPort(t)
	b.trust(testProfile{Endpoints: []string{closed}})
	job = b.job()
	job.KickstartURL = closed
	if got := codeOf(t, b.run(job, nil)); got != JobUnreachable {
		t.Errorf("a closed port: %q", got)
	}
}

// TestElevateScriptGoodDespiteWords: an installer may print "is not supported" of anything; an agent that comes up
// is an agent that came up.
func TestElevateScriptGoodDespiteWords(t *testing.T) {
	b := newBench(t, script(strings.Replace(goodScript, "umask\n", "echo 'needrestart: microcode check is not supported here'\n", 1)))
	if err := b.run(b.job(), stopAtWatch); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := b.phases(); got[len(got)-1] != PhaseWatch {
		t.Errorf("phases %q", got)
	}
}

// TestElevateScriptFails: how the vendor's script ends becomes a code; exit 0 proves nothing.
func TestElevateScriptFails(t *testing.T) {
	const state = "mkdir -p $STUB_ROOT/opt/jc/bin $STUB_ROOT/var/run $STUB_ROOT/var/log; touch $STUB_ROOT/opt/jc/bin/jumpcloud-agent\n"
	const service = state + "setsid sleep 60 >/dev/null 2>&1 & echo $! >$STUB_ROOT/var/run/jcagent.pid; touch -d '1 minute ago' $STUB_ROOT/var/run/jcagent.pid\n"
	for _, c := range []struct {
		what, script string
		want         JobCode
		phase        Phase
	}{
		{"unsupported", "echo 'Your OS/architecture [arch/x86_64] is not supported'; exit 1", JobUnsupported, PhaseRunScript},
		{"unsupported but well ended", "echo 'unsupported os'; exit 0", JobUnsupported, PhaseRunScript},
		{"unsupported, installed, no service", state + "echo 'unsupported os'", JobUnsupported, PhaseRunScript},
		{"clock", "echo 'Your system time seems inaccurate. Please correct it.'; exit 1", JobClock, PhaseRunScript},
		{"key", "echo 'curl: (22) The requested URL returned error: 403 Forbidden' >&2; exit 1", JobKeyRefused, PhaseRunScript},
		{"network", "echo 'curl: (6) Could not resolve host: kickstart.jumpcloud.com' >&2; exit 6", JobUnreachable, PhaseRunScript},
		{"a server that fails", "echo 'curl: (22) The requested URL returned error: 503' >&2; exit 1", JobUnreachable, PhaseRunScript},
		{"a connection that ends", "echo 'curl: (56) Recv failure: Connection reset by peer' >&2; exit 1", JobUnreachable, PhaseRunScript},
		{"a certificate that is not trusted", "echo 'curl: (60) SSL certificate problem' >&2; exit 1", JobInsecure, PhaseRunScript},
		{"anything", "echo 'It appears your agent installation has failed.'; exit 7", JobScriptFailed, PhaseRunScript},
		{"endless", "sleep 60", JobScriptFailed, PhaseRunScript},
		{"no service", state, JobServiceFailed, PhaseStartService},
		{"nothing is installed", "exit 0", JobNoAgent, PhaseStartService},
		{"not registered", service, JobNotRegistered, PhaseRegister},
		{"unsupported to the service", service + "echo \"$(date '+%Y/%m/%d %H:%M:%S') [1] [ERROR] Template ID request failed with status=400\" >$STUB_ROOT/var/log/jcagent.log", JobUnsupported, PhaseRegister},
		{"the clock, to the service", service + "echo \"$(date '+%Y/%m/%d %H:%M:%S') [1] [ERROR] enrollment refused: 400 the time is wrong\" >$STUB_ROOT/var/log/jcagent.log", JobClock, PhaseRegister},
		{"a certificate that the agent does not trust", service + "echo \"$(date '+%Y/%m/%d %H:%M:%S') [1] [ERROR] failed to enroll: x509: certificate signed by unknown authority\" >$STUB_ROOT/var/log/jcagent.log", JobInsecure, PhaseRegister},
		{"key refused by the service", service + "echo \"$(date '+%Y/%m/%d %H:%M:%S') [1] [ERROR] enrollment refused: 403 unknown key\" >$STUB_ROOT/var/log/jcagent.log", JobKeyRefused, PhaseRegister},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, script("#!/bin/bash\n"+c.script+"\n"))
			err := b.run(b.job(), nil)
			var failed *JobError
			if !errors.As(err, &failed) || failed.Code != c.want || failed.Phase != c.phase {
				t.Errorf("%v, want %s in %s", err, c.want, c.phase)
			}
		})
	}
}

// TestElevateProxy: the job carries the proxy to the download and to the script, with the password that people are
// not shown, and no password comes back.
func TestElevateProxy(t *testing.T) {
	ca := newAuthority(t)
	target := server(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, -time.Hour, time.Hour)}},
		script("#!/bin/bash\necho \"proxy $https_proxy without $no_proxy\"\nexit 9\n"))
	var authorization string
	proxy := httptest.NewServer(tunnel(t, target[len("https://"):], func(r *http.Request) { authorization = r.Header.Get("Proxy-Authorization") }))
	t.Cleanup(proxy.Close)
	b := newBench(t, script(""))
	b.trust(testProfile{Endpoints: []string{"https://stub.example"}, PEM: string(ca.pem)})
	t.Setenv("HTTPS_PROXY", strings.Replace(proxy.URL, "://", "://nora:swordfish@", 1))
	t.Setenv("NO_PROXY", "internal.example")
	job := b.job()
	job.KickstartURL, job.Proxy = "https://stub.example", proxy.URL
	if got := codeOf(t, b.run(job, nil)); got != JobScriptFailed {
		t.Fatalf("%q", got)
	}
	if authorization == "" {
		t.Error("the proxy got no password")
	}
	var lines []string
	for _, r := range b.reports {
		if r.Output != "" {
			lines = append(lines, r.Output)
		}
	}
	said := strings.Join(lines, "|")
	if want := fmt.Sprintf("proxy http://%s@%s without internal.example", hidden, proxy.URL[len("http://"):]); said != want {
		t.Errorf("the script said %q, want %q", said, want)
	}
}
