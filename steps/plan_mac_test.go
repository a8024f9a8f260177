package steps

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
)

// beforehand are the programs that are asked without rights while the requirements are looked at, and by no one else.
var beforehand = []string{
	"/usr/sbin/diskutil", "/usr/bin/dscl", "/usr/bin/fdesetup", "/usr/bin/id", "/usr/bin/pmset", "/usr/bin/sw_vers", "/usr/sbin/scutil",
}

// The plan names every program that the macOS side of platform can run, and every file that it writes: both are read out
// of its source, so that neither can be added there alone.
func TestPlan_MacNamesWhatIsRun(t *testing.T) {
	in := mac()
	in.fixes = platform.Fixes()
	plan := text(t, planOf(in))
	files, err := filepath.Glob("../platform/*mac*.go")
	if err != nil {
		t.Fatal(err)
	}
	constant := regexp.MustCompile(`(?m)^\s*(?:const )?(tool[A-Z]\w*|osascript|macSudo|macCredentials|macDaemon|accessDatabase)\s*= "([^"]+)"`)
	found := map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range constant.FindAllStringSubmatch(string(b), -1) {
			found[m[2]] = m[1]
		}
	}
	if len(found) < 18 {
		t.Errorf("only these were found: %v", found)
	}
	for path, name := range found {
		if strings.Contains(plan, path) == slices.Contains(beforehand, path) {
			t.Errorf("%s, which is %s: the plan names it: %v", path, name, strings.Contains(plan, path))
		}
	}
	// And the other way round.
	for _, m := range regexp.MustCompile(`[^\w/](/(?:usr/)?s?bin/\w+)`).FindAllStringSubmatch(plan, -1) {
		path := m[1]
		if _, ok := found[path]; !ok {
			t.Errorf("nothing runs %s; what is run: %q", path, slices.Sorted(maps.Keys(found)))
		}
	}
}
