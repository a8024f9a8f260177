//go:build !nogui

package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"fyne.io/fyne/v2/driver"

	"example.com/enrollment-assistant/steps"
)

func TestFallbackLocale(t *testing.T) {
	for name, c := range map[string]struct{ env, want map[string]string }{
		"nothing":       {nil, map[string]string{"LANG": "en_US.UTF-8"}},
		"C":             {map[string]string{"LANG": "C"}, map[string]string{"LANG": "en_US.UTF-8"}},
		"C over German": {map[string]string{"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, map[string]string{"LC_ALL": ""}},
		"POSIX twice":   {map[string]string{"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, map[string]string{"LC_ALL": "", "LANG": "en_US.UTF-8"}},
		"German":        {map[string]string{"LANG": "de_DE.UTF-8"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fallbackLocale(func(key string) string { return c.env[key] }); !maps.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestHandleOf(t *testing.T) {
	for _, c := range []struct {
		context any
		want    uintptr
	}{
		{driver.X11WindowContext{WindowHandle: 7}, 7}, {driver.WaylandWindowContext{WaylandSurface: 8}, 8},
		{driver.MacWindowContext{NSWindow: 9}, 9}, {driver.WindowsWindowContext{HWND: 10}, 10},
		{driver.X11WindowContext{}, 0}, {driver.UnknownContext{}, 0}, {nil, 0},
	} {
		if got := handleOf(c.context); got != c.want {
			t.Errorf("%#v: got %d, want %d", c.context, got, c.want)
		}
	}
}

func TestLogoOf(t *testing.T) {
	if got := logoOf(steps.Profile{Organization: steps.Organization{Logo: "PHN2Zy8+"}}); string(got) != "<svg/>" {
		t.Errorf("got %q", got)
	}
	if got := logoOf(steps.Profile{Organization: steps.Organization{Logo: "not base64!"}}); got != nil {
		t.Errorf("got %q", got)
	}
}

// answering answers each question with the same error.
type answering struct {
	steps.UI
	err error
}

func (a answering) Problem(context.Context, steps.Problem) error { return a.err }

func (a answering) Confirm(context.Context, steps.Confirmation) (steps.Choice, error) {
	return steps.Choice{}, a.err
}

func TestTellingUI_KnowsWhoEndedIt(t *testing.T) {
	for _, c := range []struct {
		answer error
		told   bool
	}{{nil, false}, {steps.ErrBack, false}, {steps.ErrQuit, true}} {
		ui := &tellingUI{UI: answering{err: c.answer}}
		if err := ui.Problem(t.Context(), steps.Problem{}); !errors.Is(err, c.answer) || ui.told != c.told {
			t.Errorf("Problem, %v: got %v, told %v", c.answer, err, ui.told)
		}
		if _, err := ui.Confirm(t.Context(), steps.Confirmation{}); !errors.Is(err, c.answer) || ui.told != c.told {
			t.Errorf("Confirm, %v: got %v, told %v", c.answer, err, ui.told)
		}
	}
}

func TestOptions_Flags(t *testing.T) {
	if got := (options{profile: "p", root: "r"}).flags(); !slices.Equal(got, []string{"--profile", "p", "--root", "r"}) {
		t.Errorf("got %q", got)
	}
}
