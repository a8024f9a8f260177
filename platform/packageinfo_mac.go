package platform

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"path"
)

// A package for macOS is a xar archive: a header, a table of contents in compressed XML, and the files that it lists.
// https://github.com/apple-oss-distributions/xar/blob/main/xar/include/xar.h.in

// xarHeader begins the archive, in network order.
type xarHeader struct {
	Magic         uint32
	Size, Version uint16
	Packed, Plain uint64 // lengths of the table of contents
	Checksum      uint32
}

// xarFile is an entry of the table; a folder has entries of its own.
type xarFile struct {
	Name   string    `xml:"name"`
	Files  []xarFile `xml:"file"`
	Offset int64     `xml:"data>offset"`
	Length int64     `xml:"data>length"`
	Style  struct {
		Kind string `xml:"style,attr"`
	} `xml:"data>encoding"`
}

// component is what a package that macOS' database will know says of itself, in its PackageInfo.
type component struct {
	ID      string `xml:"identifier,attr"`
	Version string `xml:"version,attr"`
}

// readPKG reads the name and version of the package, or of the first one in it. One without is no error: what is
// signed is what counts.
func readPKG(f io.ReadSeeker) (packageInfo, error) {
	var h xarHeader
	if err := binary.Read(f, binary.BigEndian, &h); err != nil {
		return packageInfo{}, err
	}
	if h.Size < 28 || h.Packed > maxMetadata || h.Plain > maxMetadata {
		return packageInfo{}, errors.New("reading the pkg package: its header is not possible")
	}
	if _, err := f.Seek(int64(h.Size), io.SeekStart); err != nil {
		return packageInfo{}, err
	}
	toc, err := inflated(io.LimitReader(f, int64(h.Packed)))
	if err != nil {
		return packageInfo{}, err
	}
	var table struct {
		Files []xarFile `xml:"toc>file"`
	}
	if err := xml.Unmarshal(toc, &table); err != nil {
		return packageInfo{}, err
	}
	info := findPackageInfo(table.Files, 0)
	if info == nil || info.Length > maxMetadata {
		return packageInfo{}, nil
	}
	heap := int64(h.Size) + int64(h.Packed)
	if _, err := f.Seek(heap+info.Offset, io.SeekStart); err != nil {
		return packageInfo{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(f, info.Length))
	if err == nil && path.Base(info.Style.Kind) == "x-gzip" { // which xar calls what zlib makes
		raw, err = inflated(bytes.NewReader(raw))
	}
	if err != nil {
		return packageInfo{}, err
	}
	var c component
	if err := xml.Unmarshal(raw, &c); err != nil {
		return packageInfo{}, err
	}
	return packageInfo{Name: printable(c.ID), Version: printable(c.Version)}, nil
}

// findPackageInfo finds the first PackageInfo, at the top or in the folder of a package in the package.
func findPackageInfo(files []xarFile, depth int) *xarFile {
	for i := range files {
		if files[i].Name == "PackageInfo" && files[i].Length > 0 && files[i].Offset >= 0 {
			return &files[i]
		}
		if depth < 2 {
			if found := findPackageInfo(files[i].Files, depth+1); found != nil {
				return found
			}
		}
	}
	return nil
}

// inflated reads what zlib has packed, up to maxMetadata bytes.
func inflated(r io.Reader) ([]byte, error) {
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, maxMetadata))
}
