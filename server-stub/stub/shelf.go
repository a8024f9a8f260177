package stub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// shelf remembers what was built. The zero value is empty.
type shelf struct {
	mu      sync.Mutex // held while building, since builds for one folder must not overlap
	version string     // of what list holds; empty for nothing built
	list    []Package

	publisher *Publisher  // nil until something is signed
	windows   *codeSigner // nil until something for Windows is signed
	poisoned  string      // the version for which the poisoned shelf was built
}

// Packages gives the installers on the shelf, of Settings.AgentVersion. They are built at the first call, which takes
// seconds; without an AgentProgram or a WindowsAgent there are none.
func (s *Server) Packages(ctx context.Context) ([]Package, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.parent != nil {
		return s.parent.Packages(ctx)
	}
	if s.AgentProgram == "" && s.WindowsAgent == "" {
		return []Package{}, nil
	}
	version := s.Settings().AgentVersion
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	if s.shelf.version != version {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("waiting for the packages: %w", err)
		}
		list, err := s.stock(ctx, version)
		if err != nil {
			return nil, err
		}
		s.shelf.version, s.shelf.list = version, list
	}
	return slices.Clone(s.shelf.list), nil
}

// stock builds the packages of a version, for who holds the shelf.
func (s *Server) stock(ctx context.Context, version string) ([]Package, error) {
	if runtime.GOOS != "linux" {
		return s.broughtAlong(version)
	}
	list, err := s.linuxPackages(version)
	if err != nil {
		return nil, err
	}
	windows, err := s.windowsPackages(ctx, version)
	return append(list, windows...), err
}

// linuxPackages builds the packages for Linux, if there is a program for them, for who holds the shelf.
func (s *Server) linuxPackages(version string) ([]Package, error) {
	if s.AgentProgram == "" {
		return nil, nil
	}
	publisher, err := s.publisher()
	if err != nil {
		return nil, err
	}
	list, err := BuildPackages(s.production(), PackageSpec{Version: version, AgentProgram: s.AgentProgram, CA: s.ca.pem, Publisher: publisher})
	if err != nil {
		return nil, fmt.Errorf("building the packages: %w", err)
	}
	return list, nil
}

// production is the folder of the packages.
func (s *Server) production() string {
	if s.parent != nil {
		return s.parent.production()
	}
	return filepath.Join(s.dir, "production")
}

// downloadTime is the most a download may take.
const downloadTime = 10 * time.Minute

func (s *Server) shelfRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /production/{path...}", s.servePackage)
	mux.HandleFunc("GET /_qa/publisher.asc", s.servePublisher)
}

// servePublisher tells the key that checks the packages' signatures. Where the vendor's lies is not known for sure.
func (s *Server) servePublisher(w http.ResponseWriter, r *http.Request) {
	p, err := s.Publisher()
	if err != nil {
		s.broken(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/pgp-keys")
	w.Header().Set("X-Fingerprint", p.Fingerprint())
	_, _ = w.Write(p.PublicKey()) // the client is gone: nobody is left to tell
}

// packageTypes are the types of packages, by the end of their name.
var packageTypes = map[string]string{".deb": "application/vnd.debian.binary-package", ".rpm": "application/x-rpm", ".msi": "application/x-msi"}

// servePackage serves a package by its evergreen name, or as versions/VERSION/NAME, and NAME.asc, its signature. The
// ETag is the SHA-256 where that is known, so that a download is resumed only if the file is still the same.
func (s *Server) servePackage(w http.ResponseWriter, r *http.Request) {
	list, err := s.Packages(r.Context())
	if err != nil {
		s.broken(w, r, err)
		return
	}
	name := r.PathValue("path")
	root, err := os.OpenRoot(s.production())
	kind := packageTypes[filepath.Ext(strings.TrimSuffix(name, signatureEnd))]
	if errors.Is(err, fs.ErrNotExist) || kind == "" {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	defer func() { _ = root.Close() }() // only read
	f, err := root.Open(name)           // does not leave the folder, by .. or by a link
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	tag := fmt.Sprintf("%x-%x", info.Size(), info.ModTime().UnixNano())
	for _, p := range list {
		if name == p.File || name == "versions/"+p.Version+"/"+p.File {
			tag = p.SHA256
		}
	}
	w.Header().Set("ETag", `"`+tag+`"`)
	w.Header().Set("Cache-Control", "no-cache") // the evergreen name stays, what it names does not
	if strings.HasSuffix(name, signatureEnd) {
		kind = "application/pgp-signature"
	}
	w.Header().Set("Content-Type", kind)
	extend(w, downloadTime)
	http.ServeContent(w, r, name[strings.LastIndexByte(name, '/')+1:], info.ModTime(), f)
}
