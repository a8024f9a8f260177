package platform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers the format
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers the format
)

// agentProgram stands in for the agent: it registers with the key it finds, as a process that has been up for a while.
const agentProgram = `#!/bin/bash
root=$3
mkdir -p $root/var/run
echo $$ > $root/var/run/jcagent.pid
touch -d '1 minute ago' $root/var/run/jcagent.pid
stat -c '%a' $root/opt/jc > $root/mode-folder
stat -c '%a' $root/opt/jc/agentBootstrap.json > $root/mode-bootstrap
cp $root/opt/jc/agentBootstrap.json $root/seen-bootstrap
echo cert > $root/opt/jc/client.crt
echo '{"systemKey":"64930a6d00466f31842811a1"}' > $root/opt/jc/jcagent.conf
exec sleep 60
`

// pack builds a real package of a format, with its metadata compressed as asked.
func buildPackage(t *testing.T, format, compression, name, version string) string {
	t.Helper()
	source := filepath.Join(t.TempDir(), "jumpcloud-agent")
	if err := os.WriteFile(source, []byte(agentProgram), 0o755); err != nil {
		t.Fatal(err)
	}
	versionFile := filepath.Join(t.TempDir(), "version.txt")
	if err := os.WriteFile(versionFile, []byte(version), 0o644); err != nil {
		t.Fatal(err)
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: name, Arch: "amd64", Platform: "linux", Version: version, Maintainer: "Nobody <nobody@acme.example>", Description: "agent",
		Overridables: nfpm.Overridables{
			Deb: nfpm.Deb{Compression: compression},
			Contents: files.Contents{
				{Source: source, Destination: agentBinary, FileInfo: &files.ContentFileInfo{Mode: 0o755}},
				{Source: versionFile, Destination: agentVersion, FileInfo: &files.ContentFileInfo{Mode: 0o644}},
			},
		},
	})
	packager, err := nfpm.Get(format)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name+"."+format)
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(packager.Package(info, out), out.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// described gives a package as the download would.
func described(t *testing.T, path string) *Package {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := readPackageInfo(t.Context(), path)
	if err != nil {
		info = packageInfo{}
	}
	sum := sha256.Sum256(b)
	return &Package{Path: path, Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:]), Name: info.Name, Version: info.Version}
}

// packageJob is an install by package.
func (b *bench) packageJob(p *Package) Job {
	job := b.job()
	job.Way, job.Package, job.PrivateKickstartURL = WayPackage, p, b.url
	return job
}

func TestReadPackageInfo(t *testing.T) {
	for _, c := range []struct{ format, compression string }{{"deb", "gzip"}, {"deb", "xz"}, {"deb", "zstd"}, {"deb", "none"}, {"rpm", ""}} {
		path := buildPackage(t, c.format, c.compression, packageName, "2.166.2")
		got, err := readPackageInfo(t.Context(), path)
		if err != nil || got.Name != packageName || got.Version != "2.166.2" {
			t.Errorf("%s %s: %+v %v", c.format, c.compression, got, err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range []int{8, 70, 100, 200} {
			if err := os.WriteFile(path, b[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := readPackageInfo(t.Context(), path); err == nil {
				t.Errorf("%s cut at %d: %+v", c.format, cut, got)
			}
		}
	}
	other := filepath.Join(t.TempDir(), "agent.msi")
	if err := os.WriteFile(other, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := readPackageInfo(t.Context(), other); err != nil || got != (packageInfo{}) {
		t.Errorf("an msi: %+v %v", got, err)
	}
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
		{"not the pinned one", good, strings.Repeat("b", 64), JobBadPackage},
		{"a page", described(t, html), "", JobBadPackage},
		{"a broken archive", described(t, broken), "", JobBadPackage},
		{"another program", described(t, buildPackage(t, "deb", "gzip", "evil", "2.166.2")), "", JobBadPackage},
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
