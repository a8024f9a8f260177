package gui

import (
	"flag"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/steps"
)

// acme is the organization of the goldens.
func acme() (Info, steps.Profile) {
	p := steps.Profile{
		Organization: steps.Organization{Name: "Acme Corporation"}, Help: steps.Help{Email: "it-help@acme.example"},
		Region: "US", Source: "/etc/enrollment-assistant/profile.json", Protected: true,
	}
	return Info{Organization: p.Organization.Name, Help: p.Help, Language: "en", Languages: twoLanguages}, p
}

// twoLanguages are there to choose from in the goldens, however many there are.
var twoLanguages = []assets.Language{{Tag: "en", Name: "English"}, {Tag: "de", Name: "Deutsch"}}

// variant is a way in which a window may have to show a page. The goldens of each lie in a folder of their own.
type variant struct {
	folder string
	size   fyne.Size
	scale  float32
	zoom   float32
	colors int // of its goldens
}

// The variants: as people see it mostly, on a screen with twice the pixels, as small as the window may become, and with
// text twice as large, in the smallest window and in one of the usual size.
var variants = []variant{
	{"", Size, 1, 1, 64},
	{"scale2", Size, 2, 1, 16},
	{"small", MinSize, 1, 1, 16},
	{"large-small", MinSize, 1, 2, 16},
	{"large", Size, 1, 2, 16},
}

// themes are light and dark, with what the names of their goldens end in.
var themes = []struct {
	variant fyne.ThemeVariant
	suffix  string
}{{theme.VariantLight, ""}, {theme.VariantDark, "-dark"}}

// each lays every preview out in each theme and variant.
func each(t *testing.T, accent string, variants []variant, do func(t *testing.T, v variant, golden string, s *still)) {
	t.Helper()
	info, profile := acme()
	eachOf(t, info, profile, accent, variants, do)
}

// eachOf is each for a brand.
func eachOf(t *testing.T, info Info, profile steps.Profile, accent string, variants []variant,
	do func(t *testing.T, v variant, golden string, s *still),
) {
	t.Helper()
	info.Accent = accent
	settings := test.NewTempApp(t).Settings()
	for _, v := range variants {
		for _, th := range themes {
			settings.SetTheme(NewTheme(accent).In(th.variant).Zoomed(v.zoom))
			for _, p := range append(Previews(info, profile), sheets(info)...) {
				golden := filepath.Join(v.folder, p.Name+th.suffix+".png")
				t.Run(golden, func(t *testing.T) { do(t, v, golden, lay(p, v.size, v.scale)) })
			}
		}
	}
}

// Every page and state looks as its golden, which somebody has looked at. GOLDENS=write draws them anew.
func TestPreviews_LookLikeTheirGoldens(t *testing.T) {
	write := os.Getenv("GOLDENS") == "write"
	drawn := map[string]bool{}
	held := variants
	if raceDetector {
		held = variants[:1] // the others draw by the same code, and TestPreviews_Fit lays all of them out
	}
	each(t, "", held, func(t *testing.T, v variant, golden string, s *still) {
		path, few := filepath.Join("testdata", golden), fewColors(s.canvas.Capture(), v.colors)
		drawn[path] = true
		if write {
			save(t, path, few)
			return
		}
		if n := differing(load(t, path), few); n > 0 {
			failed := filepath.Join("testdata", "failed", golden)
			save(t, failed, few)
			t.Errorf("%s: %d pixels differ; see %s", path, n, failed)
		}
	})
	if strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
		return // some were chosen, so the others are not stale
	}
	for _, v := range held {
		files, err := filepath.Glob(filepath.Join("testdata", v.folder, "*.png"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			switch {
			case drawn[f]:
			case write:
				if err := os.Remove(f); err != nil {
					t.Error(err)
				}
			default:
				t.Errorf("%s is the golden of nothing", f)
			}
		}
	}
}

// Nothing is cut off, lies over something else or is out of reach, in any variant.
func TestPreviews_Fit(t *testing.T) {
	each(t, "", variants, func(t *testing.T, _ variant, _ string, s *still) { fits(t, s) })
}

// tight are the variants with the least room.
func tight() []variant {
	return slices.DeleteFunc(slices.Clone(variants), func(v variant) bool { return v.size != MinSize })
}

// An organization may have a long name, and every way to reach its help desk.
func TestPreviews_FitLongNames(t *testing.T) {
	info, profile := acme()
	info.Organization = "The Extraordinarily Long Name of an Organization & Partners International"
	info.Help = steps.Help{
		Email: "onboarding-and-it-helpdesk@subsidiary.long-organization.example", Phone: "+49 30 1234567-890",
		URL: "https://help.long-organization.example/onboarding",
	}
	profile.Organization.Name, profile.Help = info.Organization, info.Help
	eachOf(t, info, profile, "", tight(), func(t *testing.T, _ variant, _ string, s *still) { fits(t, s) })
}

// The longest language fits the smallest window, also with large text.
func TestPreviews_FitInGerman(t *testing.T) {
	assets.SetLanguage("de")
	t.Cleanup(func() { assets.SetLanguage("en") })
	if assets.CurrentLanguage() != "de" {
		t.Fatal("there is no German")
	}
	each(t, "", tight(), func(t *testing.T, _ variant, _ string, s *still) { fits(t, s) })
}

// The example computers are those that tests of a whole enrollment play on.
func TestPreviews_PlayOnTheFakes(t *testing.T) {
	for name, c := range map[string]struct {
		example computer
		fake    *fake.Computer
	}{"Linux": {laptop, fake.Ubuntu2404()}, "Mac": {macBook, fake.MacOS15()}, "Windows": {windowsPC, fake.Windows11()}} {
		if !reflect.DeepEqual(c.example.facts, c.fake.Facts) {
			t.Errorf("%s: previews show\n%+v, tests play on\n%+v", name, c.example.facts, c.fake.Facts)
		}
	}
}

// Words and edges stand out from what is behind them, also with an accent that does not by itself.
func TestPreviews_Readable(t *testing.T) {
	for _, accent := range []string{"", "#ffe600", "#0a0a40"} {
		each(t, accent, variants[:1], func(t *testing.T, _ variant, _ string, s *still) { readable(t, s) })
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
	orange := color.NRGBAModel.Convert(Draw(Previews(info, profile)[0], Size, 1).At(26, 44))
	if orange != (color.NRGBA{R: 0xc2, G: 0x41, B: 0x0c, A: 0xff}) {
		t.Errorf("the logo's ground is %v", orange)
	}
}
