package stub

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// poisonedAnswer answers a request from the poisoned shelf: a package or its signature by the name that is asked for, or
// a script. answer gives the true answer.
func (s *Server) poisonedAnswer(w http.ResponseWriter, r *http.Request, kind Poison, answer func() *capture) (*capture, error) {
	c := &capture{header: w.Header().Clone()}
	if !strings.HasPrefix(r.URL.Path, "/production/") {
		c.header.Set("Content-Type", "text/x-shellscript; charset=utf-8")
		if kind == PoisonTruncated {
			_, err := c.Write(halfScript(answer().body.Bytes()))
			return c, err
		}
		_, err := c.Write([]byte(canaryScript))
		return c, err
	}
	folder, err := s.poison(r.Context(), kind)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(folder, path.Base(r.URL.Path)) // a version's own address has the same package
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) { // an unsigned package has no signature
		http.NotFound(c, r)
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	sum, err := sumFile(name)
	if err != nil {
		return nil, err
	}
	c.header.Set("ETag", fmt.Sprintf("%q", sum))
	c.header.Set("Cache-Control", "no-cache")
	if c.header.Set("Content-Type", packageTypes[path.Ext(name)]); strings.HasSuffix(name, signatureEnd) {
		c.header.Set("Content-Type", "application/pgp-signature")
	}
	http.ServeContent(c, r, path.Base(name), time.Time{}, f)
	return c, nil
}
