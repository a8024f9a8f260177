//go:build !nogui

package main

import (
	"encoding/base64"
	"os"
	"runtime"
	"runtime/debug"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// fallbackLocale gives the variables to set before Fyne starts, where the environment says C, POSIX or nothing: Fyne
// logs an error for those.
func fallbackLocale(get func(string) string) map[string]string {
	changes := map[string]string{}
	for _, key := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		switch get(key) {
		case "":
		case "C", "POSIX", "C.UTF-8", "C.utf8":
			changes[key] = "" // the same as not set
		default:
			return changes // what says something counts, once those before it say nothing
		}
	}
	changes["LANG"] = "en_US.UTF-8"
	return changes
}

// chooseLocale sets what fallbackLocale says.
func chooseLocale() error {
	for key, value := range fallbackLocale(os.Getenv) {
		if err := os.Setenv(key, value); err != nil {
			return err
		}
	}
	return nil
}

// about are the lines of the About dialog.
func (v *view) about() []string {
	key := "gui.about.version"
	if platform.Sandbox {
		key = "gui.about.test"
	}
	lines := []string{
		assets.Text(key, "Version", buildVersion(), "OS", runtime.GOOS, "Arch", runtime.GOARCH),
		assets.Text("gui.about.built", "Go", runtime.Version(), "Fyne", moduleVersion("fyne.io/fyne/v2")),
	}
	if v.session.logPath != "" {
		lines = append(lines, assets.Text("gui.about.log", "Path", v.session.logPath))
	}
	return append(lines, assets.Text("gui.about.licenses"))
}

// moduleVersion is the version of a module that is linked in, else "unknown".
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}

// brandOf is how a profile makes the window its organization's.
func brandOf(p steps.Profile) gui.Info {
	return gui.Info{Organization: p.Organization.Name, Logo: logoOf(p), Accent: p.Organization.Accent, Help: p.Help}
}

// logoOf is the profile's logo; one that is not base64 is left out, as the profile's check says.
func logoOf(p steps.Profile) []byte {
	logo, err := base64.StdEncoding.DecodeString(p.Organization.Logo)
	if err != nil {
		return nil
	}
	return logo
}
