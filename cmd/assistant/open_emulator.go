package main

import (
	"path/filepath"
	"slices"
	"strings"
)

// environment is what matters of where this program runs.
type environment struct {
	system string // GOOS
	env    func(name string) string
	find   func(program string) (string, error) // as exec.LookPath
}

// screen tells whether a window has anywhere to appear.
func (here environment) screen() bool {
	return here.system != "linux" || here.env("DISPLAY") != "" || here.env("WAYLAND_DISPLAY") != ""
}

// emulator is a program that shows a terminal, what it wants before the command that runs there, and the desktop whose
// own it is, as that is named in XDG_CURRENT_DESKTOP.
type emulator struct {
	name    string
	before  []string
	desktop string
}

// emulators are those that this computer may have. All of them take the command as words, to the end of the line; that
// is what Debian's policy asks of a x-terminal-emulator:
// https://www.debian.org/doc/debian-policy/ch-customized-programs.html#packages-providing-a-terminal-emulator
// The last ones draw with OpenGL, which may be what is missing.
var emulators = []emulator{
	{"xdg-terminal-exec", nil, anyDesktop}, // the person's choice: https://github.com/Vladimir-csp/xdg-terminal-exec
	{"ptyxis", []string{"--"}, "GNOME"},
	{"kgx", []string{"--"}, "GNOME"},
	{"gnome-terminal", []string{"--"}, "GNOME"}, // its -e takes one word
	{"konsole", []string{"-e"}, "KDE"},
	{"xfce4-terminal", []string{"-x"}, "XFCE"}, // its -e takes one word, and so does the next one's
	{"mate-terminal", []string{"-x"}, "MATE"},
	{"qterminal", []string{"-e"}, "LXQt"},
	{"lxterminal", []string{"-e"}, "LXDE"},
	{"x-terminal-emulator", []string{"-e"}, "Debian"},
	{"tilix", []string{"-e"}, ""},
	{"foot", nil, ""},
	{"urxvt", []string{"-e"}, ""},
	{"st", []string{"-e"}, ""},
	{"xterm", []string{"-u8", "-e"}, ""}, // UTF-8, whatever the locale
	{"kitty", nil, ""},
	{"alacritty", []string{"-e"}, ""},
	{"wezterm", []string{"start", "--"}, ""},
}

// anyDesktop marks what is asked first, whatever the desktop.
const anyDesktop = "*"

// terminals gives the command lines that would run command in a terminal, the best one first: what the person chose,
// what belongs to the desktop, what the system's administrator chose, then anything.
func (here environment) terminals(command []string) [][]string {
	if here.system == "darwin" { // command is a script here: asking Terminal by AppleScript would need a consent of its own
		return [][]string{append([]string{"open", "-a", "Terminal"}, command...)}
	}
	current := strings.Split(here.env("XDG_CURRENT_DESKTOP"), ":")
	rank := func(e emulator) int {
		switch {
		case e.desktop == anyDesktop:
			return 0
		case e.desktop != "" && slices.Contains(current, e.desktop):
			return 1
		case e.name == "x-terminal-emulator":
			return 2
		}
		return 3
	}
	sorted := slices.Clone(emulators)
	slices.SortStableFunc(sorted, func(a, b emulator) int { return rank(a) - rank(b) })
	if own := here.env("TERMINAL"); own != "" {
		form := []string{"-e"}
		if i := slices.IndexFunc(emulators, func(e emulator) bool { return e.name == filepath.Base(own) }); i >= 0 {
			form = emulators[i].before
		}
		sorted = append([]emulator{{own, form, anyDesktop}}, sorted...)
	}
	var lines [][]string
	for _, e := range sorted {
		if path, err := here.find(e.name); err == nil {
			lines = append(lines, slices.Concat([]string{path}, e.before, command))
		}
	}
	return lines
}
