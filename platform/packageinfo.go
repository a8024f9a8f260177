package platform

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
)

// The kinds of installers, which are also their file name endings.
const (
	kindDeb = "deb"
	kindRPM = "rpm"
	kindPKG = "pkg"
	kindMSI = "msi"
)

// magicLength is how many bytes packageKind looks at.
const magicLength = 8

// packageKind tells an installer by its first bytes, "" for anything else.
func packageKind(head []byte) string {
	for _, m := range []struct{ magic, kind string }{
		{"!<arch>\n", kindDeb},
		{"\xed\xab\xee\xdb", kindRPM},
		{"xar!", kindPKG},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", kindMSI},
	} {
		if len(head) >= magicLength && bytes.HasPrefix(head, []byte(m.magic)) {
			return m.kind
		}
	}
	return ""
}

// fileKind tells the kind of the installer in a file.
func fileKind(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, magicLength)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return packageKind(head[:n]), nil
}

// packageInfo is what a package says of itself.
type packageInfo struct{ Name, Version string }

// maxMetadata bounds what is read of a package's metadata, in bytes.
const maxMetadata = 4 << 20

// readPackageInfo reads a package's own metadata. Kinds that are not read here give none and no error.
func readPackageInfo(ctx context.Context, name string) (packageInfo, error) {
	kind, err := fileKind(name)
	if err != nil {
		return packageInfo{}, err
	}
	f, err := os.Open(name)
	if err != nil {
		return packageInfo{}, err
	}
	defer func() { _ = f.Close() }()
	var info packageInfo
	switch kind {
	case kindDeb:
		info, err = readDeb(ctx, f)
	case kindRPM:
		info, err = readRPM(bufio.NewReader(f))
	case kindPKG:
		return readPKG(f)
	default:
		return packageInfo{}, nil
	}
	if err != nil {
		return packageInfo{}, fmt.Errorf("reading the %s package: %w", kind, err)
	}
	if info.Name == "" || info.Version == "" {
		return packageInfo{}, fmt.Errorf("reading the %s package: it has no name or no version", kind)
	}
	return info, nil
}

// readDeb reads the control file of a Debian package, an ar archive: deb(5).
func readDeb(ctx context.Context, f *os.File) (packageInfo, error) {
	r := bufio.NewReader(f)
	if _, err := r.Discard(len("!<arch>\n")); err != nil {
		return packageInfo{}, err
	}
	for {
		header := make([]byte, 60)
		if _, err := io.ReadFull(r, header); err != nil {
			return packageInfo{}, err
		}
		member := strings.TrimRight(strings.TrimSpace(string(header[:16])), "/")
		size, err := strconv.ParseInt(strings.TrimSpace(string(header[48:58])), 10, 64)
		if err != nil || size < 0 || string(header[58:]) != "`\n" {
			return packageInfo{}, errors.New("not an ar archive")
		}
		switch member {
		case "control.tar":
			return readControl(io.LimitReader(r, size))
		case "control.tar.gz":
			z, err := gzip.NewReader(io.LimitReader(r, size))
			if err != nil {
				return packageInfo{}, err
			}
			return readControl(z)
		case "control.tar.xz", "control.tar.zst":
			return askDpkg(ctx, f.Name())
		}
		if _, err := io.CopyN(io.Discard, r, size+size%2); err != nil {
			return packageInfo{}, err
		}
	}
}

// readControl finds the control file in its tar archive.
func readControl(r io.Reader) (packageInfo, error) {
	t := tar.NewReader(io.LimitReader(r, maxMetadata))
	for {
		h, err := t.Next()
		if err != nil {
			return packageInfo{}, err
		}
		if path.Clean(h.Name) == "control" {
			b, err := io.ReadAll(t)
			return parseControl(string(b)), err
		}
	}
}

// parseControl reads the fields of a control file.
func parseControl(text string) packageInfo {
	var info packageInfo
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		switch key {
		case "Package":
			info.Name = strings.TrimSpace(value)
		case "Version":
			info.Version = strings.TrimSpace(value)
		}
	}
	return info
}

// askDpkg has dpkg-deb read a package whose compression Go's library lacks. It is there wherever the package could be
// installed.
func askDpkg(ctx context.Context, name string) (packageInfo, error) {
	cmd := exec.CommandContext(ctx, "/usr/bin/dpkg-deb", "-f", name, "Package", "Version")
	cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin"}
	out, err := cmd.Output()
	if err != nil {
		return packageInfo{}, err
	}
	return parseControl(string(out)), nil
}

// Tags of an rpm header: https://rpm.org/docs/latest/manual/tags.html
const (
	rpmName    = 1000
	rpmVersion = 1001
	rpmString  = 6
)

// readRPM reads the header of an rpm: https://rpm.org/docs/latest/manual/format_v4.html
func readRPM(r *bufio.Reader) (packageInfo, error) {
	if _, err := r.Discard(96); err != nil { // the lead
		return packageInfo{}, err
	}
	signature, err := readRPMHeader(r)
	if err != nil {
		return packageInfo{}, err
	}
	if _, err := r.Discard((8 - signature.size%8) % 8); err != nil {
		return packageInfo{}, err
	}
	header, err := readRPMHeader(r)
	if err != nil {
		return packageInfo{}, err
	}
	return packageInfo{Name: header.text(rpmName), Version: header.text(rpmVersion)}, nil
}

// rpmHeader is one header structure: an index of entries of 16 bytes and a store that they point into.
type rpmHeader struct {
	index, store []byte
	size         int // of the store, in bytes
}

// readRPMHeader reads one header structure.
func readRPMHeader(r io.Reader) (rpmHeader, error) {
	intro := make([]byte, 16)
	if _, err := io.ReadFull(r, intro); err != nil {
		return rpmHeader{}, err
	}
	entries, size := binary.BigEndian.Uint32(intro[8:]), binary.BigEndian.Uint32(intro[12:])
	if !bytes.HasPrefix(intro, []byte("\x8e\xad\xe8")) || entries > 1<<16 || size > maxMetadata*8 {
		return rpmHeader{}, errors.New("not an rpm header")
	}
	h := rpmHeader{index: make([]byte, 16*entries), store: make([]byte, size), size: int(size)}
	if _, err := io.ReadFull(r, h.index); err != nil {
		return rpmHeader{}, err
	}
	_, err := io.ReadFull(r, h.store)
	return h, err
}

// text gives a string tag, "" when it is not there.
func (h rpmHeader) text(tag uint32) string {
	for e := h.index; len(e) >= 16; e = e[16:] {
		if binary.BigEndian.Uint32(e) != tag || binary.BigEndian.Uint32(e[4:]) != rpmString {
			continue
		}
		offset := binary.BigEndian.Uint32(e[8:])
		if int(offset) >= len(h.store) {
			return ""
		}
		value, _, _ := bytes.Cut(h.store[offset:], []byte{0})
		return string(value)
	}
	return ""
}
