package platform

import (
	"slices"
	"testing"
)

func TestEnvironmentLanguages(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"nothing":             {nil, nil},
		"one":                 {map[string]string{"LANG": "de_AT.UTF-8"}, []string{"de-AT"}},
		"the first that says": {map[string]string{"LC_ALL": "", "LC_MESSAGES": "fr_FR@euro", "LANG": "de_DE"}, []string{"fr-FR"}},
		"a list":              {map[string]string{"LANG": "en_US.UTF-8", "LANGUAGE": "de_CH:fr::C"}, []string{"de-CH", "fr", "en-US"}},
		"C over German":       {map[string]string{"LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"}, nil},
		"POSIX":               {map[string]string{"LANG": "POSIX"}, nil},
	} {
		if got := environmentLanguages(func(key string) string { return tt.env[key] }); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q instead of %q", name, got, tt.want)
		}
	}
}

func TestParseAppleLanguages(t *testing.T) {
	got := parseAppleLanguages("(\n    \"de-DE\",\n    \"zh-Hans-CN\",\n    en\n)\n")
	if want := []string{"de-DE", "zh-Hans-CN", "en"}; !slices.Equal(got, want) {
		t.Errorf("%q instead of %q", got, want)
	}
	if got := parseAppleLanguages("()\n"); got != nil {
		t.Errorf("an empty list gives %q", got)
	}
}
