package platform

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packageJob is an install by package, of which the profile pins the hash unless it says something else.
func (b *bench) packageJob(p *Package) Job {
	if b.said.SHA256 == "" && b.said.Publisher == "" {
		pinned := b.said
		pinned.SHA256 = p.SHA256
		b.trust(pinned)
	}
	job := b.job()
	job.Way, job.Package, job.PrivateKickstartURL = WayPackage, p, b.url
	return job
}

// TestElevatePackage is the whole package way with two real processes and a real package.
func TestElevatePackage(t *testing.T) {
	b := newBench(t, nil)
	job := b.packageJob(described(t, buildPackage(t, "deb", "gzip", packageName, "2.166.2")))
	if err := b.run(job, stopAtWatch); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	want := []Phase{PhaseConsent, PhaseReceive, PhaseBootstrap, PhaseInstallPackage, PhaseStartService, PhaseRegister, PhaseWatch}
	if got := b.phases(); !slices.Equal(got, want) {
		t.Errorf("phases %q, want %q", got, want)
	}
	var done int64
	for _, r := range b.reports {
		if r.Phase == PhaseReceive {
			if r.Done < done || r.Total != job.Package.Size {
				t.Errorf("progress went from %d to %d of %d", done, r.Done, r.Total)
			}
			done = r.Done
		}
	}
	if done != job.Package.Size {
		t.Errorf("%d of %d bytes were told", done, job.Package.Size)
	}
	if got := strings.TrimSpace(readText(b.path("mode-folder"))) + " " + strings.TrimSpace(readText(b.path("mode-bootstrap"))); got != "700 600" {
		t.Errorf("modes %s", got)
	}
	bootstrap := `{"publicKickstartUrl":"` + b.url + `","privateKickstartUrl":"` + b.url + `","connectKey":"` + bareKey + `"}`
	if got := readText(b.path("seen-bootstrap")); got != bootstrap {
		t.Errorf("the agent found %q", got)
	}
	b.nothingLeft()
}

// nothingLeft looks for what must not stay behind: the bootstrap file with the key, and the copy of the package.
func (b *bench) nothingLeft() {
	b.t.Helper()
	if exists(b.path(agentBootstrap)) {
		b.t.Error("the bootstrap file with the key is still there")
	}
	if left, err := filepath.Glob(b.path(stateFolder + "/received-*")); err != nil || len(left) > 0 {
		b.t.Errorf("left behind: %q %v", left, err)
	}
	b.noKeyIn(b.path(stateFolder))
}

// TestElevatePackageTenant: a tenant key's payload is written as it is.
func TestElevatePackageTenant(t *testing.T) {
	b := newBench(t, nil)
	payload := payloadOf(b.url, b.url, bareKey) + " "
	job := b.packageJob(described(t, buildPackage(t, "deb", "gzip", packageName, "2.166.2")))
	job.Key = NewSecret(tenant(payload))
	if err := b.run(job, stopAtWatch); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := readText(b.path("seen-bootstrap")); got != payload {
		t.Errorf("the agent found %q", got)
	}
}

// TestElevatePackageOlder: an agent is never replaced by an older one, whatever the user's side says of the package.
func TestElevatePackageOlder(t *testing.T) {
	for _, said := range []string{"2.166.2", "9.9.9"} {
		b := newBench(t, nil)
		if err := os.MkdirAll(b.path(agentFolder), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(b.path(agentVersion), []byte("2.166.10"), 0o600); err != nil {
			t.Fatal(err)
		}
		p := described(t, buildPackage(t, "deb", "gzip", packageName, "2.166.2"))
		p.Version = said
		if err := b.run(b.packageJob(p), stopAtWatch); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if got := b.phases(); !slices.Equal(got, []Phase{PhaseConsent, PhaseReceive, PhaseWatch}) {
			t.Errorf("phases %q", got)
		}
		if !slices.ContainsFunc(b.reports, func(r Report) bool { return r.Unchanged }) || exists(b.path(agentBinary)) {
			t.Errorf("a package that is said to be %s was put over a newer agent", said)
		}
		b.nothingLeft()
	}
}

// TestElevatePackageRefused: what is not the package that was agreed on is not installed, and leaves nothing.
func TestElevatePackageRefused(t *testing.T) {
	good := described(t, buildPackage(t, "deb", "gzip", packageName, "2.166.2"))
	html := filepath.Join(t.TempDir(), "page.deb")
	if err := os.WriteFile(html, []byte("<html>Sign in</html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.deb")
	if err := os.WriteFile(broken, []byte("!<arch>\nnot an archive at all, but long enough for a first look at it"), 0o600); err != nil {
		t.Fatal(err)
	}
	changed := *good
	changed.SHA256 = strings.Repeat("a", 64)
	missing := *good
	missing.Path = good.Path + ".missing"
	longer := *good
	longer.Size++
	for _, c := range []struct {
		what string
		p    *Package
		pin  string
		want JobCode
	}{
		{"another hash", &changed, "", JobBadPackage},
		{"not the pinned one", good, strings.Repeat("b", 64), JobPinned},
		{"a page", described(t, html), "", JobNotPackage},
		{"a broken archive", described(t, broken), "", JobNotPackage},
		{"another program", described(t, buildPackage(t, "deb", "gzip", "evil", "2.166.2")), "", JobOtherPackage},
		{"an rpm", described(t, buildPackage(t, "rpm", "", packageName, "2.166.2")), "", JobBadPackage},
	} {
		b := newBench(t, nil)
		b.trust(testProfile{Endpoints: []string{b.url}, SHA256: c.pin})
		if got := codeOf(t, b.run(b.packageJob(c.p), nil)); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		if exists(b.path(agentBinary)) {
			t.Errorf("%s: something was installed", c.what)
		}
		b.nothingLeft()
	}
	// A package that the user's side cannot send ends the job like a user's side that died.
	for _, p := range []*Package{&missing, &longer} {
		b := newBench(t, nil)
		if got := codeOf(t, b.run(b.packageJob(p), nil)); got != JobBadPackage {
			t.Errorf("a package that cannot be sent: %q", got)
		}
		if got := b.phases(); slices.Contains(got, PhaseInstallPackage) {
			t.Errorf("phases %q", got)
		}
		b.nothingLeft()
	}
}

// TestElevatePackageFails: a package manager that fails leaves no key behind.
func TestElevatePackageFails(t *testing.T) {
	whole, err := os.ReadFile(buildPackage(t, "deb", "gzip", packageName, "2.166.2"))
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.deb")
	if err := os.WriteFile(cut, whole[:len(whole)-100], 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, nil)
	if got := codeOf(t, b.run(b.packageJob(described(t, cut)), nil)); got != JobPackageFailed {
		t.Errorf("%q", got)
	}
	b.nothingLeft()
}

// TestReceive_NobodyThere: the person's side dies between two messages, and nothing of a package lies about.
func TestReceive_NobodyThere(t *testing.T) {
	near, far := net.Pipe()
	_ = near.Close()
	s := &session{channel: newChannel(far), job: &wireJob{Package: &wirePackage{Size: 5}}, state: t.TempDir(), log: slog.New(slog.DiscardHandler)}
	s.system = s
	if path, err := s.receive(t.Context()); !errors.Is(err, errStopped) {
		t.Errorf("%q, %v", path, err)
	}
	if left, err := os.ReadDir(s.state); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
