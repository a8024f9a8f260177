package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/steps"
)

// waitingReport is a session with one report that was not sent, and what its server gets.
func waitingReport(t *testing.T) (*session, *[]string) {
	t.Helper()
	var got []string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(server.Close)
	s := &session{logPath: filepath.Join(t.TempDir(), logName)}
	s.config = steps.Config{StateDir: t.TempDir(), Client: server.Client()}
	s.config.Profile.Reports.URL = server.URL
	text, err := json.Marshal(map[string]any{"reports": []steps.AdminReport{{Version: 1, ID: strings.Repeat("0a", 16), Time: time.Now(), Code: steps.CodeKeyRefused}}})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(s.config.StateDir, "reports.json"), text, 0o600))
	must(t, os.WriteFile(s.logPath, []byte("a line of the log\n"), 0o600))
	return s, &got
}

// At a terminal nothing is sent but what was shown last, and only after the word for it.
func TestSendReports_Terminal(t *testing.T) {
	for _, c := range []struct {
		typed    []string
		sent     int
		log      bool
		exitCode int
	}{
		{[]string{""}, 0, false, 0}, {[]string{"yes", "quit"}, 0, false, 130}, {[]string{"send"}, 1, false, 0}, {[]string{"log", "send"}, 1, true, 0},
		{[]string{"log", "log", "send"}, 1, false, 0},
	} {
		session, got := waitingReport(t)
		s := newScreen(t)
		ended := make(chan int, 1)
		go func() { ended <- sendReports(t.Context(), session, stdio{in: s.tty, out: s.tty, err: s.tty}) }()
		for _, line := range c.typed {
			s.expect(`"code": "key-refused"`)
			s.expect("send nothing: ")
			s.enter(line)
		}
		if code := <-ended; code != c.exitCode || len(*got) != c.sent {
			t.Errorf("%q: exit code %d, %d sent", c.typed, code, len(*got))
		}
		if c.sent == 1 && strings.Contains((*got)[0], "a line of the log") != c.log {
			t.Errorf("%q: %s", c.typed, *got)
		}
		if left := steps.Outbox(session.config.StateDir, time.Now()); len(left) != 1-c.sent {
			t.Errorf("%q: %d are left", c.typed, len(left))
		}
	}
}

// In a script the command is the yes; what is sent stands on standard output.
func TestSendReports_Script(t *testing.T) {
	session, got := waitingReport(t)
	null, err := os.Open(os.DevNull)
	must(t, err)
	defer func() { _ = null.Close() }()
	var out, errs strings.Builder
	if code := sendReports(t.Context(), session, stdio{in: null, out: &out, err: &errs}); code != 0 || len(*got) != 1 || !strings.Contains(out.String(), strings.TrimSpace((*got)[0])) {
		t.Errorf("exit code %d, sent %q, shown %q, %q", code, *got, &out, &errs)
	}
	if code := sendReports(t.Context(), session, stdio{in: null, out: &out, err: &errs}); code != 0 || len(*got) != 1 || !strings.Contains(errs.String(), "nothing to send") {
		t.Errorf("again: exit code %d, sent %d, %q", code, len(*got), &errs)
	}
	session.config.Profile.Reports.URL = ""
	if code := sendReports(t.Context(), session, stdio{in: null, out: &out, err: &errs}); code != 3 {
		t.Errorf("without an address: exit code %d", code)
	}
}
