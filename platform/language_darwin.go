package platform

import (
	"context"
	"os/exec"
	"time"
)

// settingsLanguages reads what System Settings shows under Language & Region. A program that was not started from a
// terminal has no LANG, and the list that its bundle would be given holds only what the bundle declares:
// https://developer.apple.com/library/archive/qa/qa1391/_index.html
func settingsLanguages() []string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/bin/defaults", "read", "-g", "AppleLanguages").Output()
	if err != nil {
		return nil
	}
	return parseAppleLanguages(string(out))
}
