package stub

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Poison is what lies on the poisoned shelf: a thing that no client may execute. Whoever does finds a file named
// canary; nothing else happens.
type Poison string

// The poisons. The packages are for the same names and systems as the true ones.
const (
	PoisonUnsigned  Poison = "unsigned"  // packages: the version that is announced, without any signature
	PoisonOther     Poison = "other"     // packages: signed in and out by somebody else
	PoisonTruncated Poison = "truncated" // packages and scripts: the first half, with a length that fits; beside a package lies the signature of the whole
	PoisonOlder     Poison = "older"     // packages: signed by the true publisher, of version 0.0.1
	PoisonScript    Poison = "script"    // scripts: somebody else's
)

// Poisons lists them all.
func Poisons() []Poison {
	return []Poison{PoisonUnsigned, PoisonOther, PoisonTruncated, PoisonOlder, PoisonScript}
}

// CanaryPath is what the file is called that tells of an execution, below the root that the install is for: /, or the
// folder that STUB_ROOT, DPKG_ROOT or the agent's --root names.
const CanaryPath = "/var/tmp/canary"

// canaryScript stands for the agent, for each maintainer script and for Kickstart.
const canaryScript = `#!/bin/bash
# Harmless: it writes a file named canary, which tells a test that it was executed.
root="${STUB_ROOT:-${DPKG_ROOT:-}}"
[ "${2:-}" != --root ] || root="${3:-}"
mkdir -p "$root/var/tmp"
echo "$0 $*" >>"$root` + CanaryPath + `"
exit 0
`

// olderVersion is below every version on the shelf.
const olderVersion = "0.0.1"

// poisonDir is the folder of the poisoned shelf, beside that of the packages.
func (s *Server) poisonDir() string { return filepath.Join(filepath.Dir(s.production()), "poison") }

// poison gives the packages of a poisoned shelf, built at the first call for any.
func (s *Server) poison(ctx context.Context, kind Poison) (folder string, err error) {
	if s.parent != nil {
		return s.parent.poison(ctx, kind)
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("waiting for the poisoned shelf: %w", err)
	}
	if version := s.Settings().AgentVersion; s.shelf.poisoned != version && runtime.GOOS == "linux" { // there are no packages elsewhere, true or not
		p, err := s.publisher()
		if err == nil {
			_, err = BuildPoison(s.poisonDir(), version, p)
		}
		if err == nil {
			_, err = s.windowsPoison(ctx, version)
		}
		if err != nil {
			return "", err
		}
		s.shelf.poisoned = version
	}
	return filepath.Join(s.poisonDir(), string(kind)), nil
}

// Artifact is a package in a data folder.
type Artifact struct {
	Poison  Poison `json:"poison,omitempty"` // empty of a true one
	Path    string `json:"path"`
	Version string `json:"version"` // that it says
	SHA256  string `json:"sha256"`
	Signed  string `json:"signedBy,omitempty"` // who signed it: fingerprint, for Windows the organization; empty for nobody
}

// Artifacts builds the packages and the poisoned shelf in the data folder, and tells of each.
func (s *Server) Artifacts(ctx context.Context) ([]Artifact, error) {
	list, err := s.Packages(ctx)
	if err != nil {
		return nil, err
	}
	publisher, err := s.Publisher()
	if err != nil {
		return nil, err
	}
	var all []Artifact
	for _, p := range list {
		signed := publisher.Fingerprint()
		if p.OS == "windows" {
			signed = CodeOrganization
		}
		all = append(all, Artifact{Path: filepath.Join(s.production(), p.File), Version: p.Version, SHA256: p.SHA256, Signed: signed})
	}
	version := s.Settings().AgentVersion
	poisoned, err := BuildPoison(s.poisonDir(), version, publisher)
	if err != nil {
		return nil, err
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	windows, err := s.windowsPoison(ctx, version)
	if err != nil {
		return nil, err
	}
	s.shelf.poisoned = version
	return slices.Concat(all, poisoned, windows), nil
}

// BuildPoison builds the poisoned packages in a folder for each kind below dir. version is what the true packages are
// of, and p who signs those. Other systems than Linux are errors.ErrUnsupported.
func BuildPoison(dir, version string, p *Publisher) ([]Artifact, error) {
	other, err := newPublisher("somebody-else")
	if err != nil {
		return nil, err
	}
	parts, err := os.MkdirTemp("", "jcagent-canary-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the canary: %w", err)
	}
	defer func() { _ = os.RemoveAll(parts) }() // the system empties its folder of temporary files too
	program := filepath.Join(parts, "canary")
	if err := os.WriteFile(program, []byte(canaryScript), 0o600); err != nil {
		return nil, fmt.Errorf("writing the canary: %w", err)
	}
	var all []Artifact
	for _, kind := range []struct {
		poison  Poison
		version string
		signer  *Publisher
	}{{PoisonUnsigned, version, nil}, {PoisonOther, version, other}, {PoisonTruncated, version, p}, {PoisonOlder, olderVersion, p}} {
		folder := filepath.Join(dir, string(kind.poison))
		spec := PackageSpec{Version: kind.version, AgentProgram: program, CA: []byte("none\n"), Publisher: kind.signer, canary: true}
		list, err := BuildPackages(folder, spec)
		if err != nil {
			return nil, fmt.Errorf("building the poisoned shelf: %w", err)
		}
		for _, made := range list {
			one := Artifact{Poison: kind.poison, Path: filepath.Join(folder, made.File), Version: kind.version}
			if kind.signer != nil {
				one.Signed = kind.signer.Fingerprint()
			}
			if kind.poison == PoisonTruncated {
				err = halve(one.Path)
			}
			if err == nil {
				one.SHA256, err = sumFile(one.Path)
			}
			if err != nil {
				return nil, fmt.Errorf("finishing %s: %w", made.File, err)
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// halve leaves the first half of a file under its name; the whole one stays where it has its version.
func halve(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return writeWhole(name, bytes.NewReader(half(raw)))
}

func half(raw []byte) []byte { return raw[:len(raw)/2] }

// halfScript is the first half of a script that tells when it is executed all the same.
func halfScript(script []byte) []byte {
	return slices.Concat([]byte(canaryLine), half(script))
}

// canaryLine begins a script that is executed although it is not whole.
const canaryLine = "#!/bin/bash\nmkdir -p \"${STUB_ROOT:-}/var/tmp\" && echo half >>\"${STUB_ROOT:-}" + CanaryPath + "\"\n"
