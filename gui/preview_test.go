package gui

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"example.com/enrollment-assistant/steps"
)

// acme is the organization of the goldens.
func acme() (Info, steps.Profile) {
	p := steps.Profile{
		Organization: steps.Organization{Name: "Acme Corporation"}, Help: steps.Help{Email: "it-help@acme.example"},
		Region: "US", Source: "/etc/enrollment-assistant/profile.json", Protected: true,
	}
	return Info{Organization: p.Organization.Name, Help: p.Help}, p
}

// drawAll draws every preview in light and dark, by the golden's name.
func drawAll(t *testing.T, info Info, profile steps.Profile, got func(name string, picture image.Image)) {
	t.Helper()
	settings := test.NewTempApp(t).Settings()
	for _, v := range []struct {
		variant fyne.ThemeVariant
		suffix  string
	}{{theme.VariantLight, ""}, {theme.VariantDark, "-dark"}} {
		settings.SetTheme(NewTheme("").In(v.variant))
		for _, p := range Previews(info, profile) {
			got(p.Name+v.suffix, Draw(p, Size))
		}
	}
}

// Every page and state looks as its golden, which somebody has looked at. GOLDENS=write draws them anew.
func TestPreviews_LookLikeTheirGoldens(t *testing.T) {
	write := os.Getenv("GOLDENS") == "write"
	drawn := map[string]bool{}
	info, profile := acme()
	drawAll(t, info, profile, func(name string, picture image.Image) {
		file := name + ".png"
		drawn[file] = true
		path := filepath.Join("testdata", file)
		if write {
			save(t, path, fewColors(picture))
			return
		}
		few := fewColors(picture)
		if n := differing(load(t, path), few); n > 0 {
			failed := filepath.Join("testdata", "failed", file)
			save(t, failed, few)
			t.Errorf("%s: %d pixels differ; see %s", path, n, failed)
		}
	})
	files, err := filepath.Glob(filepath.Join("testdata", "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !drawn[filepath.Base(f)] {
			t.Errorf("%s is the golden of nothing", f)
		}
	}
}

// A page that an enrollment can show and the table lacks would have no golden.
func TestPreviews_HaveEveryStep(t *testing.T) {
	info, profile := acme()
	seen := map[string]bool{}
	for _, p := range Previews(info, profile) {
		if seen[p.Name] {
			t.Errorf("%s is there twice", p.Name)
		}
		seen[p.Name] = true
	}
	for _, s := range []steps.Step{steps.Welcome, steps.Login, steps.ConnectKey, steps.SecureToken, steps.Install, steps.Online} {
		if !seen[string(s)] {
			t.Errorf("no preview of %s", s)
		}
	}
	for _, front := range []steps.Step{steps.Requirements, steps.Plan, steps.Done} {
		found := false
		for name := range seen {
			found = found || strings.HasPrefix(name, string(front)+"-")
		}
		if !found {
			t.Errorf("no preview of %s", front)
		}
	}
}

// The brand of the profile is in the pictures, and its welcome text in place of ours.
func TestPreviews_ShowTheBrand(t *testing.T) {
	info, profile := acme()
	info.Organization, profile.Texts.Welcome = "Globex", "Welcome to Globex."
	b := newBench(t)
	for _, p := range Previews(info, profile) {
		p.Build(b.win)
		b.reads("Globex")
		if p.Name == "welcome" {
			b.reads("Welcome to Globex.")
		}
		b.lacks("[gui.", "[phase.", "[problem.", "[verdict.")
	}
	test.NewTempApp(t).Settings().SetTheme(NewTheme("#c2410c").In(theme.VariantLight))
	orange := color.NRGBAModel.Convert(Draw(Previews(info, profile)[0], Size).At(26, 44))
	if orange != (color.NRGBA{R: 0xc2, G: 0x41, B: 0x0c, A: 0xff}) {
		t.Errorf("the logo's ground is %v", orange)
	}
}
