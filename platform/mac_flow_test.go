//go:build !windows

package platform

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// macPassword is the account's; the semicolon is part of it.
const macPassword = "sword;fish 🐟"

// macRun is one job on a recorded Mac: both sides in this process, the files in a folder.
type macRun struct {
	t    *testing.T
	mac  *recordedMac
	root string
	job  Job
	// database tells that the one of Full Disk Access may be read, and access how long it is waited for.
	database bool
	access   time.Duration
	// at is called with each report.
	at      func(Report, context.CancelFunc)
	reports []Report
	// seen is what the installer found in the account's file, with its mode.
	seen string
}

// newMacRun is an install of a good package by nora, on a Mac where it works.
func newMacRun(t *testing.T, mac *recordedMac) *macRun {
	r := &macRun{t: t, mac: mac, root: t.TempDir(), access: 5 * time.Second}
	mac.t = t
	r.job = Job{
		Verb: VerbInstall, Way: WayPackage, Key: NewSecret(bareKey), KickstartURL: usURL, PrivateKickstartURL: usPrivate, Root: r.root,
		Account: Credentials{Name: "nora", Password: NewSecret(macPassword)}, Package: pkgFile(t, "com.example.agent", "2.101.0"),
	}
	layFiles(t, r.root, "/var/run/x", "/Library/LaunchDaemons/x", "/opt/x", "/var/log/jcagent.log")
	mac.runs[runInstall] = r.installer
	return r
}

// installer plays the vendor's package: it reads what it was given, and the agent is there.
func (r *macRun) installer() []string {
	path := filepath.Join(r.root, macCredentials)
	if info, err := os.Lstat(path); err == nil {
		r.seen = fmt.Sprintf("%04o %s", info.Mode().Perm(), readText(path))
	}
	r.register()
	r.mac.agent()
	// As Homebrew shows it of a package: https://docs.brew.sh/Cask-Cookbook#stanza-pkg
	return []string{
		"installer: Package name is JumpCloud Agent", "installer: Installing at base path /", "installer:PHASE:Preparing for installation…",
		"installer:STATUS:", "installer:%12.114101", "installer:PHASE:Writing files…", "installer:%30.627893", "installer:%79.244900",
		"installer:PHASE:Validating packages…", "installer:%97.750000", "installer:STATUS:Running installer actions…", "installer:STATUS:",
		"installer:%100.000000", "installer:PHASE:The software was successfully installed.", "installer: The install was successful.",
	}
}

// register has the agent write what it writes once it has registered.
func (r *macRun) register() {
	layFiles(r.t, r.root, macDaemon, agentFolder+"/x")
	for path, text := range map[string]string{agentConf: `{"systemKey":"0123456789abcdef01234567"}`, agentCert: "certificate", agentVersion: "2.101.0"} {
		if err := os.WriteFile(filepath.Join(r.root, path), []byte(text), 0o600); err != nil {
			r.t.Error(err)
		}
	}
}

// run does the job, and stops it when it watches.
func (r *macRun) run() error {
	r.t.Helper()
	r.mac.with(map[string]string{
		"/usr/sbin/pkgutil --check-signature PACKAGE": "", "/usr/sbin/spctl --assess --type install --verbose=2 PACKAGE": "",
	})
	near, far := net.Pipe()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	limits := testLimits
	limits.access, limits.look = r.access, time.Millisecond
	e := elevatedSide{sandbox: true, limits: limits, trust: func(string) (Trust, error) {
		if r.job.Package == nil {
			return Trust{}, nil
		}
		return Trust{SHA256: r.job.Package.SHA256}, nil // where this test runs, a package needs one
	}}
	s := &session{elevatedSide: e, channel: newChannel(far), begun: time.Now(), log: slog.New(slog.DiscardHandler)}
	s.system = &macSide{session: s, tools: macTools{ask: r.ask, root: r.root, now: time.Now, database: r.database}, do: r.mac.do, start: r.mac.start}
	r.mac.heard = s.line
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.end(safely(func() error { return s.serve(ctx, os.Getuid()) }))
	}()
	err := converse(ctx, newChannel(near), r.job, func(p Report) {
		r.reports = append(r.reports, p)
		if r.at != nil {
			r.at(p, cancel)
		}
		if p.Phase == PhaseWatch {
			cancel()
		}
	})
	<-ended
	return err
}

// safely gives a panic as an error, as the end of the process would be.
func safely(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do()
}

// ask answers for the received copy, whose name is random, as for PACKAGE.
func (r *macRun) ask(ctx context.Context, path string, args ...string) (string, string, error) {
	if last := len(args) - 1; last >= 0 && strings.HasPrefix(args[last], r.root) {
		if !strings.HasSuffix(args[last], ".pkg") {
			r.t.Errorf("%s is not called like a package", args[last])
		}
		args = append(slices.Clone(args[:last]), "PACKAGE")
	}
	out, errs, err := r.mac.ask(ctx, path, args...)
	switch {
	case len(args) == 0 || args[len(args)-1] != "PACKAGE" || out+errs != "":
	case path == toolPkgutil:
		return goodPkgutil, "", nil
	case path == toolSpctl:
		return "", goodSpctl, nil
	}
	return out, errs, err
}

// phases lists the phases in the order in which they were reported.
func (r *macRun) phases() []Phase {
	var list []Phase
	for _, p := range r.reports {
		if len(list) == 0 || list[len(list)-1] != p.Phase {
			list = append(list, p.Phase)
		}
	}
	return list
}

// clean looks for what must be gone whatever happened: the password anywhere, the package, and the connect key.
func (r *macRun) clean() {
	r.t.Helper()
	for _, path := range []string{macCredentials, agentBootstrap} {
		if exists(filepath.Join(r.root, path)) {
			r.t.Errorf("%s is still there", path)
		}
	}
	if left, err := filepath.Glob(filepath.Join(r.root, stateFolder, "received-*")); err != nil || len(left) > 0 {
		r.t.Errorf("left: %q %v", left, err)
	}
	err := filepath.WalkDir(r.root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && (strings.Contains(readText(path), macPassword) || strings.Contains(readText(path), bareKey)) {
			r.t.Errorf("%s holds a secret", path)
		}
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
	for _, p := range r.reports {
		if strings.Contains(p.Output, macPassword) {
			r.t.Errorf("the password was told: %q", p.Output)
		}
	}
}

// pkgFile makes a package for macOS with a PackageInfo.
func pkgFile(t *testing.T, id, version string) *Package {
	t.Helper()
	pack := func(text string) []byte {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	heap := pack(`<?xml version="1.0" encoding="utf-8"?><pkg-info format-version="2" identifier="` + id + `" version="` + version + `" install-location="/"><payload/></pkg-info>`)
	toc := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><xar><toc><file id="1"><name>Distribution</name></file><file id="2"><name>agent.pkg</name>`+
		`<file id="3"><name>PackageInfo</name><data><length>%d</length><offset>0</offset><encoding style="application/x-gzip"/></data></file></file></toc></xar>`, len(heap))
	packed := pack(toc)
	var b bytes.Buffer
	b.WriteString("xar!")
	for _, n := range []any{uint16(28), uint16(1), uint64(len(packed)), uint64(len(toc)), uint32(1)} {
		if err := binary.Write(&b, binary.BigEndian, n); err != nil {
			t.Fatal(err)
		}
	}
	b.Write(packed)
	b.Write(heap)
	path := filepath.Join(t.TempDir(), "agent.pkg")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return &Package{Path: path, Size: int64(b.Len()), SHA256: hex.EncodeToString(sum[:]), Name: id, Version: version}
}

// TestReadPKG: name and version of the package in the package.
func TestReadPKG(t *testing.T) {
	p := pkgFile(t, "com.example.agent", "2.101.0")
	info, err := readPackageInfo(t.Context(), p.Path)
	if err != nil || info != (packageInfo{"com.example.agent", "2.101.0"}) {
		t.Errorf("%+v %v", info, err)
	}
	whole, err := os.ReadFile(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if _, err := readPKG(bytes.NewReader(whole[:n])); err == nil {
			t.Fatalf("the first %d of %d bytes were read", n, len(whole))
		}
	}
}

// TestMacInstall is the whole install on a recorded Mac where no MDM gives the agent Full Disk Access: what macOS would
// say of it cannot be read, so the wait ends with the registration.
func TestMacInstall(t *testing.T) {
	r := newMacRun(t, plainMac(t))
	if err := r.run(); !errors.Is(err, context.Canceled) && err != nil {
		t.Fatal(err)
	}
	if want := []Phase{PhaseReceive, PhaseBootstrap, PhaseInstallPackage, PhaseFullDiskAccess, PhaseRegister, PhaseWatch}; !slices.Equal(r.phases(), want) {
		t.Errorf("phases %q, want %q", r.phases(), want)
	}
	if want := "0600 nora;" + macPassword + "\n"; r.seen != want {
		t.Errorf("the installer found %q, want %q", r.seen, want)
	}
	if want := []string{"/usr/bin/caffeinate -dims", runInstall, "awake no longer"}; !slices.Equal(r.mac.order, want) {
		t.Errorf("%q, want %q", r.mac.order, want)
	}
	var percents []int
	var until time.Time
	var last *AgentState
	for _, p := range r.reports {
		if p.Percent > 0 {
			percents = append(percents, p.Percent)
		}
		if !p.Until.IsZero() {
			until = p.Until
		}
		if p.State != nil {
			last = p.State
		}
	}
	if want := []int{12, 30, 79, 97, 100}; !slices.Equal(percents, want) {
		t.Errorf("progress %d, want %d", percents, want)
	}
	if left := time.Until(until); left <= 0 || left > r.access {
		t.Errorf("Full Disk Access is waited for until %s", until)
	}
	if last == nil || !last.Deep || !last.Installed || last.SystemKey == "" || last.Version != "2.100.1" || last.FullDiskAccess != Unknown {
		t.Errorf("%+v", last)
	}
	r.clean()
}

// TestMacAccess: how the wait for Full Disk Access ends.
func TestMacAccess(t *testing.T) {
	for _, c := range []struct {
		what string
		make func(*macRun)
		asks bool
		want Answer
	}{
		{"given by a profile", func(r *macRun) {
			r.mac.with(map[string]string{askEnrollment: saidManaged, askProfiles: saidProfiles(saidGiven)})
		}, false, Yes},
		{"an MDM whose profiles do not", func(r *macRun) {
			r.mac.with(map[string]string{askEnrollment: saidManaged, askProfiles: `{"SPConfigurationProfileDataType":[]}`})
		}, true, Unknown},
		{"given by the person", func(r *macRun) {
			r.database = true
			r.mac.with(map[string]string{askDatabase: ""})
			r.at = func(p Report, _ context.CancelFunc) {
				if p.State != nil && p.State.FullDiskAccess == No && p.Phase == PhaseFullDiskAccess {
					r.mac.with(map[string]string{askDatabase: "2\n"})
				}
			}
		}, true, Yes},
		{"never given", func(r *macRun) {
			r.database, r.access = true, 300*time.Millisecond
			r.mac.with(map[string]string{askDatabase: "0\n"})
		}, true, No},
		{"a database that cannot be read", func(r *macRun) {
			r.database = true
			r.mac.with(map[string]string{askDatabase: ""}).fails[askDatabase] = true
		}, true, Unknown},
		{"an upgrade of an agent that is registered", func(r *macRun) {
			r.mac.agent()
			r.register()
		}, false, Unknown},
		{"a package whose programs say nothing", func(r *macRun) {
			r.mac.runs[runInstall] = func() []string {
				return slices.DeleteFunc(r.installer(), func(l string) bool { return strings.Contains(l, "STATUS") })
			}
		}, true, Unknown},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := newMacRun(t, plainMac(t))
			c.make(r)
			if err := r.run(); !errors.Is(err, context.Canceled) && err != nil {
				t.Fatal(err)
			}
			if got := slices.Contains(r.phases(), PhaseFullDiskAccess); got != c.asks {
				t.Errorf("asked: %t, want %t: %q", got, c.asks, r.phases())
			}
			var last, waiting Answer
			var until time.Time
			for _, p := range r.reports {
				if p.State != nil {
					last = p.State.FullDiskAccess
				}
				if !p.Until.IsZero() {
					until = p.Until
				}
				if p.Phase == PhaseFullDiskAccess {
					waiting = last
				}
				if p.Phase == PhaseRegister && waiting == No && p.Time.Before(until) {
					t.Error("the wait ended before its time, without the access")
				}
			}
			if last != c.want || c.asks && waiting != c.want {
				t.Errorf("told %q, and %q when the wait ended, want %q", last, waiting, c.want)
			}
			r.clean()
		})
	}
}

// TestMacSkip: without an account the vendor's word for that is written.
func TestMacSkip(t *testing.T) {
	r := newMacRun(t, plainMac(t))
	r.job.Account = Credentials{}
	if err := r.run(); !errors.Is(err, context.Canceled) && err != nil {
		t.Fatal(err)
	}
	if r.seen != "0600 =skip\n" {
		t.Errorf("the installer found %q", r.seen)
	}
	r.clean()
}

// TestMacFailures: the job fails at each of its steps, and nothing secret stays, whatever the step.
func TestMacFailures(t *testing.T) {
	fail := func(line string, err error, lines ...string) func(*macRun) {
		return func(r *macRun) {
			play := r.mac.runs[line]
			r.mac.ended[line] = err
			r.mac.runs[line] = func() []string {
				if len(lines) > 0 || play == nil {
					return lines
				}
				return play()
			}
		}
	}
	for _, c := range []struct {
		what string
		make func(*macRun)
		want JobCode
		ran  bool // the installer
	}{
		{"signed by another team", func(r *macRun) {
			ask := "/usr/sbin/pkgutil --check-signature PACKAGE"
			r.at = func(Report, context.CancelFunc) {
				r.mac.with(map[string]string{ask: strings.ReplaceAll(goodPkgutil, VendorTeam, "ABCDE12345")})
			}
		}, JobOtherSigner, false},
		{"Rosetta cannot be had", func(r *macRun) {
			r.job.Fixes = []Fix{FixRosetta}
			r.mac.with(map[string]string{askRosetta: ""})
			fail(runRosetta, nil, "Install failed with error: The update is not available")(r)
		}, JobRosetta, false},
		{"a fix of another system", func(r *macRun) { r.job.Fixes = []Fix{FixPackages} }, JobMalformed, false},
		{"no place for the account", func(r *macRun) { _ = os.RemoveAll(filepath.Join(r.root, "/var/run")) }, JobInternal, false},
		{"something else in its place", func(r *macRun) { layFiles(r.t, r.root, macCredentials+"/x") }, JobInternal, false},
		{"the installer ends with an error", fail(runInstall, errExit), JobPackageFailed, true},
		{"it says so and ends well", fail(runInstall, nil, "installer: The install failed. (The Installer encountered an error.)"), JobPackageFailed, true},
		{"it does not end", fail(runInstall, errTooLong), JobPackageFailed, true},
		{"the disk is full", fail(runInstall, errExit, "installer: Error - No space left on device"), JobDiskFull, true},
		{"it tells the password", fail(runInstall, errExit, "postinstall: bad account nora;"+macPassword), JobPackageFailed, true},
		{"a panic while it runs", func(r *macRun) { r.mac.runs[runInstall] = func() []string { panic("a fault of ours") } }, //nolint:forbidigo // that is what is tried
			JobInternal, true},
		{"it leaves no agent", fail(runInstall, nil, "installer: The install was successful."), JobNoAgent, true},
		{"the service does not stay up", func(r *macRun) {
			tries := 0
			r.at = func(p Report, _ context.CancelFunc) {
				if p.Phase == PhaseFullDiskAccess {
					tries++
					r.mac.with(map[string]string{askService: strings.NewReplacer("runs = 1", fmt.Sprintf("runs = %d", tries), "= running", "= spawn scheduled").Replace(saidRunning)})
				}
			}
			r.mac.runs[runStart] = func() []string { return nil }
		}, JobServiceFailed, true},
		{"the agent does not register", func(r *macRun) {
			play := r.mac.runs[runInstall]
			r.mac.runs[runInstall] = func() []string {
				lines := play()
				_ = os.Remove(filepath.Join(r.root, agentConf))
				return lines
			}
			r.access = 100 * time.Millisecond
		}, JobNotRegistered, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := newMacRun(t, plainMac(t))
			for _, line := range []string{runLoad, runStart} {
				r.mac.runs[line] = func() []string { return nil }
			}
			c.make(r)
			err := r.run()
			if got := codeOf(t, err); got != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), macPassword) {
				t.Errorf("the error tells the password: %v", err)
			}
			if got := slices.Contains(r.mac.order, runInstall); got != c.ran {
				t.Errorf("the installer ran: %t", got)
			}
			if c.what == "something else in its place" {
				return // it is not ours, and not a file
			}
			if c.want == JobNotRegistered || c.want == JobServiceFailed || c.want == JobNoAgent { // the agent may still need its key
				_ = os.Remove(filepath.Join(r.root, agentBootstrap))
			}
			r.clean()
		})
	}
}

// TestMacStops: the person stops, or their side dies, in each phase; the password is gone each time.
func TestMacStops(t *testing.T) {
	for _, phase := range []Phase{PhaseReceive, PhaseBootstrap, PhaseInstallPackage, PhaseFullDiskAccess, PhaseRegister} {
		t.Run(string(phase), func(t *testing.T) {
			r := newMacRun(t, plainMac(t))
			r.at = func(p Report, stop context.CancelFunc) {
				if p.Phase == phase {
					stop()
				}
			}
			err := r.run()
			if ran := slices.Contains(r.mac.order, runInstall); ran != (phase != PhaseReceive && phase != PhaseBootstrap) && err == nil {
				t.Errorf("stopped in %s: the installer ran: %t", phase, ran)
			}
			_ = os.Remove(filepath.Join(r.root, agentBootstrap)) // an agent that was stopped at may still need its key
			r.clean()
		})
	}
}

// TestMacKilled: what a run that was killed has left is removed by the next one, whatever it does, unless a run that
// holds the lock is using it.
func TestMacKilled(t *testing.T) {
	lay := func(t *testing.T, r *macRun) string {
		path := filepath.Join(r.root, macCredentials)
		layFiles(t, r.root, macCredentials)
		if err := os.WriteFile(path, []byte("nora;"+macPassword), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, verb := range []Verb{VerbInstall, VerbWatch} {
		r := newMacRun(t, plainMac(t))
		if verb == VerbWatch {
			r.job = Job{Verb: VerbWatch, Root: r.root}
		}
		path, found := lay(t, r), false
		r.at = func(Report, context.CancelFunc) {
			found = found || strings.Contains(readText(path), "nora;"+macPassword) && verb == VerbWatch
		}
		if err := r.run(); !errors.Is(err, context.Canceled) && err != nil {
			t.Fatal(err)
		}
		if found {
			t.Errorf("%s began with the password still there", verb)
		}
		r.clean()
	}
	r := newMacRun(t, plainMac(t))
	r.job = Job{Verb: VerbWatch, Root: r.root}
	path := lay(t, r)
	layFiles(t, r.root, stateFolder+"/lock")
	unlock, err := lockFile(filepath.Join(r.root, stateFolder, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := r.run(); !errors.Is(err, context.Canceled) && err != nil {
		t.Fatal(err)
	}
	if !exists(path) {
		t.Error("the password of a run that is going on was removed")
	}
}

// TestMacOlder: nothing older is installed over what is there.
func TestMacOlder(t *testing.T) {
	for _, c := range []struct {
		what, id, version string
		unchanged         bool
	}{
		{"older", "com.example.agent", "2.99.0", true},
		{"the same", "com.example.agent", "2.100.1", false},
		{"newer", "com.example.agent", "2.101.0", false},
		{"by another name, whose versions say nothing", "com.example.other", "1.0", false},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := newMacRun(t, plainMac(t).agent())
			layFiles(t, r.root, macDaemon)
			for _, told := range []bool{true, false} { // what the user's side says of it counts for nothing
				r.job.Package, r.reports, r.mac.order = pkgFile(t, c.id, c.version), nil, nil
				if !told {
					r.job.Package.Name, r.job.Package.Version = "", ""
				}
				if err := r.run(); !errors.Is(err, context.Canceled) && err != nil {
					t.Fatal(err)
				}
				if ran := slices.Contains(r.mac.order, runInstall); ran == c.unchanged {
					t.Errorf("told %t: the installer ran: %t", told, ran)
				}
				r.clean()
			}
		})
	}
}

// TestMacRosetta: it is installed once, before the package, and what the tool says is not believed.
func TestMacRosetta(t *testing.T) {
	r := newMacRun(t, plainMac(t).with(map[string]string{askRosetta: ""}))
	r.job.Fixes = []Fix{FixRosetta}
	r.mac.ended[runRosetta] = errExit
	r.mac.runs[runRosetta] = func() []string {
		r.mac.with(map[string]string{askRosetta: rosettaReceipt})
		return []string{"By using the agreetolicense option, you are agreeing that you have run this tool with the license only option"}
	}
	if err := r.run(); !errors.Is(err, context.Canceled) && err != nil {
		t.Fatal(err)
	}
	if want := []string{"/usr/bin/caffeinate -dims", runRosetta, runInstall, "awake no longer"}; !slices.Equal(r.mac.order, want) {
		t.Errorf("%q, want %q", r.mac.order, want)
	}
	r.clean()
}

// TestMacStartsService: a service that the installer left alone is loaded and started.
func TestMacStartsService(t *testing.T) {
	r := newMacRun(t, plainMac(t))
	r.mac.runs[runInstall] = func() []string {
		lines := r.installer()
		r.mac.with(map[string]string{askService: ""})
		return lines
	}
	stopped := strings.NewReplacer("state = running", "state = not running", "\tpid = 4271\n", "").Replace(saidRunning)
	r.mac.runs[runLoad] = func() []string { r.mac.with(map[string]string{askService: stopped}); return nil }
	r.mac.runs[runStart] = func() []string { r.mac.agent(); return nil }
	if err := r.run(); !errors.Is(err, context.Canceled) && err != nil {
		t.Fatal(err)
	}
	if want := []string{"/usr/bin/caffeinate -dims", runInstall, runLoad, runStart, "awake no longer"}; !slices.Equal(r.mac.order, want) {
		t.Errorf("%q, want %q", r.mac.order, want)
	}
	r.clean()
}

// TestJobAccount: what the installer's one line cannot hold is refused by the elevated side too.
func TestJobAccount(t *testing.T) {
	sound := &wirePackage{Size: 1, SHA256: strings.Repeat("a", 64)}
	for _, c := range []struct {
		what    string
		account *wireAccount
		way     Way
		want    JobCode
	}{
		{"none", nil, WayPackage, ""},
		{"one", &wireAccount{"nora", macPassword}, WayPackage, ""},
		{"for a script", &wireAccount{"nora", macPassword}, WayScript, JobMalformed},
		{"without a name", &wireAccount{"", "x"}, WayPackage, JobMalformed},
		{"without a password", &wireAccount{"nora", ""}, WayPackage, JobMalformed},
		{"a semicolon in the name", &wireAccount{"no;ra", "x"}, WayPackage, JobMalformed},
		{"the vendor's word", &wireAccount{"=skip", "x"}, WayPackage, JobMalformed},
		{"an option", &wireAccount{"-x", "x"}, WayPackage, JobMalformed},
		{"a path", &wireAccount{"../nora", "x"}, WayPackage, JobMalformed},
		{"a line break", &wireAccount{"nora", "x\ny"}, WayPackage, JobMalformed},
		{"an endless one", &wireAccount{"nora", strings.Repeat("x", 2000)}, WayPackage, JobMalformed},
	} {
		w := &wireJob{Verb: VerbInstall, Way: c.way, Key: bareKey, KickstartURL: usURL, Account: c.account}
		if c.way == WayPackage {
			w.Package = sound
		}
		if got := codeOf(t, w.checkForm()); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	if err := (&wireJob{Verb: VerbWatch, Account: &wireAccount{"nora", "x"}}).checkForm(); codeOf(t, err) != JobMalformed {
		t.Errorf("watching with an account: %v", err)
	}
}
