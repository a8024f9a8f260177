package fake

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
)

// PKG is the least that a package for macOS consists of: a xar archive that says its name and version, with nothing in it.
// https://github.com/apple-oss-distributions/xar/blob/main/xar/include/xar.h.in
func PKG(id, version string) []byte {
	heap := packed(`<pkg-info format-version="2" identifier="` + id + `" version="` + version + `" install-location="/"/>`)
	toc := fmt.Sprintf(`<xar><toc><file id="1"><name>PackageInfo</name><data><length>%d</length><offset>0</offset>`+
		`<encoding style="application/x-gzip"/></data></file></toc></xar>`, len(heap))
	table := packed(toc)
	b := []byte("xar!")
	b = binary.BigEndian.AppendUint16(b, 28) // length of this header
	b = binary.BigEndian.AppendUint16(b, 1)  // version of the form
	b = binary.BigEndian.AppendUint64(b, uint64(len(table)))
	b = binary.BigEndian.AppendUint64(b, uint64(len(toc)))
	b = binary.BigEndian.AppendUint32(b, 1) // SHA-1, which nobody compares
	return append(append(b, table...), heap...)
}

// packed is a text as zlib makes it.
func packed(text string) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(text)) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}
