//go:build !nogui

package main

import (
	"log/slog"
	"testing"

	"fyne.io/fyne/v2/test"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/steps"
)

// newTestView is a view whose app is Fyne's for tests; only what needs a running driver is not there.
func newTestView(t *testing.T, languages ...string) *view {
	t.Helper()
	t.Cleanup(func() { assets.SetLanguage("en") })
	a := test.NewTempApp(t)
	s := &session{config: steps.Config{Profile: steps.Profile{Languages: languages}, Log: slog.New(slog.DiscardHandler)}}
	return &view{session: s, app: a, win: test.NewTempWindow(t, nil)}
}

func TestSpeakAsChosen(t *testing.T) {
	for name, c := range map[string]struct {
		kept    string
		offered []string
		want    string
	}{
		"nothing was chosen":       {"", nil, "en"},
		"what is not offered":      {"xx", nil, "en"},
		"English, from a profile":  {"en", []string{"en"}, "en"},
		"something else is chosen": {"../../etc", nil, "en"},
	} {
		t.Run(name, func(t *testing.T) {
			assets.SetLanguage("en")
			v := newTestView(t, c.offered...)
			v.app.Preferences().SetString(languageKey, c.kept)
			var info gui.Info
			v.speakAsChosen(&info)
			if info.Language != c.want || len(info.Languages) == 0 {
				t.Errorf("speaks %q of %v", info.Language, info.Languages)
			}
		})
	}
}

// What is chosen is spoken at once, stands in the title, and is spoken at the next start.
func TestSpeakAsChosen_Remembers(t *testing.T) {
	all := assets.Languages()
	last := all[len(all)-1].Tag
	v := newTestView(t)
	var info gui.Info
	v.speakAsChosen(&info)
	info.SetLanguage(last)
	if assets.CurrentLanguage() != last || v.win.Title() != windowTitle() || v.app.Preferences().String(languageKey) != last {
		t.Errorf("speaks %q, the title is %q, kept is %q", assets.CurrentLanguage(), v.win.Title(), v.app.Preferences().String(languageKey))
	}
	assets.SetLanguage("en")
	next := newTestView(t)
	next.app.Preferences().SetString(languageKey, last)
	next.speakAsChosen(&info)
	if info.Language != last {
		t.Errorf("the next start speaks %q, not %q", info.Language, last)
	}
}

func TestForNotification(t *testing.T) {
	for text, want := range map[string]string{
		"This computer is online":                    "This computer is online",
		"It didn't answer: kickstart.example (a@b)…": "It didn't answer: kickstart.example (a@b)…",
		"a\"; Start-Process calc; $x = \"`n\nb":      "a; Start-Process calc; x  n b",
		"“curly” quotes end a string too":            "curly quotes end a string too",
		"Zurück, é, 日本":                              "Zurück, é, 日本",
	} {
		if got := forNotification(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
