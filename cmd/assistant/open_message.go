package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"example.com/enrollment-assistant/platform"
)

// messageSeen is how long a message must have been there to count as seen when its program ends with an error: closing
// the window is an error to some, as is having no display at all.
const messageSeen = time.Second

// thisEnvironment is where this program runs.
func thisEnvironment() environment {
	return environment{system: runtime.GOOS, env: os.Getenv, find: exec.LookPath}
}

// messages gives the command lines that show a text: message boxes first, which stay until they are closed, then
// notifications.
func (here environment) messages(title, text string) [][]string {
	if here.system == "darwin" {
		return [][]string{{"osascript", "-e", "on run words", "-e",
			`display dialog (item 2 of words) with title (item 1 of words) buttons {"Close"} default button 1`, "-e", "end run", title, text}}
	}
	const bus, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
	var lines [][]string
	for _, line := range [][]string{
		{"zenity", "--info", "--no-markup", "--width=480", "--title", title, "--text", text},
		{"kdialog", "--title", title, "--msgbox", text},
		{"gdialog", "--title", title, "--msgbox", text},
		{"gxmessage", "-center", "-default", "okay", "-title", title, text},
		{"xmessage", "-center", "-default", "okay", "-title", title, text},
		{"notify-send", "--urgency=critical", title, text},
		// systemd's own way to the same service, expiring never: https://specifications.freedesktop.org/notification-spec/latest/
		{"busctl", "--user", "call", bus, path, bus, "Notify", "susssasa{sv}i", title, "0", "", title, text, "0", "0", "0"},
	} {
		if found, err := here.find(line[0]); err == nil {
			lines = append(lines, append([]string{found}, line[1:]...))
		}
	}
	return lines
}

// showMessage shows a text by the desktop's own means, and waits until it is closed. The text stands on standard error
// and in the log too, so nothing is done where there is no such means.
func showMessage(ctx context.Context, here environment, title, text string, log *slog.Logger) {
	if here.system == "windows" {
		if err := nativeMessage(title, text); err != nil {
			log.Warn("showing a message", "error", err)
		}
		return
	}
	for _, line := range here.messages(title, text) {
		began := time.Now()
		err := exec.CommandContext(ctx, line[0], line[1:]...).Run()
		if err == nil || time.Since(began) > messageSeen {
			log.Info("a message was shown", "program", line[0])
			return
		}
		log.Warn("showing a message", "program", line[0], "error", err)
	}
}

// plainWord matches what a shell takes as it stands.
var plainWord = regexp.MustCompile(`^[0-9A-Za-z_./:=@%+,-]+$`)

// quoted gives a word as a POSIX shell reads it.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// typed gives the line that a person types to enroll in a terminal: the program's bare name where that is found.
func (here environment) typed(cli string, args []string) string {
	program := quoted(cli)
	if found, err := here.find(filepath.Base(cli)); err == nil {
		if target, err := filepath.EvalSymlinks(found); err == nil && target == cli {
			program = strings.TrimSuffix(filepath.Base(cli), ".exe")
		}
	}
	words := []string{program, "enroll"}
	for _, a := range args {
		words = append(words, quoted(a))
	}
	return strings.Join(words, " ")
}

// openLog opens the log for what happens without a session. It gives a log that can be written to in any case.
func openLog() (*slog.Logger, func()) {
	dir, err := stateDir()
	if err == nil {
		var log *slog.Logger
		var closer io.Closer
		if log, closer, err = platform.OpenLog(filepath.Join(dir, logName)); err == nil {
			return log, func() { _ = closer.Close() } // what was logged is written already
		}
	}
	return slog.New(slog.DiscardHandler), func() {}
}
