package platform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
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

// buildPackage builds a real package of a format, with its metadata compressed as asked.
func buildPackage(t *testing.T, format, compression, name, version string) string {
	t.Helper()
	return buildPackageOf(t, format, compression, name, version, agentProgram)
}

// buildPackageOf is buildPackage with another program as the agent.
func buildPackageOf(t *testing.T, format, compression, name, version, program string) string {
	t.Helper()
	source := filepath.Join(t.TempDir(), "jumpcloud-agent")
	if err := os.WriteFile(source, []byte(program), 0o755); err != nil {
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
