package stub

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOnlyLoopback(t *testing.T) {
	for _, address := range []string{"0.0.0.0", "::", "192.0.2.1"} {
		s := &Server{Address: address}
		if _, err := s.Start(Ports{}); err == nil || !strings.Contains(err.Error(), "other computers") {
			t.Errorf("%s: %v", address, err)
		}
		closing(t, s)
	}
	for _, c := range []struct {
		*Server
		open bool
	}{{&Server{}, false}, {&Server{ListenAnywhere: true}, true}, {&Server{Address: "0.0.0.0", ListenAnywhere: true}, true}, {&Server{Address: "127.0.0.1", ListenAnywhere: true}, false}} {
		s := c.Server
		t.Cleanup(func() { closing(t, s) })
		a, err := s.Start(Ports{})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(a.People, "http://127.0.0.1:") || !strings.HasPrefix(a.Console, "https://127.0.0.1:") || !strings.HasPrefix(a.Private, "https://127.0.0.1:") {
			t.Errorf("%+v", a)
		}
		for _, p := range []struct {
			base string
			open bool
		}{{a.Console, c.open}, {a.Private, c.open}, {a.People, false}} {
			_, own, _ := strings.Cut(p.base, "://")
			var d net.Dialer
			conn, err := d.DialContext(t.Context(), "tcp", strings.Replace(own, "127.0.0.1", "127.0.0.2", 1)) // of Linux, and another address all the same
			if (err == nil) != p.open {
				t.Errorf("%q, %v: %s can be reached by another address: %v", s.Address, s.ListenAnywhere, p.base, err == nil)
			}
			if err == nil {
				closing(t, conn)
			}
		}
	}
	for _, wrong := range []string{"localhost", "127.0.0.1:80"} {
		if _, err := (&Server{Address: wrong}).Start(Ports{}); err == nil {
			t.Errorf("%q was taken for an IP address", wrong)
		}
	}
}

// The zero value serves an empty organization, whose folder goes with it.
func TestZeroValue(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := &Server{}
	a, err := s.Start(Ports{})
	if err != nil {
		t.Fatal(err)
	}
	shot := s.shot(t)
	if len(shot.Admins)+len(shot.Users)+len(shot.Systems)+len(shot.Outbox) != 0 || shot.Organization.EnrollmentAllowed || len(shot.Organization.ID) != 24 {
		t.Errorf("%+v", shot)
	}
	if list, err := s.Packages(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("packages %v, %v", list, err)
	}
	for _, base := range []string{a.Console, a.People} {
		if status, body, _ := ask(t, s.trusting(t), "GET", base+"/readyz", nil); status != 200 || body != "ok\n" {
			t.Errorf("%s/readyz: %d %q", base, status, body)
		}
	}
	dir := filepath.Dir(a.CAFile)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
	if err := (&Server{}).Close(); err != nil {
		t.Errorf("closing what was never opened: %v", err)
	}
	if _, err := s.Snapshot(t.Context()); err == nil {
		t.Error("a closed server gave a snapshot")
	}
}

// What was stored is there after a restart, and agents go on trusting the server.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	s := &Server{Data: dir}
	if err := s.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Start(Ports{}); err != nil {
		t.Fatal(err)
	}
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{caKeyName: 0o600, "stub.db": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s is %v", name, info.Mode())
		}
	}
	again := running(t, func(s *Server) { s.Data = dir }) // fills the demo organization again: nothing changes
	d.s = again
	d.poll(t, "")
	shot := again.shot(t)
	if len(shot.Systems) != 1 || len(shot.Admins) != 3 || len(shot.Users) != 2 || len(shot.Outbox) != 3 {
		t.Errorf("after the restart: %+v", shot)
	}
}

func TestPortInUse(t *testing.T) {
	first := running(t)
	if _, err := first.Start(Ports{}); err == nil {
		t.Error("started twice")
	} else if status, _, _ := ask(t, first.trusting(t), "GET", first.Addresses().Console+"/readyz", nil); status != 200 {
		t.Errorf("after a second start: %d", status)
	}
	u, err := net.ResolveTCPAddr("tcp", strings.TrimPrefix(first.Addresses().Console, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	second := &Server{Data: t.TempDir()}
	if _, err := second.Start(Ports{Public: u.Port}); err == nil || !strings.Contains(err.Error(), port(t, first.Addresses().Console)) {
		t.Errorf("starting on a port in use: %v", err)
	}
}

// A page under a name of its own that leads here (DNS rebinding), or that posts a form to us, gets nothing.
func TestForeignPages(t *testing.T) {
	s := running(t)
	c, a := s.trusting(t), s.Addresses()
	for _, host := range []string{"evil.example", "evil.example:" + port(t, a.People), "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:" + port(t, a.People), "0.0.0.0:" + port(t, a.People)} {
		for _, path := range []string{"/", "/readyz", "/userconsole/xsrf", "/_qa/snapshot"} {
			if status, _, _ := ask(t, c, "GET", a.People+path, nil, "Host", host, "X-QA", "1"); status != http.StatusMisdirectedRequest {
				t.Errorf("Host %s, %s: %d", host, path, status)
			}
		}
	}
	for _, host := range []string{"127.0.0.1:" + port(t, a.People), "localhost:" + port(t, a.People)} {
		if status, _, _ := ask(t, c, "GET", a.People+"/readyz", nil, "Host", host); status != 200 {
			t.Errorf("Host %s: %d", host, status)
		}
	}
	for _, base := range []string{a.People, a.Console} {
		_, xsrf, _ := ask(t, c, "GET", base+"/userconsole/xsrf", nil)
		for origin, want := range map[string]int{"https://evil.example": 403, "null": 403, "http://127.0.0.1:1": 403, base: 401} {
			status, _, _ := ask(t, c, "POST", base+"/userconsole/auth", map[string]string{}, "Origin", origin, "X-Xsrftoken", between(xsrf, `"xsrf":"`, `"`))
			if status != want {
				t.Errorf("%s, Origin %s: %d, want %d", base, origin, status, want)
			}
		}
	}
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

func TestTooLong(t *testing.T) {
	s := running(t)
	if status, _, _ := ask(t, s.trusting(t), "POST", s.Addresses().Console+"/_qa/clock", strings.Repeat(" ", 2<<20), "X-QA", "1"); status != http.StatusBadRequest {
		t.Errorf("a body of 2 MiB: %d", status)
	}
}

// Behind a server that did not check a client certificate, the private surface refuses everything.
func TestPrivateHandlerChecksItself(t *testing.T) {
	s := &Server{Data: t.TempDir()}
	defer closing(t, s)
	srv := httptest.NewServer(s.PrivateHandler())
	defer srv.Close()
	for _, r := range []struct{ method, path string }{{"GET", "/CheckAccess"}, {"POST", "/GetAgentInstall"}, {"POST", "/poll/"}, {"GET", "/poll/x"}} {
		if status, _, _ := ask(t, srv.Client(), r.method, srv.URL+r.path, nil); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", r.path, status)
		}
	}
}

// Without Start, the public surface names itself as the client did.
func TestPublicHandlerAlone(t *testing.T) {
	s := &Server{Data: t.TempDir(), Advertise: Addresses{Private: "https://private.example:9444"}}
	defer closing(t, s)
	if err := s.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewTLSServer(s.PublicHandler())
	defer srv.Close()
	status, script, _ := ask(t, srv.Client(), "GET", srv.URL+"/Kickstart", nil, "x-connect-key", s.userKey(t, "nora"))
	if status != 200 || !strings.Contains(script, srv.URL) || !strings.Contains(script, "https://private.example:9444") {
		t.Errorf("%d %.300s", status, script)
	}
}

func TestIDs(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	var all []string
	for range 1000 {
		all = append(all, newID(at))
	}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 1000 {
		t.Errorf("%d different ids of 1000", n)
	}
	if want := fmt.Sprintf("%08x", at.Unix()); len(all[0]) != 24 || all[0][:8] != want {
		t.Errorf("id %s, want %s first", all[0], want)
	}
}
