package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// Tests read English sentences, whatever the developer's computer speaks.
func TestMain(m *testing.M) {
	if err := os.Setenv("LC_ALL", "C"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	for _, end := range endings {
		end()
	}
	os.Exit(code)
}

// endings end what the tests of a run share.
var endings []func()

// Keys that are put together have their sentences; those that are written out are looked for by the test of assets.
func TestTexts_PutTogether(t *testing.T) {
	var keys []string
	for _, s := range steps.All {
		keys = append(keys, "cli.step."+string(s))
	}
	for _, l := range []steps.Level{steps.LevelOK, steps.LevelInfo, steps.LevelWarn, steps.LevelBlock} {
		keys = append(keys, "cli.level."+string(l))
	}
	for _, s := range []steps.PhaseState{steps.PhaseRunning, steps.PhaseDone, steps.PhaseFailed, steps.PhaseSkipped} {
		keys = append(keys, "cli.phase."+string(s))
	}
	for _, n := range []steps.VerdictName{steps.Installed, steps.IsOnline, steps.Bound} {
		keys = append(keys, "cli.verdict."+string(n)+".yes", "cli.verdict."+string(n)+".no", "cli.verdict."+string(n)+".unknown")
	}
	for _, r := range platform.Regions {
		keys = append(keys, "cli.region."+string(r))
	}
	for _, key := range keys {
		if s := assets.Text(key); strings.HasPrefix(s, "[") {
			t.Errorf("no sentence for %q", key)
		}
	}
}

// An answer counts in the language of the question and in English, and stands in the question as it is typed.
func TestTexts_Answers(t *testing.T) {
	t.Cleanup(func() { assets.SetLanguage("en") })
	words := map[string][]string{
		"again": {"cli.ask.again-or-quit", "cli.requirements.go-on", "cli.done.ask"}, "back": {"cli.terminal.intro", "cli.ask.retry", "cli.plan.ask"},
		"quit": {"cli.terminal.intro", "cli.ask.again-or-back"}, "install": {"cli.plan.ask"}, "key": {"cli.login.ask", "cli.login.ask-wizard"},
		"browser": {"cli.login.ask-wizard"}, "skip": {"cli.token.name"}, "yes": {"cli.ask.yes-no"}, "no": {"cli.ask.yes-no"},
	}
	for _, l := range assets.Languages() {
		assets.SetLanguage(l.Tag)
		for word, questions := range words {
			typed := assets.Text("cli.word." + word)
			if !isWord(strings.ToUpper(typed), word) || !isWord(word, word) || isWord(typed+"x", word) {
				t.Errorf("%s: %q is not taken for %q", l.Tag, typed, word)
			}
			for _, q := range questions {
				asked := strings.FieldsFunc(assets.Text(q), func(r rune) bool { return strings.ContainsRune(` ,:;.[]/„“"`, r) })
				if !slices.Contains(asked, typed) {
					t.Errorf("%s: %s does not tell to type %q", l.Tag, q, typed)
				}
			}
		}
	}
	if !isInitial("J", "yes") || !isInitial("y", "yes") || isInitial("", "yes") || isInitial("n", "yes") {
		t.Error("the first letters of yes")
	}
}
