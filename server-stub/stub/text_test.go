package stub

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
)

// A page that says what went wrong has a title too, whose key is put together.
func TestErrorsHaveTitles(t *testing.T) {
	files, err := filepath.Glob("web*.go")
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`webError\{http\.\w+, "([a-z_.]+)"`)
	seen := 0
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllSubmatch(raw, -1) {
			seen++
			if s := assets.Text(string(m[1]) + "_title"); strings.HasPrefix(s, "[") {
				t.Errorf("%s: no title for %s", name, m[1])
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d errors were found", seen)
	}
}
