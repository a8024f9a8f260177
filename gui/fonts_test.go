package gui

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"golang.org/x/image/font/sfnt"
)

// elsewhere are the keys of sentences that no window shows.
var elsewhere = regexp.MustCompile(`^(web|stub|cli)\.`)

// Every letter that a page can say is in the fonts that we bring along: a computer need not have any other, and a golden
// looks the same on all.
func TestLetters_AreInOurFonts(t *testing.T) {
	said := map[string]string{} // by where
	for _, pattern := range []string{"*.go", "../assets/translations/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 2 {
			t.Fatal(files, err)
		}
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(name) == ".go" {
				said[name] = strings.ReplaceAll(string(raw), "\t", "")
				continue
			}
			var sentences map[string]json.RawMessage // a sentence, or one for each number
			if err := json.Unmarshal(raw, &sentences); err != nil {
				t.Fatal(err)
			}
			for key, s := range sentences {
				if !elsewhere.MatchString(key) {
					said[name+": "+key] = string(s)
				}
			}
		}
	}
	for _, font := range []fyne.Resource{theme.DefaultTextFont(), theme.DefaultTextBoldFont()} {
		ours, err := sfnt.Parse(font.Content())
		if err != nil {
			t.Fatal(err)
		}
		for where, text := range said {
			for _, letter := range strings.ReplaceAll(text, "\n", "") {
				if glyph, err := ours.GlyphIndex(nil, letter); err != nil || glyph == 0 {
					t.Errorf("%s: %q is not in %s: %v", where, letter, font.Name(), err)
				}
			}
		}
	}
}
