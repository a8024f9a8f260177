package platform

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// MaxPackage is the largest installer that is downloaded or accepted, in bytes.
const MaxPackage = 512 << 20

// Errors of Download that callers tell apart, besides *StatusError and those of the network.
var (
	// ErrNotPackage: what came is not an installer, such as the sign-in page of a network.
	ErrNotPackage = errors.New("not an installer package")
	// ErrTooLarge: the installer is larger than MaxPackage.
	ErrTooLarge = errors.New("the installer is too large")
	// ErrCutShort: the connection ended before the file did; another Download goes on from there.
	ErrCutShort = errors.New("the download was cut short")
)

// StatusError is an answer of the server that is not a file.
type StatusError struct {
	URL  string
	Code int // HTTP status
}

// Error implements error.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answered %d %s", e.URL, e.Code, http.StatusText(e.Code))
}

// validators is what a server calls one version of a file, kept beside it.
type validators struct {
	URL          string `json:"url"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"lastModified,omitempty"`
	// SHA256 is our own hash of the file once it was whole; empty for a part of it.
	SHA256 string `json:"sha256,omitempty"`
}

// condition gives the If-Range header, "" when the server gave nothing that identifies the bytes: a weak ETag does
// not. https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5
func (v validators) condition() string {
	if v.ETag != "" && !strings.HasPrefix(v.ETag, "W/") {
		return v.ETag
	}
	return v.LastModified
}

// fetch is one download under way.
type fetch struct {
	client   *http.Client
	url      string
	part     string // path of what has come so far
	note     string // path of its validators
	progress func(done, total int64)
}

// Download fetches an installer into dir and gives it complete, hashed and with the name and version of its own
// metadata where its kind has them (deb, rpm). A download that was cut short goes on where it ended, unless the
// server's file changed; one that was complete is used again when the server says that it has no other and its hash is
// still what it was. progress gets bytes, total -1 when the server does not say; it may be nil. One Download at a
// time may run for a dir.
func Download(ctx context.Context, client *http.Client, url, dir string, progress func(done, total int64)) (Package, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	sum := sha256.Sum256([]byte(url))
	name := hex.EncodeToString(sum[:8])
	f := fetch{
		client: client, url: url, progress: progress,
		part: filepath.Join(dir, name+".part"), note: filepath.Join(dir, name+".json"),
	}
	if p, ok := f.kept(ctx, filepath.Join(dir, name)); ok {
		return p, nil
	}
	hash, err := f.get(ctx)
	if err != nil {
		return Package{}, fmt.Errorf("downloading the installer: %w", err)
	}
	p, err := f.finish(ctx, filepath.Join(dir, name), hash)
	if err != nil {
		return Package{}, fmt.Errorf("checking the installer: %w", err)
	}
	return p, nil
}

// get brings the part to its full length and gives its hash.
func (f fetch) get(ctx context.Context) (hash string, err error) {
	have, kept := f.resumable()
	response, err := f.ask(ctx, have, kept)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	total := response.ContentLength
	switch {
	case response.StatusCode == http.StatusOK:
		have = 0
	case response.StatusCode == http.StatusPartialContent && have > 0:
		var ok bool
		if total, ok = continues(response.Header, have, kept); !ok {
			return f.anew(ctx)
		}
	case response.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		// The part is all of it, https://www.rfc-editor.org/rfc/rfc9110#section-14.4, or the file became another one.
		if response.Header.Get("Content-Range") != fmt.Sprintf("bytes */%d", have) || f.changed(ctx, kept) {
			return f.anew(ctx)
		}
		return f.copyBody(http.NoBody, have, have)
	default:
		return "", &StatusError{f.url, response.StatusCode}
	}
	if total > MaxPackage {
		return "", ErrTooLarge
	}
	if have == 0 {
		kept = validators{URL: f.url, ETag: response.Header.Get("ETag"), LastModified: response.Header.Get("Last-Modified")}
	}
	if err := f.keepNote(kept); err != nil {
		return "", err
	}
	return f.copyBody(response.Body, have, total)
}

// ask asks for what follows the bytes that are there, of the version that they are of.
func (f fetch) ask(ctx context.Context, have int64, kept validators) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", "identity") // lengths and ranges are those of the file
	if have > 0 {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
		r.Header.Set("If-Range", kept.condition())
	}
	return f.client.Do(r)
}

// continues tells whether an answer goes on behind the bytes that are there, and how long the whole is.
func continues(h http.Header, have int64, kept validators) (whole int64, ok bool) {
	start, whole, ok := contentRange(h.Get("Content-Range"))
	return whole, ok && start == have && kept.same(h)
}

// same tells whether an answer names the version that these validators are of, as far as it names one. A server that
// ignores If-Range may send a part of another.
func (v validators) same(h http.Header) bool {
	etag, modified := h.Get("ETag"), h.Get("Last-Modified")
	return (etag == "" || etag == v.ETag) && (modified == "" || modified == v.LastModified)
}

// noted reads the note; the zero value when there is none of this address.
func (f fetch) noted() validators {
	var v validators
	b, err := os.ReadFile(f.note)
	if err != nil || json.Unmarshal(b, &v) != nil || v.URL != f.url {
		return validators{}
	}
	return v
}

// resumable tells how many bytes are there already and of which version.
func (f fetch) resumable() (int64, validators) {
	v := f.noted()
	info, err := os.Lstat(f.part)
	if v.condition() == "" || v.SHA256 != "" || err != nil || !info.Mode().IsRegular() {
		return 0, v
	}
	return info.Size(), v
}

// anew forgets the part and begins again.
func (f fetch) anew(ctx context.Context) (hash string, err error) {
	if err := f.drop(); err != nil {
		return "", err
	}
	return f.get(ctx)
}

// drop forgets the part.
func (f fetch) drop() error {
	for _, path := range []string{f.part, f.note} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// keepNote writes the validators before the first byte, so that a part without them is never gone on with.
func (f fetch) keepNote(v validators) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(f.note, b, 0o600)
}

// copyBody appends the body to the part and gives the hash of it all. The first bytes are judged before the rest is
// waited for.
func (f fetch) copyBody(body io.Reader, have, total int64) (hash string, err error) {
	flags := os.O_RDWR | os.O_CREATE | os.O_APPEND
	if have == 0 {
		flags |= os.O_TRUNC
	}
	out, err := os.OpenFile(f.part, flags, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { _ = out.Close() }()
	f.progress(have, total)
	in := bufio.NewReaderSize(body, hashBlock/8)
	if have == 0 {
		// A file shorter than this is no package either.
		if head, _ := in.Peek(magicLength); packageKind(head) == "" { //nolint:errcheck // what is there is judged
			return "", errors.Join(ErrNotPackage, f.drop())
		}
	}
	h := newHashing(io.NewSectionReader(out, 0, have))
	whole, err := f.copyBytes(out, in, h, have, total)
	hash, failed := h.end()
	switch {
	case err != nil:
		return "", err
	case failed != nil:
		return "", fmt.Errorf("reading what had come before: %w", failed)
	case total >= 0 && whole != total:
		return "", ErrCutShort
	}
	return hash, out.Close()
}

// copyBytes copies what comes until its end and gives how long the part is then.
func (f fetch) copyBytes(out io.Writer, in io.Reader, h *hashing, have, total int64) (int64, error) {
	for {
		room := h.room()
		n, err := in.Read(room)
		if _, err := out.Write(room[:n]); err != nil {
			return have, err
		}
		h.keep(n)
		have += int64(n)
		f.progress(have, total)
		if have > MaxPackage {
			return have, errors.Join(ErrTooLarge, f.drop())
		}
		if errors.Is(err, io.EOF) {
			return have, nil
		}
		if err != nil {
			return have, errors.Join(ErrCutShort, err)
		}
	}
}

// contentRange reads "bytes 100-199/200".
func contentRange(h string) (start, whole int64, ok bool) {
	var end int64
	if _, err := fmt.Sscanf(h, "bytes %d-%d/%d", &start, &end, &whole); err != nil || end != whole-1 {
		return 0, 0, false
	}
	return start, whole, true
}
