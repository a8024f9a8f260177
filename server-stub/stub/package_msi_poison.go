package stub

import (
	"context"
	"fmt"
	"path/filepath"
)

// MSICanaryPath is the file that tells of an execution on Windows.
const MSICanaryPath = `C:\ProgramData\Stub server\canary`

// buildMSIPoison builds the poisoned packages for Windows in the folders of BuildPoison. Each would write a file named
// canary and nothing else.
func buildMSIPoison(ctx context.Context, dir, version string, publisher *codeSigner) ([]Artifact, error) {
	other, err := newCodeSigner("somebody-else")
	if err != nil {
		return nil, err
	}
	var all []Artifact
	for _, kind := range []struct {
		poison  Poison
		version string
		signer  *codeSigner
	}{{PoisonUnsigned, version, nil}, {PoisonOther, version, other}, {PoisonTruncated, version, publisher}, {PoisonOlder, olderVersion, publisher}} {
		folder := filepath.Join(dir, string(kind.poison))
		made, err := buildMSI(ctx, folder, msiSpec{version: kind.version, signer: kind.signer, canary: true})
		if err != nil {
			return nil, fmt.Errorf("building the poisoned shelf: %w", err)
		}
		one := Artifact{Poison: kind.poison, Path: filepath.Join(folder, made.File), Version: kind.version}
		if kind.signer != nil {
			one.Signed = kind.signer.organization()
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
	return all, nil
}
