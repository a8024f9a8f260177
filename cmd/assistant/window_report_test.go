//go:build !nogui

package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/steps"
)

// said is what a function of the window gave.
type said struct {
	text string
	err  error
}

func TestPapers(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
	if err := os.Mkdir(filepath.Join(home, "Downloads"), 0o700); err != nil {
		t.Fatal(err)
	}
	v := newTestView(t)
	v.session.config.StateDir = t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var info gui.Info
	v.papers(ctx, &info)
	wait := func(ask func(func(string, error))) said {
		got := make(chan said, 1)
		ask(func(text string, err error) { got <- said{text, err} })
		return <-got
	}
	seen := map[string]bool{}
	for _, kind := range []gui.Kind{gui.Report, gui.Receipt, gui.Report} {
		s := wait(func(saved func(string, error)) { info.Save(kind, "words", saved) })
		content, err := os.ReadFile(s.text)
		if s.err != nil || err != nil || string(content) != "words" || seen[s.text] || filepath.Dir(s.text) != filepath.Join(home, "Downloads") {
			t.Errorf("%s: saved at %q, %v; it holds %q, %v", kind, s.text, s.err, content, err)
		}
		if seen[s.text] = true; !strings.Contains(filepath.Base(s.text), string(kind)) {
			t.Errorf("%s is called %s", kind, s.text)
		}
	}
	if got := info.Receipt(steps.Device{Hostname: "nora-laptop"}); !strings.Contains(got, "nora-laptop") {
		t.Errorf("the receipt says %q", got)
	}
	cancel()
	if s := wait(info.Report); s.err == nil {
		t.Errorf("a report was made after the window: %q", s.text)
	}
}

// The window shows what would be sent of the last problem, and sends that, where a profile says where to.
func TestTelling(t *testing.T) {
	got := make(chan string, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(server.Close)
	v := newTestView(t)
	v.session.config.StateDir = t.TempDir()
	var info gui.Info
	v.telling(t.Context(), &info)
	if info.Compose != nil || info.Send != nil {
		t.Fatal("it is offered without an address")
	}
	v.session.config.Profile.Reports.URL, v.session.config.Client = server.URL, server.Client()
	v.telling(t.Context(), &info)
	compose := func() said {
		answer := make(chan said, 1)
		info.Compose(steps.Extras{}, func(text string, err error) { answer <- said{text, err} })
		return <-answer
	}
	if s := compose(); s.err == nil {
		t.Errorf("made of nothing: %q", s.text)
	}
	waiting := `{"reports":[{"id":"a","time":"` + time.Now().Format(time.RFC3339) + `","code":"first"},{"id":"b","time":"` + time.Now().Format(time.RFC3339) + `","code":"last"}]}`
	if err := os.WriteFile(filepath.Join(v.session.config.StateDir, "reports.json"), []byte(waiting), 0o600); err != nil {
		t.Fatal(err)
	}
	s := compose()
	sent := make(chan *steps.Problem, 1)
	info.Send(s.text, func(p *steps.Problem) { sent <- p })
	if p := <-sent; s.err != nil || p != nil || !strings.Contains(s.text, `"code": "last"`) || <-got != s.text {
		t.Errorf("%+v, %v", s, p)
	}
	if left := steps.Outbox(v.session.config.StateDir, time.Now()); len(left) != 1 || left[0].ID != "a" {
		t.Errorf("%+v", left)
	}
}
