package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestProve_Profiles names profiles to the release build's elevated side that others than root can write, or could have
// put there, each of which allows the attacker's own server. None counts, none is even opened, and nothing is done.
func TestProve_Profiles(t *testing.T) {
	tried, held := 0, 0
	t.Cleanup(func() { fmt.Printf("proof privilege tried=%d held=%d\n", tried, held) })
	program := ""
	if os.Geteuid() == 0 {
		bin := t.TempDir()
		goBuild(t, bin, "assistant-cli", "nogui", ".")
		program = filepath.Join(bin, "assistant-cli")
	}
	const file = systemProfilePath
	for _, c := range []struct{ what, prepare, path string }{
		{"the user's own profile", "chown 65534 $R" + file, file},
		{"a profile that a group can write", "chmod 664 $R" + file, file},
		{"a profile that everyone can write", "chmod 646 $R" + file, file},
		{"a profile in the user's folder", "cp $R" + file + " $R/door/profile.json", "/door/profile.json"},
		{"a profile in a folder of the user", "chown 65534 $R/etc/enrollment-assistant", file},
		{"a profile in a folder that others can write", "chmod 777 $R/etc/enrollment-assistant", file},
		{"a profile in a folder that others can write, though sticky", "mkdir -m 1777 $R/opt/open; cp $R" + file + " $R/opt/open/", "/opt/open/profile.json"},
		{"a profile below a folder that a group can write", "mkdir -p $R/opt/a/b; cp $R" + file + " $R/opt/a/b/; chmod 775 $R/opt/a", "/opt/a/b/profile.json"},
		{"root's link to a profile of the user", "cp $R" + file + " $R/door/p.json; chown 65534 $R/door/p.json; ln -sf /door/p.json $R" + file, file},
		{"a pipe of the user", "mkfifo $R/door/pipe; chown 65534 $R/door/pipe", "/door/pipe"},
		{"a device without end", "", "/dev/zero"},
	} {
		tried++
		if program == "" {
			t.Logf("%s: needs root, not run", c.what)
			continue
		}
		ran := false
		ok := t.Run(c.what, func(t *testing.T) {
			ran = true
			computer := newInspected(t, program, "#!/bin/bash\ntouch /canary\n")
			job := map[string]any{"verb": "install", "way": "script", "key": strings.Repeat("0", 40), "kickstartUrl": computer.url, "profile": c.path}
			seen, end := computer.elevate(job, c.prepare, nil, "")
			if end != "untrusted" {
				t.Errorf("it ended with %s", end)
			}
			if slices.Contains(seen.opens, c.path) || slices.Contains(seen.opens, "/door/p.json") {
				t.Errorf("opened: %q", seen.opens)
			}
			if len(seen.execs) > 0 || len(seen.connects) != 1 {
				t.Errorf("it ran %q and connected to %q", seen.execs, seen.connects)
			}
		})
		if ok && ran {
			held++
		}
	}
}
