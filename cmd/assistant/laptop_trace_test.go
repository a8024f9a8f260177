//go:build laptop

package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// traced enrolls under strace, with the real systemd and package manager: what the elevated side itself runs, writes and
// connects to must be in the plan that the person was shown. What the vendor's installer wrote is listed beside what the
// plan says of it. An administrator runs it, since nothing can be traced across the consent.
func traced(t *testing.T, l *lab, way string) {
	g, s := l.boot(t, "traced-"+way), l.serve(t, "traced-"+way)
	var change func(map[string]any)
	if way == "package" {
		change = s.byPackage
	}
	l.furnish(g, s.profile(change))
	key := s.newKey()
	answers, err := json.Marshal(map[string]string{"connectKey": key})
	must(t, err)
	g.put("/root/answers.json", "root", "0600", answers)
	plan := g.as(localUser, "assistant-cli plan --json")
	if plan.code != 0 {
		t.Fatalf("the plan: exit code %d\n%s", plan.code, plan.stderr)
	}
	details := planDetails(t, []byte(plan.stdout))
	g.check("strace -f -qq -s 4096 -o /root/trace -e " + traceSet + " assistant-cli enroll --json --answers /root/answers.json")
	file := filepath.Join(t.TempDir(), "trace")
	must(t, os.WriteFile(file, []byte(g.check("cat /root/trace")), 0o600))
	seen := readTrace(t, file)
	for _, what := range seen.unplanned(details) {
		t.Errorf("not in the plan: %s", what)
	}
	if len(seen.execs) < 5 || len(seen.theirs) == 0 {
		t.Errorf("ours ran %q, theirs wrote %q: this looks in the wrong place", seen.execs, seen.theirs)
	}
	if strings.Contains(strings.Join(slices.Concat(seen.execs...), " "), key) {
		t.Error("the key is an argument")
	}
	t.Logf("%d commands, %d writes, %d connections of ours, all in the plan", len(seen.execs), len(seen.writes), len(seen.connects))
	said, beyond := map[string]bool{}, map[string]bool{}
	for _, path := range seen.theirs {
		if !filepath.IsAbs(path) || strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/") {
			continue
		}
		if changes(details, path) {
			said[filepath.Dir(path)] = true
		} else {
			beyond[filepath.Dir(path)] = true
		}
	}
	t.Logf("the vendor's installer wrote where the plan says: %s", slices.Sorted(maps.Keys(said)))
	t.Logf("the vendor's installer, and the system's tools that it called, wrote elsewhere: %s", slices.Sorted(maps.Keys(beyond)))
}

// changes tells whether the plan says that the vendor's installer changes a path: by its folder, or as the service's unit.
func changes(details []string, path string) bool {
	return slices.ContainsFunc(details, func(d string) bool {
		first := d[:len(d)-len(strings.TrimLeft(d, "/abcdefghijklmnopqrstuvwxyz0123456789._-"))]
		return first == path || first == filepath.Base(path) || strings.HasPrefix(first, "/") && strings.HasPrefix(path, first+"/")
	})
}
