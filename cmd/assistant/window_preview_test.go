//go:build !nogui

package main

import (
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/steps"
)

// Every page is drawn in both themes, in the profile's accent.
func TestDrawPreviews(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	p := steps.Profile{Organization: steps.Organization{Name: "Globex", Accent: "#c2410c"}}
	n, err := drawPreviews(test.NewTempApp(t), p, dir)
	if want := 2 * len(gui.Previews(gui.Info{}, p)); err != nil || n != want {
		t.Fatalf("drew %d of %d, %v", n, want, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil || len(files) != n {
		t.Errorf("%d files for %d pictures, %v", len(files), n, err)
	}
	for name, want := range map[string]color.NRGBA{
		"welcome.png":      {R: 0xc2, G: 0x41, B: 0x0c, A: 0xff}, // the logo's ground
		"welcome-dark.png": {},                                   // moved until it can be read on dark
	} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(f)
		_ = f.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b := picture.Bounds(); b.Dx() != int(gui.Size.Width) || b.Dy() != int(gui.Size.Height) {
			t.Errorf("%s is %v", name, b)
		}
		got := color.NRGBAModel.Convert(picture.At(26, 44)).(color.NRGBA)
		if want.A != 0 && got != want || want.A == 0 && (got.R <= 0xc2 || got.R <= got.B) {
			t.Errorf("%s: the logo's ground is %v", name, got)
		}
	}
}

// What cannot be done is said, with the exit code of package steps.
func TestPreview_Refusals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	typo := filepath.Join(t.TempDir(), "typo.json")
	if err := os.WriteFile(typo, []byte(`{"organisation":{}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no folder":          {[]string{"--profile", file}, 2, "--out"},
		"arguments":          {[]string{"--out", "x", "y"}, 2, "flags only"},
		"a secret":           {[]string{"--out", "x", "--key", "k"}, 2, "no flag --key"},
		"a bad profile":      {[]string{"--profile", typo, "--out", "x"}, 3, "organisation"},
		"profile that isn't": {[]string{"--profile", file + "x", "--out", "x"}, 3, "filex"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out, err strings.Builder
			if got := preview(t.Context(), c.args, stdio{out: &out, err: &err}); got != c.code || !strings.Contains(err.String(), c.says) || out.Len() > 0 {
				t.Errorf("exit code %d, says %q and %q", got, err.String(), out.String())
			}
		})
	}
	if _, err := drawPreviews(test.NewTempApp(t), steps.Profile{}, filepath.Join(file, "below")); err == nil {
		t.Error("a folder below a file was made")
	}
}
