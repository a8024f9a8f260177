package stub

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
)

// Every sentence that the sources name exists.
func TestSentencesExist(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`"(stub\.[a-z]+\.[a-z_]+)"`)
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllSubmatch(raw, -1) {
			seen++
			if s := assets.Text(string(m[1])); strings.HasPrefix(s, "[") {
				t.Errorf("%s: no sentence %s", name, m[1])
			}
		}
	}
	if seen < 10 {
		t.Errorf("%d sentences found", seen)
	}
}
