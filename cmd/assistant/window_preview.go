//go:build !nogui

package main

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/steps"
)

// runPreview draws the pages. Fyne's app is made for the measure of text and never run, so no window is opened.
func runPreview(o options, io stdio) int {
	p, err := previewProfile(o.profile)
	if err != nil {
		return fail(io, profileProblem(err))
	}
	setLanguage(p.Languages...)
	if err := chooseLocale(); err != nil {
		return fail(io, internalProblem("cli.problem.internal", err))
	}
	n, err := drawPreviews(newApp(), p, o.out)
	if err != nil {
		return fail(io, hintedProblem(steps.CodeUsage, err, "cli.preview.write", "Path", o.out))
	}
	say(io.out, assets.Text("cli.preview.done", "Count", n, "Path", o.out))
	return 0
}

// drawPreviews writes a PNG for each page and state, light and dark, into a folder, which is made when it is not
// there, and gives their number. Files of the same names are overwritten.
func drawPreviews(a fyne.App, p steps.Profile, dir string) (n int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pictures are for everyone
		return 0, fmt.Errorf("making the folder: %w", err)
	}
	look := gui.NewTheme(p.Organization.Accent)
	for suffix, variant := range map[string]fyne.ThemeVariant{"": theme.VariantLight, "-dark": theme.VariantDark} {
		a.Settings().SetTheme(look.In(variant))
		for _, page := range gui.Previews(brandOf(p), p) {
			var b bytes.Buffer
			if err := png.Encode(&b, gui.Draw(page, gui.Size, 1)); err != nil {
				return n, fmt.Errorf("encoding %s: %w", page.Name, err)
			}
			if err := os.WriteFile(filepath.Join(dir, page.Name+suffix+".png"), b.Bytes(), 0o644); err != nil { //nolint:gosec // as above
				return n, fmt.Errorf("writing %s: %w", page.Name, err)
			}
			n++
		}
	}
	return n, nil
}

// previewProfile is the one that was named, even where another one is installed; else the one that counts here.
func previewProfile(path string) (steps.Profile, error) {
	if path != "" {
		return steps.LoadProfile(path)
	}
	return steps.FindProfile("")
}
