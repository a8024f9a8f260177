package stub

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// running starts a server with the demo organization on free ports; change sets it up before.
func running(t *testing.T, change ...func(*Server)) *Server {
	t.Helper()
	s := &Server{Data: t.TempDir()}
	for _, f := range change {
		f(s)
	}
	t.Cleanup(func() { closing(t, s) })
	if err := s.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Start(Ports{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func closing(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	if s, ok := c.(*Server); ok {
		for _, text := range wrongAnswers.take(s) {
			t.Errorf("not as documented: %s", text)
		}
	}
}

// person gives an account of the demo organization.
func (s *Server) person(t *testing.T, username string) User {
	t.Helper()
	all, err := s.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range all {
		if u.Username == username {
			return u
		}
	}
	t.Fatalf("no user %s", username)
	return User{}
}

func (s *Server) boss(t *testing.T, role Role) Admin {
	t.Helper()
	all, err := s.Admins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Role == role {
			return a
		}
	}
	t.Fatalf("no %s", role)
	return Admin{}
}

func (s *Server) shot(t *testing.T) Snapshot {
	t.Helper()
	shot, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

func (s *Server) userKey(t *testing.T, username string) string {
	t.Helper()
	k, err := s.IssueKey(t.Context(), s.person(t, username))
	if err != nil {
		t.Fatal(err)
	}
	return k.Value
}

// trusting makes a client that trusts the server's authority alone and keeps cookies.
func (s *Server) trusting(t *testing.T, certs ...tls.Certificate) *http.Client {
	t.Helper()
	ca, err := s.CA()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: certs}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask makes a request; head are names and values of headers in turn. body is a form (url.Values), text, or JSON.
func ask(t *testing.T, c *http.Client, method, address string, body any, head ...string) (status int, answer string, header http.Header) {
	t.Helper()
	var content io.Reader
	kind := ""
	switch v := body.(type) {
	case nil:
	case url.Values:
		content, kind = strings.NewReader(v.Encode()), "application/x-www-form-urlencoded"
	case string:
		content = strings.NewReader(v)
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		content, kind = bytes.NewReader(raw), "application/json"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, content)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			req.Host = head[i+1]
		} else {
			req.Header.Add(head[i], head[i+1])
		}
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, resp.Body)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

// clock is a clock that stands still until it is moved.
func clock() (now func() time.Time) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	return func() time.Time { return at }
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
