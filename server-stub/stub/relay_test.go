package stub

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// mailServer runs a real SMTP server that keeps what it gets in a Maildir, and gives its address and the folder.
func mailServer(t *testing.T) (address, folder string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	closing(t, l)
	folder = filepath.Join(t.TempDir(), "maildir")
	cmd := exec.CommandContext(t.Context(), "aiosmtpd", "--nosetuid", "--debug", "--listen", address, "--class", "aiosmtpd.handlers.Mailbox", folder)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (make setup installs it)", err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the test's context ends it
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Server is listening") {
			go func() {
				for lines.Scan() { // it must not block on what nobody reads
				}
			}()
			return address, folder
		}
	}
	t.Fatal("the mail server did not start")
	return "", ""
}

func TestRelay(t *testing.T) {
	address, folder := mailServer(t)
	s := running(t, func(s *Server) { s.SMTP = address })
	enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	s.awaitRelayed(t, 3, "")
	files, err := filepath.Glob(filepath.Join(folder, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var to []string
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		head, bodies := parts(t, raw)
		to = append(to, head.Get("X-RcptTo"))
		if head.Get("Subject") != "New device online: nora-laptop" || head.Get("X-MailFrom") != mailFrom || !strings.Contains(bodies["text/plain"], "nora-laptop") || !strings.Contains(bodies["text/html"], "<a href=") {
			t.Errorf("%s:\n%s", f, raw)
		}
	}
	slices.Sort(to)
	if want := []string{"ada@acme.example", "hal@acme.example", "rita@acme.example"}; !slices.Equal(to, want) {
		t.Errorf("relayed to %v", to)
	}
}

// awaitRelayed waits until so many mails were tried, and each had that outcome.
func (s *Server) awaitRelayed(t *testing.T, n int, outcome string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(30 * time.Second); ; {
		all, err := s.relayed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == n {
			for id, failed := range all {
				if (failed == "") != (outcome == "") || !strings.Contains(failed, outcome) {
					t.Errorf("mail %d: %q", id, failed)
				}
			}
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d mails were tried", len(all))
		}
	}
}

// A relay that does not answer costs nothing: the mails stay in the outbox, which says why.
func TestRelay_Gone(t *testing.T) {
	s := running(t, func(s *Server) { s.SMTP = "127.0.0.1:1" })
	enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	s.awaitRelayed(t, 3, "reaching the relay")
	o := &office{Server: s, at: s.Addresses(), ada: s.boss(t, RoleAdministrator)}
	if _, page, _ := o.visitor(t, o.at.People).admin(o.ada).get("/admin/outbox/1"); !strings.Contains(page, "Not handed on: reaching the relay") {
		t.Errorf("the outbox does not say it: %s", page)
	}
	for range relayTries {
		if err := s.relayWaiting(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
	var tries int
	if err := s.db.QueryRowContext(t.Context(), `SELECT max(tries) FROM relays`).Scan(&tries); err != nil || tries != relayTries {
		t.Errorf("%d tries, want %d (%v)", tries, relayTries, err)
	}
}
