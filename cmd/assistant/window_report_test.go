//go:build !nogui

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
