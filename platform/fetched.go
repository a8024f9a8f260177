package platform

import (
	"context"
	"errors"
	"os"
)

// finish reads the part's metadata and gives it its name; hash is that of the part.
func (f fetch) finish(ctx context.Context, path, hash string) (Package, error) {
	info, err := os.Stat(f.part)
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
	p := Package{Path: path + "." + kind, Size: info.Size(), SHA256: hash}
	about, err := readPackageInfo(ctx, f.part)
	if err != nil {
		return Package{}, errors.Join(ErrNotPackage, err, f.drop())
	}
	p.Name, p.Version = about.Name, about.Version
	if err := os.Rename(f.part, p.Path); err != nil {
		return Package{}, err
	}
	return p, os.Remove(f.note)
}
