package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
)

// TestTexts_KeysMatch holds that every key which the source names is translated, and that no translation is left over.
func TestTexts_KeysMatch(t *testing.T) {
	content, err := assets.Files.ReadFile("translations/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(content, &texts); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`"(cli\.[a-zA-Z.-]+)"( \+)?`)
	used := map[string]bool{}
	var prefixes []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			if strings.HasSuffix(m[1], ".") {
				prefixes = append(prefixes, m[1])
				continue
			}
			used[m[1]] = true
			if _, ok := texts[m[1]]; !ok {
				t.Errorf("%s: no text for %s", file, m[1])
			}
		}
	}
	for key := range texts {
		built := slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) })
		if strings.HasPrefix(key, "cli.") && !used[key] && !built && !used[strings.TrimSuffix(key, ".hint")] {
			t.Errorf("the text %s is not used", key)
		}
	}
}
