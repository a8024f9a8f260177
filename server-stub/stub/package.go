package stub

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"

	"example.com/enrollment-assistant/assets"
)

// PackageSpec says what goes into the agent's packages.
type PackageSpec struct {
	Version      string // of the agent: 2.166.2
	AgentProgram string // path of the program that becomes /opt/jc/bin/jumpcloud-agent
	CA           []byte // PEM; becomes /opt/jc/ca.crt

	Publisher *Publisher // signs the packages, and a file beside each, NAME.asc; nil leaves them unsigned

	canary bool // the maintainer scripts are the canary's, not the agent's
}

// InstallScript is what the template assets/agentInstall.sh is filled with. Packages of all formats go in; the script
// takes the one for the computer's family.
type InstallScript struct {
	PackageURL string // the folder of Package.File: https://127.0.0.1:8443/production
	Packages   []Package
}

// KickstartScript is what the template assets/kickstart.sh is filled with.
type KickstartScript struct {
	KickstartURL string // public base URL, without a path
	PrivateURL   string // base URL that asks for the client certificate
	ConnectKey   string // the key of the request, as it came
	CA           string // PEM of the authority that signed the certificates of both
	SignsAnew    bool   // as Settings.SignsAnew
}

// packageTime is the time of every file in the packages, so that one program gives one package.
var packageTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// versionForm is what may stand between the dots of a package's version; it becomes part of a path.
var versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)

// BuildPackages makes a deb and an rpm named jcagent for the architecture of the running program, below dir: as
// versions/VERSION/NAME and, under the evergreen NAME that it returns, as a link to that. What the same program, CA and
// version gave before is used again. An error leaves what was there. Calls for the same dir must not overlap.
func BuildPackages(dir string, p PackageSpec) ([]Package, error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("building packages on %s: %w", runtime.GOOS, errors.ErrUnsupported)
	}
	if !versionForm.MatchString(p.Version) {
		return nil, fmt.Errorf("building packages: %q is not a version of three numbers", p.Version)
	}
	mark, err := p.fingerprint()
	if err != nil {
		return nil, fmt.Errorf("reading the agent's program: %w", err)
	}
	folder := filepath.Join(dir, "versions", p.Version)
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // packages are public
		return nil, fmt.Errorf("making the folder of the packages: %w", err)
	}
	list, err := recall(folder, mark)
	for _, made := range list {
		if _, missing := os.Stat(filepath.Join(folder, made.File+signatureEnd)); p.Publisher != nil && missing != nil {
			err = missing
		}
	}
	if err != nil {
		if list, err = p.build(folder); err != nil {
			return nil, err
		}
		if err := remember(folder, mark, list); err != nil {
			return nil, fmt.Errorf("noting what was built: %w", err)
		}
	}
	for _, made := range list {
		names := []string{made.File + signatureEnd, made.File} // who finds the package finds its signature
		if p.Publisher == nil {
			names = names[1:]
		}
		for _, name := range names {
			if err := linkWhole(filepath.Join(folder, name), filepath.Join(dir, name)); err != nil {
				return nil, fmt.Errorf("publishing %s: %w", name, err)
			}
		}
	}
	return list, nil
}

// signatureEnd is what the name of a detached signature ends in.
const signatureEnd = ".asc"

// signBeside puts a detached signature beside a package, before the package itself.
func (p PackageSpec) signBeside(name string, content []byte) error {
	if p.Publisher == nil {
		return nil
	}
	signature, err := p.Publisher.signArmored(bytes.NewReader(content))
	if err != nil {
		return err
	}
	return writeWhole(name+signatureEnd, bytes.NewReader(signature))
}

// build makes both packages in folder.
func (p PackageSpec) build(folder string) ([]Package, error) {
	scripts, err := os.MkdirTemp("", "jcagent-scripts-") // nfpm reads maintainer scripts by path
	if err != nil {
		return nil, fmt.Errorf("making a folder for the maintainer scripts: %w", err)
	}
	defer func() { _ = os.RemoveAll(scripts) }() // the system empties its folder of temporary files too
	parts := map[string][]byte{"ca.crt": p.CA, "version.txt": []byte(p.Version), "marker": []byte(Marker)}
	for _, name := range []string{"preinst.sh", "postinst.sh", "prerm.sh", "postrm.sh"} {
		if parts[name], err = assets.Stub.ReadFile("agent/" + name); err != nil {
			return nil, fmt.Errorf("reading the maintainer scripts: %w", err)
		}
		if p.canary {
			parts[name] = []byte(canaryScript)
		}
	}
	for name, b := range parts {
		if err := os.WriteFile(filepath.Join(scripts, name), b, 0o600); err != nil {
			return nil, fmt.Errorf("writing the parts of the packages: %w", err)
		}
	}
	var list []Package
	for _, format := range []struct {
		name     string
		packager nfpm.Packager
	}{{"deb", deb.Default}, {"rpm", rpm.DefaultRPM}} {
		var out bytes.Buffer
		info, err := p.info(format.name, scripts)
		if err != nil {
			return nil, err
		}
		if err := format.packager.Package(info, &out); err != nil {
			return nil, fmt.Errorf("building the %s: %w", format.name, err)
		}
		// The vendor's generic names, such as jcagent-linux-deb-x86_64.deb.
		made := Package{OS: "linux", Arch: unameArch(), Version: p.Version, Format: format.name,
			File: "jcagent-linux-" + format.name + "-" + unameArch() + "." + format.name, Size: int64(out.Len())}
		sum := sha256.Sum256(out.Bytes())
		made.SHA256 = hex.EncodeToString(sum[:])
		if err := p.signBeside(filepath.Join(folder, made.File), out.Bytes()); err != nil {
			return nil, fmt.Errorf("signing %s: %w", made.File, err)
		}
		if err := writeWhole(filepath.Join(folder, made.File), &out); err != nil {
			return nil, fmt.Errorf("writing %s: %w", made.File, err)
		}
		list = append(list, made)
	}
	return list, nil
}

// Marker is the content of /opt/jc/.stub. A computer whose /opt/jc has no such file was enrolled with somebody else,
// and nothing of the stub touches it.
const Marker = "This agent was installed by a stub server. It is for tests; it manages nothing.\n"

// info describes one package to nfpm.
func (p PackageSpec) info(format, parts string) (*nfpm.Info, error) {
	file := func(src, dst string, mode fs.FileMode) *files.Content {
		return &files.Content{Source: src, Destination: dst, FileInfo: &files.ContentFileInfo{Mode: mode, MTime: packageTime}}
	}
	folder := func(dst string, mode fs.FileMode) *files.Content {
		return &files.Content{Destination: dst, Type: files.TypeDir, FileInfo: &files.ContentFileInfo{Mode: mode, MTime: packageTime}}
	}
	part := func(name string) string { return filepath.Join(parts, name) }
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "jcagent", Arch: runtime.GOARCH, Platform: "linux", Version: p.Version, Section: "admin", Priority: "optional",
		Maintainer: "Enrollment assistant <nobody@localhost>", License: "MIT", MTime: packageTime, DisableGlobbing: true,
		Description: "agent of a stub server, for tests\nIt plays the agent of a device management service and manages nothing.",
		Overridables: nfpm.Overridables{
			Contents: files.Contents{
				folder("/opt/jc", 0o700),
				folder("/opt/jc/bin", 0o755),
				file(p.AgentProgram, "/opt/jc/bin/jumpcloud-agent", 0o755),
				file(part("version.txt"), "/opt/jc/version.txt", 0o644),
				file(part("ca.crt"), "/opt/jc/ca.crt", 0o644),
				file(part("marker"), "/opt/jc/.stub", 0o644),
			},
			Scripts: nfpm.Scripts{PreInstall: part("preinst.sh"), PostInstall: part("postinst.sh"),
				PreRemove: part("prerm.sh"), PostRemove: part("postrm.sh")},
			// The level is for speed: the package is built while somebody waits, and travels over loopback.
			Deb: nfpm.Deb{Compression: "gzip:1"},
			RPM: nfpm.RPM{Compression: "gzip:1", BuildHost: "localhost"},
		},
	})
	if p.Publisher != nil {
		info.Deb.Signature.SignFn, info.RPM.Signature.SignFn = p.Publisher.signArmored, p.Publisher.sign
	}
	if err := nfpm.PrepareForPackager(info, format); err != nil {
		return nil, fmt.Errorf("describing the %s: %w", format, err)
	}
	return info, nil
}

// unameArch is the architecture of this program as uname -m says it.
func unameArch() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	}
	return runtime.GOARCH
}
