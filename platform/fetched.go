package platform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
)

// kept gives the installer that an earlier Download left complete, if the server still has that one.
func (f fetch) kept(ctx context.Context, path string) (Package, bool) {
	v := f.noted()
	if v.SHA256 == "" {
		return Package{}, false
	}
	for _, kind := range []string{kindDeb, kindRPM, kindPKG, kindMSI} {
		p := Package{Path: path + "." + kind, SHA256: v.SHA256}
		size, hash, err := hashFile(p.Path)
		if err != nil || hash != v.SHA256 || f.changed(ctx, v) {
			continue
		}
		about, err := readPackageInfo(ctx, p.Path)
		if err != nil {
			continue
		}
		p.Size, p.Name, p.Version = size, about.Name, about.Version
		f.progress(size, size)
		return p, true
	}
	return Package{}, false
}

// changed asks whether the server has another version. One that does not answer, or says nothing of it, may have.
func (f fetch) changed(ctx context.Context, v validators) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, f.url, nil)
	if err != nil {
		return true
	}
	if v.ETag != "" {
		r.Header.Set("If-None-Match", v.ETag)
	} else {
		r.Header.Set("If-Modified-Since", v.LastModified)
	}
	response, err := f.client.Do(r)
	if err != nil {
		return true
	}
	_ = response.Body.Close() // HEAD has none
	return response.StatusCode != http.StatusNotModified || !v.same(response.Header)
}

// hashFile gives a file's length and hash.
func hashFile(path string) (size int64, hash string, err error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = in.Close() }()
	sum := sha256.New()
	size, err = io.Copy(sum, in)
	return size, hex.EncodeToString(sum.Sum(nil)), err
}

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
	v := f.noted()
	if v.condition() == "" { // nothing to ask the server by
		return p, os.Remove(f.note)
	}
	v.SHA256 = hash
	return p, f.keepNote(v)
}
