package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// reportCommand shows the report for the help desk, saves it where it is told to, or sends what admins asked to be told.
// It changes nothing else.
func reportCommand(ctx context.Context, args []string, io stdio) int {
	var o options
	rest, err := parseFlags(args, &o, "out", "profile", "send")
	if errors.Is(err, errHelp) {
		return help(ctx, []string{"all"}, io)
	}
	if p, bad := usageError(rest, err); bad {
		return fail(io, p)
	}
	s := newSession(o, platform.ConsentSilent)
	defer s.close()
	if o.send {
		return sendReports(ctx, s, io)
	}
	text, err := reportText(ctx, s)
	if err != nil {
		return fail(io, asProblem(err))
	}
	if o.out == "" || o.out == "-" {
		_, _ = fmt.Fprint(io.out, text) // a standard stream that is closed leaves nobody to tell
		return 0
	}
	if err := writeNew(o.out, text); err != nil {
		why := err
		var path *fs.PathError
		if errors.As(err, &path) { // the sentence names the path itself
			why = path.Err
		}
		return fail(io, hintedProblem(steps.CodeUsage, err, "cli.report.save", "Path", o.out, "Error", why.Error()))
	}
	say(io.err, assets.Text("cli.report.saved", "Path", o.out))
	return 0
}

// reportText makes the report of this computer and its runs. A session that cannot begin an enrollment has one too.
// Its error is ctx's.
func reportText(ctx context.Context, s *session) (string, error) {
	c := s.config
	if c.Host.Facts == nil {
		c.Host = platform.New(platform.Options{Consent: platform.ConsentSilent, StateDir: c.StateDir, Root: c.Root})
	}
	version := buildVersion()
	if testBuild {
		version += " (TEST)"
	}
	text := steps.MakeReport(ctx, c, steps.ReportInput{Version: version, Log: s.logPath, Crash: crashPath(), Problem: s.problem})
	return text, ctx.Err()
}

// receiptText is what the help desk needs to know of a computer that was set up.
func receiptText(s *session, d steps.Device) string {
	return steps.Receipt(d, s.config.Profile, steps.RunID(s.config.StateDir))
}

// saveReport saves a report where the person finds it, and gives the path.
func saveReport(text string) (string, error) { return savePaper("report", text) }

// saveReceipt saves a receipt where the person finds it, and gives the path.
func saveReceipt(text string) (string, error) { return savePaper("receipt", text) }

// notInName is what a file's name does not take on every system.
var notInName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// savePaper saves a text in the folder for downloads, else at home. A file that is there is never overwritten: the
// next free name is taken.
func savePaper(kind, text string) (string, error) {
	home, err := homeDir()
	if err != nil {
		return "", err
	}
	host, err := os.Hostname()
	if host = strings.Trim(notInName.ReplaceAllString(host, "-"), "-."); err != nil || host == "" {
		host = "computer"
	}
	base := filepath.Join(downloads(home), "enrollment-"+kind+"-"+host+"-"+time.Now().Format(time.DateOnly))
	const tries = 1000
	for n := 1; n <= tries; n++ {
		path := base + ".txt"
		if n > 1 {
			path = fmt.Sprintf("%s-%d.txt", base, n)
		}
		if err = writeNew(path, text); !errors.Is(err, fs.ErrExist) {
			return path, err
		}
	}
	return "", err
}

// writeNew writes a file that only this user can read and that was not there before. What could not be written whole
// does not stay.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// downloads is the person's folder for downloads, or home where there is none. On Linux it is called in the person's
// language: https://www.freedesktop.org/wiki/Software/xdg-user-dirs/
func downloads(home string) string {
	candidates := []string{filepath.Join(home, "Downloads")}
	if runtime.GOOS == "linux" {
		candidates = append([]string{xdgDownloads(home)}, candidates...)
	}
	for _, dir := range candidates {
		if info, err := os.Stat(dir); dir != "" && err == nil && info.IsDir() {
			return dir
		}
	}
	return home
}

// xdgDownloads reads XDG_DOWNLOAD_DIR="$HOME/…" of user-dirs.dirs; empty where it is not set.
func xdgDownloads(home string) string {
	config := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	f, err := os.Open(filepath.Join(config, "user-dirs.dirs")) //nolint:gosec // the person's own variable names the folder
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		value, found := strings.CutPrefix(strings.TrimSpace(lines.Text()), "XDG_DOWNLOAD_DIR=")
		if !found {
			continue
		}
		value = strings.Trim(value, `"`)
		if below, found := strings.CutPrefix(value, "$HOME/"); found {
			return filepath.Join(home, below)
		}
		if filepath.IsAbs(value) {
			return value
		}
	}
	return ""
}
