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
	requests []string // Range headers
}

// ServeHTTP implements http.Handler.
func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Header.Get("Range"))
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
	if err != nil || info.Mode().Perm() != 0o600 || filepath.Ext(p.Path) != ".msi" {
		t.Errorf("%s %v %v", p.Path, info.Mode(), err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(p.Path), "*"))
	if err != nil || len(left) != 1 {
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
		"a new version":               func(s *shelf) { s.content, s.etag = msi('b', 1<<20), `"2"` },
		"a shorter new version":       func(s *shelf) { s.content, s.etag = msi('b', 1000), `"2"` },
		"the validator is gone":       func(s *shelf) { s.content, s.etag = msi('b', 1<<20), "" },
		"the server takes no ranges":  func(s *shelf) { s.content, s.ignore = msi('b', 1<<20), true },
		"shorter, under its old name": func(s *shelf) { s.content = msi('b', 1000) },
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
