//go:build laptop

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// pack gives the deb that make package builds from this tree. It is built once.
func (l *lab) pack(t *testing.T) string {
	t.Helper()
	l.packOnce.Do(func() {
		cmd := exec.Command("make", "--no-print-directory", "-C", "../..", "package", "VERSION=v1.2.3",
			"BIN="+filepath.Join(l.dir, "bin"), "DIST="+filepath.Join(l.dir, "dist"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("make package: %v\n%s", err, out)
		}
	})
	found, err := filepath.Glob(filepath.Join(l.dir, "dist", "enrollment-assistant_1.2.3_*.deb"))
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("make package left %v, want one deb", found)
	}
	return found[0]
}

// bring copies a file of this computer into root's folder.
func (g *guest) bring(path string) {
	g.t.Helper()
	content, err := os.ReadFile(path)
	must(g.t, err)
	g.put("/root/"+filepath.Base(path), "root", "0644", content)
}
