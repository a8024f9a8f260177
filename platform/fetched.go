package platform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// finish hashes the part, reads its metadata and gives it its name.
func (f fetch) finish(ctx context.Context, path string) (Package, error) {
	in, err := os.Open(f.part)
	if err != nil {
		return Package{}, err
	}
	defer func() { _ = in.Close() }()
	sum := sha256.New()
	size, err := io.Copy(sum, in)
	if err != nil {
		return Package{}, err
	}
	kind, err := fileKind(f.part)
	if err != nil {
		return Package{}, err
	}
	if kind == "" {
		return Package{}, errors.Join(ErrNotPackage, f.drop())
	}
	p := Package{Path: path + "." + kind, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}
	info, err := readPackageInfo(ctx, f.part)
	if err != nil {
		return Package{}, errors.Join(ErrNotPackage, err, f.drop())
	}
	p.Name, p.Version = info.Name, info.Version
	if err := os.Rename(f.part, p.Path); err != nil {
		return Package{}, err
	}
	return p, os.Remove(f.note)
}
