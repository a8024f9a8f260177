package platform

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// goodScript does what the vendor's script leaves behind: files, and a service that has been up for a while.
const goodScript = `#!/bin/bash
umask
echo "using $0 ${http_proxy:-no proxy} ${LANG}"
echo "key KEY"
mkdir -p $STUB_ROOT/opt/jc/bin $STUB_ROOT/var/run $STUB_ROOT/var/log
touch $STUB_ROOT/opt/jc/bin/jumpcloud-agent
setsid sleep 60 & # holds this script's output open, as a careless installer does
echo $! > $STUB_ROOT/var/run/jcagent.pid
touch -d '1 minute ago' $STUB_ROOT/var/run/jcagent.pid
printf 2.166.2 > $STUB_ROOT/opt/jc/version.txt
echo '{"systemKey":"64930a6d00466f31842811a1"}' > $STUB_ROOT/opt/jc/jcagent.conf
echo cert > $STUB_ROOT/opt/jc/client.crt
echo '[]' > $STUB_ROOT/opt/jc/managedUsers.json
echo "$(date '+%Y/%m/%d %H:%M:%S') [1] [INFO] poll ok" > $STUB_ROOT/var/log/jcagent.log
exit 0
`

// bench is a sandbox, a kickstart server and the profile that names it.
type bench struct {
	t       *testing.T
	root    string
	profile string
	url     string
	mu      sync.Mutex
	reports []Report
}

// newBench starts a kickstart server that answers with h.
func newBench(t *testing.T, h http.HandlerFunc) *bench {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	b := &bench{t: t, root: t.TempDir(), url: s.URL}
	b.profile = filepath.Join(t.TempDir(), "profile.json")
	b.trust(testProfile{Endpoints: []string{s.URL}, PEM: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))})
	t.Cleanup(func() {
		if pid, _, ok := sandboxPID(b.root); ok {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	return b
}

// trust writes the profile.
func (b *bench) trust(p testProfile) {
	b.t.Helper()
	text, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(b.profile, text, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// script serves one script.
func script(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// job is an install by script.
func (b *bench) job() Job {
	return Job{Verb: VerbInstall, Way: WayScript, Key: NewSecret(bareKey), KickstartURL: b.url, Profile: b.profile, Root: b.root}
}

// run elevates a job and keeps its reports; each calls seen, which may stop it.
func (b *bench) run(job Job, seen func(Report, context.CancelFunc)) error {
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	return testElevation(b.root).run(ctx, job, func(r Report) {
		b.mu.Lock()
		b.reports = append(b.reports, r)
		b.mu.Unlock()
		if seen != nil {
			seen(r, cancel)
		}
	})
}

// phases lists the phases that were reported, in order.
func (b *bench) phases() []Phase {
	var list []Phase
	for _, r := range b.reports {
		if len(list) == 0 || list[len(list)-1] != r.Phase {
			list = append(list, r.Phase)
		}
	}
	return list
}

// stopAtWatch ends a job once it watches and has told a state.
func stopAtWatch(r Report, stop context.CancelFunc) {
	if r.Phase == PhaseWatch {
		stop()
	}
}

// path is a file of the sandbox.
func (b *bench) path(name string) string { return filepath.Join(b.root, name) }

// await waits until a file is there.
func await(t *testing.T, path string) {
	t.Helper()
	until(t, "no "+path, func() bool { return exists(path) })
}

// until waits for something that another process does.
func until(t *testing.T, complaint string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	over := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-over:
			t.Error(complaint)
			return
		}
	}
}

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

// noKeyIn looks for the key in all files of a folder.
func (b *bench) noKeyIn(dir string) {
	b.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), bareKey) {
			b.t.Errorf("%s holds the key", path)
		}
		return err
	})
	if err != nil {
		b.t.Error(err)
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
		{"clock", "echo 'Your system time seems inaccurate. Please correct it.'; exit 1", JobClock, PhaseRunScript},
		{"key", "echo 'curl: (22) The requested URL returned error: 403 Forbidden' >&2; exit 1", JobKeyRefused, PhaseRunScript},
		{"network", "echo 'curl: (6) Could not resolve host: kickstart.jumpcloud.com' >&2; exit 6", JobUnreachable, PhaseRunScript},
		{"anything", "echo 'It appears your agent installation has failed.'; exit 7", JobScriptFailed, PhaseRunScript},
		{"endless", "sleep 60", JobScriptFailed, PhaseRunScript},
		{"no service", state, JobServiceFailed, PhaseStartService},
		{"not registered", service, JobNotRegistered, PhaseRegister},
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

// slowScript ends when it is allowed to, and says that it did.
const slowScript = `#!/bin/bash
echo started
while [ ! -e $STUB_ROOT/go ]; do sleep 0.01; done
touch $STUB_ROOT/finished
`

// TestElevateStop: the script that runs is finished, and nothing new begun.
func TestElevateStop(t *testing.T) {
	b := newBench(t, script(slowScript))
	err := b.run(b.job(), func(r Report, stop context.CancelFunc) {
		if r.Output == "started" {
			stop()
			go func() {
				until(t, "the stop was not seen", func() bool {
					return strings.Contains(readText(b.path(stateFolder+"/elevated.log")), `"msg":"stopping"`)
				})
				if err := os.WriteFile(b.path("go"), nil, 0o600); err != nil {
					t.Error(err)
				}
			}()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if !exists(b.path("finished")) {
		t.Error("the script was cut off")
	}
	if slices.Contains(b.phases(), PhaseStartService) {
		t.Error("another phase began")
	}
}

// TestElevateParentDies does the same to a user's side that is killed.
func TestElevateParentDies(t *testing.T) {
	b := newBench(t, script(slowScript+"touch $STUB_ROOT/last\n"))
	w := b.job().wire()
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "job")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	user := exec.Command(os.Args[0], "user", file)
	user.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir())
	if err := user.Start(); err != nil {
		t.Fatal(err)
	}
	lock := b.path(stateFolder + "/lock")
	logged := b.path(stateFolder + "/elevated.log")
	until(t, "the script did not start", func() bool { return strings.Contains(readText(logged), `"line":"started"`) })
	if _, err := lockFile(lock); !errors.Is(err, ErrBusy) {
		t.Errorf("the lock is free while a job runs: %v", err)
	}
	if err := user.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = user.Wait()
	until(t, "the death was not seen", func() bool { return strings.Contains(readText(logged), `"msg":"stopping"`) })
	if err := os.WriteFile(b.path("go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	await(t, b.path("last"))
	until(t, "the elevated side goes on", func() bool {
		unlock, err := lockFile(lock)
		if err != nil {
			return false
		}
		unlock()
		return true
	})
	if strings.Contains(readText(logged), string(PhaseStartService)) {
		t.Error("another phase began")
	}
}

// TestElevateBusy: one run at a time.
func TestElevateBusy(t *testing.T) {
	b := newBench(t, script(goodScript))
	if err := privateFolder(b.path(stateFolder)); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockFile(b.path(stateFolder + "/lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := b.run(b.job(), nil); !errors.Is(err, ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
}

// TestElevateConsent: what the consent dialogs' exit codes mean.
func TestElevateConsent(t *testing.T) {
	shell := func(text string, explain func(int, string) error) attempt {
		return attempt{path: "/bin/sh", args: []string{"-c", text}, explain: explain}
	}
	b := newBench(t, script(goodScript))
	for _, c := range []struct {
		what     string
		attempts []attempt
		want     error
	}{
		{"pkexec dismissed", []attempt{shell("exit 126", explainPkexec)}, ErrDenied},
		{"pkexec without an agent", []attempt{shell("echo 'Error executing command as another user: No authentication agent found.' >&2; exit 127", explainPkexec)}, ErrNoConsent},
		{"pkexec with a wrong password", []attempt{shell("echo 'Error executing command as another user: Not authorized' >&2; exit 127", explainPkexec)}, ErrDenied},
		{"sudo with a wrong password", []attempt{shell("exit 1", explainSudo)}, ErrDenied},
		{"sudo that was interrupted", []attempt{shell("kill -INT $$", explainSudo)}, ErrDenied},
		{"sudo -n that must ask", []attempt{shell("exit 1", explainSilent)}, ErrNoConsent},
		{"sudo -n, then pkexec", []attempt{shell("exit 1", explainSilent), shell("exit 126", explainPkexec)}, ErrDenied},
		{"nothing to ask with", nil, ErrNoConsent},
		{"a program that is not there", []attempt{{path: "/nonexistent/pkexec", explain: explainPkexec}}, ErrNoConsent},
		{"nobody answers", []attempt{shell("exec sleep 60", explainPkexec)}, ErrTimeout},
	} {
		e := testElevation(b.root)
		e.attempts = func() ([]attempt, error) { return c.attempts, nil }
		if errors.Is(c.want, ErrTimeout) {
			e.wait = 50 * time.Millisecond
		}
		var phases []Phase
		err := e.run(t.Context(), b.job(), func(r Report) { phases = append(phases, r.Phase) })
		if !errors.Is(err, c.want) || !slices.Equal(phases, []Phase{PhaseConsent}) {
			t.Errorf("%s: %v after %q, want %v", c.what, err, phases, c.want)
		}
	}
	e := testElevation(b.root)
	e.attempts = func() ([]attempt, error) {
		return []attempt{shell("echo no such file >&2; exit 5", explainPkexec)}, nil
	}
	var failed *JobError
	if err := e.run(t.Context(), b.job(), func(Report) {}); !errors.As(err, &failed) || failed.Code != JobInternal || !strings.Contains(failed.Detail, "no such file") {
		t.Errorf("a program that ends by itself: %v", err)
	}
	e.attempts = func() ([]attempt, error) { return []attempt{shell("exec sleep 60", explainPkexec)}, nil }
	ctx, cancel := context.WithCancel(t.Context())
	if err := e.run(ctx, b.job(), func(Report) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped at the dialog: %v", err)
	}
}

// TestElevateRelease: a release build takes no sandbox.
func TestElevateRelease(t *testing.T) {
	b := newBench(t, script(goodScript))
	e := testElevation(b.root)
	e.sandbox = false
	if got := codeOf(t, e.run(t.Context(), b.job(), func(Report) { t.Error("somebody was asked") })); got != JobUntrusted {
		t.Errorf("%q", got)
	}
}

// TestElevateProgram: a program that others can change is refused before anybody is asked.
func TestElevateProgram(t *testing.T) {
	b := newBench(t, script(goodScript))
	e := testElevation(b.root)
	open := t.TempDir()
	e.options.Program = filepath.Join(open, "assistant-cli")
	if err := os.WriteFile(e.options.Program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := codeOf(t, e.run(t.Context(), b.job(), func(Report) { t.Error("somebody was asked") })); got != JobUnsafeProgram {
		t.Errorf("%q", got)
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
