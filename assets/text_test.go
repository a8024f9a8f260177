package assets

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// sentences gives every sentence of en.json by its key; plural forms as key#form.
func sentences(t *testing.T) map[string]string {
	t.Helper()
	raw, err := Files.ReadFile("translations/en.json")
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

func TestText_Missing(t *testing.T) {
	if got := Text("no.such.key", "Name", "x"); got != "[no.such.key Name x]" {
		t.Errorf("a missing key gives %q", got)
	}
}

func TestText_PluralsAndNames(t *testing.T) {
	for key, s := range sentences(t) {
		bare, _, plural := strings.Cut(key, "#")
		if strings.Contains(s, "{{") {
			continue // needs its values; the tests of each package give them
		}
		got := Text(bare, "Count", 1)
		if plural && strings.HasSuffix(key, "#other") {
			got = Text(bare, "Count", 2)
		}
		if got != s {
			t.Errorf("%s gives %q instead of %q", key, got, s)
		}
	}
}

// The rules that a machine can hold: sentence case, no pleading, no button that says only OK.
func TestText_Words(t *testing.T) {
	never := regexp.MustCompile(`(?i)\b(please|oops|whoops|sorry)\b|!$`)
	for key, s := range sentences(t) {
		switch {
		case strings.Trim(s, " \t") != s || s == "":
			t.Errorf("%s: %q is empty or has blanks around it", key, s)
		case never.MatchString(s):
			t.Errorf("%s: %q", key, s)
		case s == "OK" && strings.HasPrefix(key, "gui."):
			t.Errorf("%s: a button says what it does", key)
		}
	}
}
