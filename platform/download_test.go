package platform_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
)

// shelf serves one file as a CDN does, and can end answers early.
type shelf struct {
	mu       sync.Mutex
	content  []byte
	etag     string
	cut      int // bytes after which an answer ends; 0 for none
	ignore   bool
	blind    bool     // If-Range is not looked at
	length   string   // Content-Length, instead of the true one
	requests []string // Range headers, HEAD for a question about the file
}

// ServeHTTP implements http.Handler.
func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodHead {
		s.requests = append(s.requests, "HEAD")
	} else {
		s.requests = append(s.requests, r.Header.Get("Range"))
	}
	if s.blind {
		r.Header.Del("If-Range")
	}
	if s.length != "" {
		w.Header().Set("Content-Length", s.length)
		_, _ = w.Write(s.content)
		return
	}
	if s.etag != "" {
		w.Header().Set("ETag", s.etag)
	}
	if s.ignore {
		r.Header.Del("Range")
	}
	if s.cut > 0 {
		w = &short{w, s.cut}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content))
}

// short hangs up after some bytes.
type short struct {
	http.ResponseWriter
	left int
}

func (s *short) Write(p []byte) (int, error) {
	if len(p) > s.left {
		_, _ = s.ResponseWriter.Write(p[:s.left])
		_ = http.NewResponseController(s.ResponseWriter).Flush()
		panic(http.ErrAbortHandler) //nolint:forbidigo // how net/http is told to hang up
	}
	s.left -= len(p)
	return s.ResponseWriter.Write(p)
}

// msi makes an installer of a kind that has no metadata to read.
func msi(fill byte, size int) []byte {
	return append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), bytes.Repeat([]byte{fill}, size)...)
}

// get downloads from the shelf.
func get(t *testing.T, s *shelf, dir string, progress func(done, total int64)) (platform.Package, error) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	// The address names the part, so it must not change with the server's port.
	client := &http.Client{Transport: rewrite(server.Listener.Addr().String())}
	return platform.Download(t.Context(), client, "http://cdn.example/production/agent.msi", dir, progress)
}

// rewrite sends every request to one address.
type rewrite string

func (a rewrite) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Host = string(a)
	return http.DefaultTransport.RoundTrip(r)
}

// check compares a package with what it must be.
func check(t *testing.T, p platform.Package, err error, content []byte) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	on, err := os.ReadFile(p.Path)
	if err != nil || !bytes.Equal(on, content) || p.SHA256 != hex.EncodeToString(sum[:]) || p.Size != int64(len(content)) {
		t.Errorf("%+v %v: %d bytes on disk, want %d", p, err, len(on), len(content))
	}
	info, err := os.Stat(p.Path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 || filepath.Ext(p.Path) != ".msi" {
		t.Errorf("%s %v %v", p.Path, info.Mode(), err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(p.Path), "*.part"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestDownload(t *testing.T) {
	s := &shelf{content: msi('a', 1<<20), etag: `"1"`}
	var last, total int64
	p, err := get(t, s, t.TempDir(), func(done, all int64) {
		if done < last {
			t.Errorf("progress went back from %d to %d", last, done)
		}
		last, total = done, all
	})
	check(t, p, err, s.content)
	if last != p.Size || total != p.Size {
		t.Errorf("progress ended at %d of %d", last, total)
	}
}

func TestDownloadResumes(t *testing.T) {
	dir := t.TempDir()
	s := &shelf{content: msi('a', 1<<20), etag: `"1"`, cut: 400000}
	if _, err := get(t, s, dir, nil); !errors.Is(err, platform.ErrCutShort) {
		t.Fatalf("%v, want ErrCutShort", err)
	}
	s.cut = 0
	first := int64(-1)
	p, err := get(t, s, dir, func(done, _ int64) {
		if first < 0 {
			first = done
		}
	})
	check(t, p, err, s.content)
	if len(s.requests) != 2 || s.requests[0] != "" || s.requests[1] != fmt.Sprintf("bytes=%d-", first) || first == 0 {
		t.Errorf("asked for %q, began at %d", s.requests, first)
	}
}

// TestDownloadChanged: bytes of two versions are never mixed.
func TestDownloadChanged(t *testing.T) {
	for what, change := range map[string]func(*shelf){
		"a new version":                               func(s *shelf) { s.content, s.etag = msi('b', 1<<20), `"2"` },
		"a shorter new version":                       func(s *shelf) { s.content, s.etag = msi('b', 1000), `"2"` },
		"the validator is gone":                       func(s *shelf) { s.content, s.etag = msi('b', 1<<20), "" },
		"the server takes no ranges":                  func(s *shelf) { s.content, s.ignore = msi('b', 1<<20), true },
		"shorter, under its old name":                 func(s *shelf) { s.content = msi('b', 1000) },
		"another one, conditions are not looked at":   func(s *shelf) { s.content, s.etag, s.blind = msi('b', 1<<20), `"2"`, true },
		"a shorter one, conditions are not looked at": func(s *shelf) { s.content, s.etag, s.blind = msi('b', 1000), `"2"`, true },
		"as long as what had come":                    func(s *shelf) { s.content, s.etag, s.blind = msi('b', 399992), `"2"`, true },
	} {
		dir := t.TempDir()
		s := &shelf{content: msi('a', 1<<20), etag: `"1"`, cut: 400000}
		if _, err := get(t, s, dir, nil); !errors.Is(err, platform.ErrCutShort) {
			t.Fatalf("%s: %v", what, err)
		}
		s.cut = 0
		change(s)
		p, err := get(t, s, dir, nil)
		check(t, p, err, s.content)
	}
}

// part gives what a download has left, and its path.
func part(t *testing.T, dir string) (path string, content []byte) {
	t.Helper()
	parts, err := filepath.Glob(filepath.Join(dir, "*.part"))
	if err != nil || len(parts) != 1 {
		t.Fatalf("parts %q %v", parts, err)
	}
	content, err = os.ReadFile(parts[0])
	if err != nil {
		t.Fatal(err)
	}
	return parts[0], content
}

// TestDownloadPart: what lies on the disk is judged by nothing but its bytes. A part that was cut short there is gone on
// with from its end; one that was changed has another hash in the end, and is refused by that; one that is whole needs
// nothing more.
func TestDownloadPart(t *testing.T) {
	for what, c := range map[string]struct {
		change func([]byte) []byte
		asks   []string
		same   bool
	}{
		"cut short":     {func(b []byte) []byte { return b[:1000] }, []string{"", "bytes=1000-"}, true},
		"emptied":       {func([]byte) []byte { return nil }, []string{"", ""}, true},
		"whole":         {func([]byte) []byte { return msi('a', 1<<20) }, []string{"", fmt.Sprintf("bytes=%d-", 1<<20+8), "HEAD"}, true},
		"longer":        {func([]byte) []byte { return msi('a', 2<<20) }, []string{"", fmt.Sprintf("bytes=%d-", 2<<20+8), ""}, true},
		"changed":       {func(b []byte) []byte { b[500] = 'x'; return b }, []string{"", "bytes=400000-"}, false},
		"changed whole": {func([]byte) []byte { return msi('x', 1<<20) }, []string{"", fmt.Sprintf("bytes=%d-", 1<<20+8), "HEAD"}, false},
	} {
		dir := t.TempDir()
		s := &shelf{content: msi('a', 1<<20), etag: `"1"`, cut: 400000}
		if _, err := get(t, s, dir, nil); !errors.Is(err, platform.ErrCutShort) {
			t.Fatalf("%s: %v", what, err)
		}
		path, content := part(t, dir)
		if err := os.WriteFile(path, c.change(content[:400000]), 0o600); err != nil {
			t.Fatal(err)
		}
		s.cut = 0
		p, err := get(t, s, dir, nil)
		if !slices.Equal(s.requests, c.asks) {
			t.Errorf("%s: asked for %q, want %q", what, s.requests, c.asks)
		}
		if c.same {
			check(t, p, err, s.content)
			continue
		}
		want := sha256.Sum256(s.content)
		pinned := platform.Trust{SHA256: hex.EncodeToString(want[:])}
		if err != nil || p.SHA256 == pinned.SHA256 {
			t.Errorf("%s: %v, hash %s", what, err, p.SHA256)
		}
	}
}

// TestDownloadKept: an installer that had come whole is used again, if the server has no other and nobody changed it.
func TestDownloadKept(t *testing.T) {
	for what, c := range map[string]struct {
		change func(s *shelf, path string)
		asks   []string // the second time
	}{
		"as it was":           {func(*shelf, string) {}, []string{"HEAD"}},
		"changed by somebody": {func(_ *shelf, path string) { _ = os.WriteFile(path, msi('x', 1<<20), 0o600) }, []string{""}},
		"removed":             {func(_ *shelf, path string) { _ = os.Remove(path) }, []string{""}},
		"the server changed":  {func(s *shelf, _ string) { s.content, s.etag = msi('b', 1<<20), `"2"` }, []string{"HEAD", ""}},
		"no validator now":    {func(s *shelf, _ string) { s.content, s.etag = msi('b', 1<<20), "" }, []string{"HEAD", ""}},
	} {
		dir := t.TempDir()
		s := &shelf{content: msi('a', 1<<20), etag: `"1"`}
		p, err := get(t, s, dir, nil)
		check(t, p, err, s.content)
		s.requests = nil
		c.change(s, p.Path)
		p, err = get(t, s, dir, nil)
		check(t, p, err, s.content)
		if !slices.Equal(s.requests, c.asks) {
			t.Errorf("%s: asked for %q, want %q", what, s.requests, c.asks)
		}
	}
}

// TestDownloadWrongLength: a length that does not fit is a download that was cut short, or one that is as long as said.
func TestDownloadWrongLength(t *testing.T) {
	dir := t.TempDir()
	s := &shelf{content: msi('a', 1<<20), etag: `"1"`, length: "2000000"}
	if _, err := get(t, s, dir, nil); !errors.Is(err, platform.ErrCutShort) {
		t.Errorf("more announced than sent: %v", err)
	}
	s.length = ""
	p, err := get(t, s, dir, nil)
	check(t, p, err, s.content)
}

// TestDownloadWeak: a part whose version nothing identifies is not gone on with.
func TestDownloadWeak(t *testing.T) {
	for _, etag := range []string{"", `W/"1"`} {
		dir := t.TempDir()
		s := &shelf{content: msi('a', 1<<20), etag: etag, cut: 400000}
		if _, err := get(t, s, dir, nil); !errors.Is(err, platform.ErrCutShort) {
			t.Fatal(err)
		}
		s.cut, s.content = 0, msi('b', 1<<20)
		p, err := get(t, s, dir, nil)
		check(t, p, err, s.content)
		if s.requests[1] != "" {
			t.Errorf("asked for %q", s.requests[1])
		}
	}
}

func TestDownloadRefuses(t *testing.T) {
	answer := func(status int, length, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if length != "" {
				w.Header().Set("Content-Length", length)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for what, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"a page":            {answer(http.StatusOK, "", "<!DOCTYPE html><html>Sign in to the network</html>"), platform.ErrNotPackage},
		"nothing":           {answer(http.StatusOK, "", ""), platform.ErrNotPackage},
		"a script":          {answer(http.StatusOK, "", "#!/bin/bash\necho hello\n"), platform.ErrNotPackage},
		"a broken package":  {answer(http.StatusOK, "", "!<arch>\n"+strings.Repeat("x", 200)), platform.ErrNotPackage},
		"too large":         {answer(http.StatusOK, strconv.Itoa(platform.MaxPackage+1), string(msi('a', 10))), platform.ErrTooLarge},
		"cut short, chunks": {cutChunks, platform.ErrCutShort},
	} {
		server := httptest.NewServer(c.handler)
		dir := t.TempDir()
		_, err := platform.Download(t.Context(), server.Client(), server.URL, dir, nil)
		server.Close()
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
		if finished, err := filepath.Glob(filepath.Join(dir, "*.[dmr]*")); err != nil || len(finished) > 0 {
			t.Errorf("%s: %q is there", what, finished)
		}
	}
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusBadGateway, http.StatusPartialContent} {
		server := httptest.NewServer(answer(status, "", string(msi('a', 10))))
		_, err := platform.Download(t.Context(), server.Client(), server.URL, t.TempDir(), nil)
		server.Close()
		var failed *platform.StatusError
		if !errors.As(err, &failed) || failed.Code != status {
			t.Errorf("%d gives %v", status, err)
		}
	}
}

// cutChunks sends a body without a length and hangs up in it.
func cutChunks(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write(msi('a', 100000))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) //nolint:forbidigo // how net/http is told to hang up
}

func TestDownloadStops(t *testing.T) {
	s := &shelf{content: msi('a', 4<<20), etag: `"1"`}
	server := httptest.NewServer(s)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := platform.Download(ctx, server.Client(), server.URL, t.TempDir(), func(done, _ int64) {
		if done > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want canceled", err)
	}
}
