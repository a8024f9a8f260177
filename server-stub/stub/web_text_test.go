package stub

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
)

// webSources is what may ask for a sentence of the pages: their code, the roles, and the templates.
func webSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	code, err := filepath.Glob("web*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(code, "model.go") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") {
			all.Write(b)
		}
	}
	pages, err := fs.Glob(assets.Stub, "web/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pages {
		b, err := fs.ReadFile(assets.Stub, name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

// Every sentence that a page asks for exists.
func TestWebSentencesExist(t *testing.T) {
	sources := webSources(t)
	want := map[string]bool{}
	for _, m := range regexp.MustCompile(`"(web\.[a-z_.]*[a-z_])"`).FindAllStringSubmatch(sources, -1) {
		want[m[1]] = m[1] != "web.js"
	}
	for _, m := range regexp.MustCompile(`webError\{http\.\w+, "([a-z_.]+)"`).FindAllStringSubmatch(sources, -1) {
		want[m[1]+"_title"] = true
	}
	if len(want) < 100 {
		t.Errorf("only %d sentences were found", len(want))
	}
	for key, sentence := range want {
		if sentence && strings.HasPrefix(assets.Text(key, "Count", 2), "[") {
			t.Errorf("there is no sentence %s", key)
		}
	}
}

// Every sentence there is, is asked for: by its key, or by a key put together from a prefix and a word.
func TestWebSentencesAreUsed(t *testing.T) {
	sources := webSources(t)
	quoted := func(word string) bool { return strings.Contains(sources, `"`+word+`"`) }
	joined := func(key string) bool {
		for _, prefix := range []string{"web.flash.", "web.role.", "web.may.", "web.os.", "web.family.", "web.device."} {
			if word, ok := strings.CutPrefix(key, prefix); ok {
				return quoted(strings.ReplaceAll(word, "_", " ")) || quoted(word)
			}
		}
		area, ok := strings.CutSuffix(strings.TrimPrefix(key, "web."), ".title")
		return ok && quoted(area)
	}
	var all map[string]any
	b, err := fs.ReadFile(assets.Files, "translations/en.json")
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	for key := range all {
		if strings.HasPrefix(key, "web.") && !quoted(key) && !quoted(strings.TrimSuffix(key, "_title")) && !joined(key) {
			t.Errorf("nothing shows the sentence %s", key)
		}
	}
}
