package assets

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sentences gives every sentence of a language by its key; plural forms as key#form.
func sentences(t *testing.T, tag string) map[string]string {
	t.Helper()
	raw, err := Files.ReadFile("translations/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	flat := map[string]string{}
	for key, value := range all {
		switch v := value.(type) {
		case string:
			flat[key] = v
		case map[string]any:
			for form, s := range v {
				flat[key+"#"+form], _ = s.(string)
			}
		}
	}
	return flat
}

// speak chooses a language for one test.
func speak(t *testing.T, tag string) {
	t.Helper()
	before := CurrentLanguage()
	t.Cleanup(func() { SetLanguage(before) })
	SetLanguage(tag)
}

func TestLanguages_Offered(t *testing.T) {
	en, de := Language{"en", "English"}, Language{"de", "Deutsch"}
	for name, tt := range map[string]struct {
		offered []string
		want    []Language
	}{
		"all":              {nil, []Language{en, de}},
		"one":              {[]string{"de"}, []Language{de}},
		"in order":         {[]string{"de-AT", "en", "de"}, []Language{de, en}},
		"not there":        {[]string{"fr", "de"}, []Language{de}},
		"nothing is there": {[]string{"fr", "tlh"}, []Language{en, de}},
	} {
		if got := Languages(tt.offered...); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v instead of %v", name, got, tt.want)
		}
	}
}

func TestMatchLanguage(t *testing.T) {
	for name, tt := range map[string]struct {
		offered, wanted []string
		want            string
	}{
		"nobody says":      {nil, nil, "en"},
		"a region":         {nil, []string{"de-AT"}, "de"},
		"the second best":  {nil, []string{"fr-CA", "de", "en"}, "de"},
		"not written":      {nil, []string{"ja"}, "en"},
		"nonsense":         {nil, []string{"not a tag", "de"}, "de"},
		"preferred":        {[]string{"de", "en"}, []string{"ja"}, "de"},
		"the person's own": {[]string{"de", "en"}, []string{"en-GB"}, "en"},
		"not offered":      {[]string{"en"}, []string{"de-DE"}, "en"},
	} {
		if got := MatchLanguage(Languages(tt.offered...), tt.wanted...); got != tt.want {
			t.Errorf("%s: %q instead of %q", name, got, tt.want)
		}
	}
}

func TestSetLanguage(t *testing.T) {
	speak(t, "de-CH")
	if got := CurrentLanguage(); got != "de" {
		t.Errorf("the language is %q", got)
	}
	if got := Text("gui.back"); got != "Zurück" {
		t.Errorf("German for Back is %q", got)
	}
	if got := Text("web.portal.none"); got != "Enrollment stub" {
		t.Errorf("what is not translated is %q", got)
	}
}

func TestDecimal(t *testing.T) {
	for _, tt := range []struct{ tag, want string }{{"en", "1234.5"}, {"de", "1234,5"}} {
		speak(t, tt.tag)
		if got := Decimal(1234.54, 1); got != tt.want {
			t.Errorf("%s: %s instead of %s", tt.tag, got, tt.want)
		}
	}
	if got := Decimal(12, 0); got != "12" {
		t.Errorf("no digits: %s", got)
	}
}

func TestText_Missing(t *testing.T) {
	if got := Text("no.such.key", "Name", "x"); got != "[no.such.key Name x]" {
		t.Errorf("a missing key gives %q", got)
	}
}

func TestText_PluralsAndNames(t *testing.T) {
	for _, l := range Languages() {
		speak(t, l.Tag)
		for key, s := range sentences(t, l.Tag) {
			bare, _, plural := strings.Cut(key, "#")
			if strings.Contains(s, "{{") {
				continue // needs its values; the tests of each package give them
			}
			got := Text(bare, "Count", 1)
			if plural && strings.HasSuffix(key, "#other") {
				got = Text(bare, "Count", 2)
			}
			if got != s {
				t.Errorf("%s %s gives %q instead of %q", l.Tag, key, got, s)
			}
		}
	}
}

// The rules that a machine can hold: sentence case, no pleading, no button that says only OK.
func TestText_Words(t *testing.T) {
	never := regexp.MustCompile(`(?i)\b(please|oops|whoops|sorry|bitte|hoppla|leider|entschuldigung)\b|!$`)
	for _, l := range Languages() {
		for key, s := range sentences(t, l.Tag) {
			switch {
			case strings.Trim(s, " \t") != s || s == "":
				t.Errorf("%s %s: %q is empty or has blanks around it", l.Tag, key, s)
			case never.MatchString(s):
				t.Errorf("%s %s: %q", l.Tag, key, s)
			case s == "OK" && strings.HasPrefix(key, "gui."):
				t.Errorf("%s %s: a button says what it does", l.Tag, key)
			}
		}
	}
}

// english are the areas that are not translated: the stub server is for testers, and plays an English service.
var english = []string{"stub.", "web."}

// pluralForms are the forms a language has, from https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
var pluralForms = map[string][]string{"en": {"one", "other"}, "de": {"one", "other"}}

// alike are names and words that other languages have too, once the values are taken out.
var alike = []string{"", "Agent", "Code", "Computer", "Container", "Details", "Enrollment Assistant", "FileVault", "MB", "MDM", "OK", "Online", "Proxy",
	"Rosetta", "Security, JumpCloud Agent, Generate key", "System", "browser"}

// typed gives what a sentence names to be typed: flags, commands, and those that a list begins its lines with.
func typed(s string) []string {
	found := regexp.MustCompile(`--[a-z]+|assistant-cli [a-z]+|\n(  )?[a-z]+  `).FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// Every language has every sentence, with the same values in it and the plural forms that it needs.
func TestTranslations_AreComplete(t *testing.T) {
	value := regexp.MustCompile(`\{\{[^}]*\}\}`)
	values := func(s string) []string {
		found := value.FindAllString(s, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	en := sentences(t, "en")
	for _, l := range Languages()[1:] {
		other := sentences(t, l.Tag)
		for key, s := range en {
			if slices.ContainsFunc(english, func(p string) bool { return strings.HasPrefix(key, p) }) {
				continue
			}
			_, form, _ := strings.Cut(key, "#")
			translated, ok := other[key]
			switch {
			case !ok && (form == "" || slices.Contains(pluralForms[l.Tag], form)):
				t.Errorf("%s: no sentence for %s", l.Tag, key)
			case ok && !slices.Equal(values(s), values(translated)):
				t.Errorf("%s: %s has %q instead of %q", l.Tag, key, values(translated), values(s))
			case s == translated && !slices.Contains(alike, strings.Trim(value.ReplaceAllString(s, ""), " .,:…()")):
				t.Errorf("%s: %s is English: %q", l.Tag, key, s)
			case !slices.Equal(typed(s), typed(translated)):
				t.Errorf("%s: %s has %q to type instead of %q", l.Tag, key, typed(translated), typed(s))
			case strings.Count(s, "**") != strings.Count(translated, "**"):
				t.Errorf("%s: %s has other words in bold: %q", l.Tag, key, translated)
			}
		}
		for key := range other {
			bare, form, plural := strings.Cut(key, "#")
			_, one := en[bare]
			_, many := en[bare+"#other"]
			if !one && !many || plural != many || plural && !slices.Contains(pluralForms[l.Tag], form) {
				t.Errorf("%s: %s is in no use in English, or in another form", l.Tag, key)
			}
		}
	}
}

// A file is named after its language, and says what its speakers call it.
func TestTranslations_AreNamed(t *testing.T) {
	entries, err := Files.ReadDir("translations")
	if err != nil {
		t.Fatal(err)
	}
	all := Languages()
	if len(entries) != len(all) {
		t.Errorf("%d files, %d languages", len(entries), len(all))
	}
	for _, e := range entries {
		tag := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		want := Language{Tag: tag, Name: sentences(t, tag)["app.language"]}
		if !slices.Contains(all, want) || pluralForms[tag] == nil {
			t.Errorf("%s: its language is not among %v, or its plural forms are not known", e.Name(), all)
		}
	}
}

// What the desktop shows of the assistant speaks every language too: its menu entry, and the question for consent.
func TestTranslations_OnTheDesktop(t *testing.T) {
	for file, form := range map[string]string{
		"linux/com.example.enrollment-assistant.desktop": "\nComment[%s]=",
		"linux/com.example.enrollment-assistant.policy":  `<message xml:lang="%s">`,
	} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range Languages()[1:] {
			if want := fmt.Sprintf(form, l.Tag); !strings.Contains(string(content), want) {
				t.Errorf("%s has no %q", file, want)
			}
		}
	}
}
