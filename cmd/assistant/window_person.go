//go:build !nogui

package main

import (
	"runtime"
	"slices"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/platform"
)

// languageKey names, in Fyne's preferences, the language that the person chose.
const languageKey = "language"

// speakAsChosen speaks the language that the person chose at an earlier start, where it is still offered, and tells
// the window which languages there are.
func (v *view) speakAsChosen(info *gui.Info) {
	info.Languages = assets.Languages(v.session.config.Profile.Languages...)
	if kept := v.app.Preferences().String(languageKey); offers(info.Languages, kept) {
		assets.SetLanguage(kept)
	}
	info.Language = assets.CurrentLanguage()
	info.SetLanguage = func(tag string) {
		assets.SetLanguage(tag)
		v.app.Preferences().SetString(languageKey, tag)
		v.win.SetTitle(windowTitle())
		v.showMenu()
		v.session.config.Log.Info("language", "tag", tag)
	}
}

func offers(languages []assets.Language, tag string) bool {
	return slices.ContainsFunc(languages, func(l assets.Language) bool { return l.Tag == tag })
}

// windowTitle is the name of the program; a test build says that it is one.
func windowTitle() string {
	if platform.Sandbox {
		return assets.Text("app.name") + " — TEST"
	}
	return assets.Text("app.name")
}

// notify tells the person by the desktop. It is called on Fyne's goroutine. On Linux Fyne waits for the session bus,
// or for its start, so there it is not.
func (v *view) notify(title, text string) {
	n := fyne.NewNotification(forNotification(title), forNotification(text))
	v.session.config.Log.Info("notification", "title", n.Title)
	if runtime.GOOS == "linux" {
		go v.app.SendNotification(n)
		return
	}
	v.app.SendNotification(n)
}

// forNotification leaves letters, digits and plain punctuation. Fyne puts a notification into a PowerShell script
// between double quotes, where a host's or a person's words must mean nothing:
// https://github.com/fyne-io/fyne/blob/v2.8.1/app/app_windows.go#L67-L75
func forNotification(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(" .,:;?!/()-–—…@'", r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, text)
}
