package stub

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"example.com/enrollment-assistant/assets"
)

// fingerprint tells two specs apart. It covers the maintainer scripts too, which come with this program.
func (p PackageSpec) fingerprint() (string, error) {
	program, err := sumFile(p.AgentProgram)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	add := func(part string) { h.Write(strconv.AppendQuote(nil, part)) } // quoted, so that no two lists look the same
	add(program)
	add(p.Version)
	add(string(p.CA))
	add(strconv.FormatBool(p.canary) + canaryScript)
	if p.Publisher != nil {
		add(p.Publisher.Fingerprint())
	}
	err = fs.WalkDir(assets.Stub, "agent", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := assets.Stub.ReadFile(name)
		add(name)
		add(string(b))
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// built is the file that says what made the packages beside it.
type built struct {
	Fingerprint string    `json:"fingerprint"`
	Packages    []Package `json:"packages"`
}

const builtName = "built.json"

// recall gives the packages in folder when they were made from the same parts and are still there, whole.
func recall(folder, fingerprint string) ([]Package, error) {
	b, err := readBuilt(folder)
	if err != nil {
		return nil, err
	}
	if b.Fingerprint != fingerprint {
		return nil, errors.New("made from other parts")
	}
	for _, p := range b.Packages {
		sum, err := sumFile(filepath.Join(folder, p.File))
		if err != nil {
			return nil, err
		}
		if sum != p.SHA256 {
			return nil, fmt.Errorf("%s is damaged", p.File)
		}
	}
	return b.Packages, nil
}

func readBuilt(folder string) (b built, err error) {
	raw, err := os.ReadFile(filepath.Join(folder, builtName))
	if err != nil {
		return b, err
	}
	return b, json.Unmarshal(raw, &b)
}

// broughtAlong gives the packages of a version in a data folder that was filled on Linux, where alone they are built.
func (s *Server) broughtAlong(version string) ([]Package, error) {
	folder := filepath.Join(s.production(), "versions", version)
	var list []Package
	for _, at := range []string{folder, filepath.Join(folder, "windows")} {
		b, err := readBuilt(at)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading what packages there are: %w", err)
		}
		for _, p := range b.Packages {
			if err := linkWhole(filepath.Join(at, p.File), filepath.Join(s.production(), p.File)); err != nil {
				return nil, fmt.Errorf("publishing %s: %w", p.File, err)
			}
		}
		list = append(list, b.Packages...)
	}
	return list, nil
}

func remember(folder, fingerprint string, list []Package) error {
	raw, err := json.Marshal(built{fingerprint, list})
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(folder, builtName), bytes.NewReader(raw))
}

func sumFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// writeWhole puts a file in place in one go, so that a download that is under way goes on with the file it opened.
func writeWhole(name string, content io.Reader) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // fails once it is renamed
	if err := f.Chmod(0o644); err != nil {
		return errors.Join(err, f.Close())
	}
	if _, err := io.Copy(f, content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// linkWhole makes name another name of the file target, in one go.
func linkWhole(target, name string) error {
	same, err := sameFile(target, name)
	if err != nil || same {
		return err
	}
	beside := name + ".new"
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Link(target, beside); err != nil {
		return err
	}
	return os.Rename(beside, name)
}

func sameFile(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(first, second), err
}
