//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/enrollment-assistant/server-stub/stub"
)

func TestArtifacts(t *testing.T) {
	data := t.TempDir()
	out, err := exec.Command(stubProgram(t), "artifacts", "--data", data, "--agent-program", "/bin/true", "--agent-version", "2.170.1").Output()
	must(t, err)
	found := map[stub.Poison]int{}
	var signer string
	for line := range bytes.Lines(out) {
		var a stub.Artifact
		must(t, json.Unmarshal(line, &a))
		if a.Poison == "" {
			signer = a.Signed
		}
		info, err := os.Stat(a.Path)
		must(t, err)
		ours := a.Signed == signer
		if found[a.Poison]++; !strings.HasPrefix(a.Path, data) || info.Size() == 0 || len(a.SHA256) != 64 ||
			(a.Version == "2.170.1") == (a.Poison == stub.PoisonOlder) || ours != (a.Poison == "" || a.Poison == stub.PoisonOlder || a.Poison == stub.PoisonTruncated) {
			t.Errorf("%+v, %v", a, info)
		}
	}
	for _, kind := range []stub.Poison{"", stub.PoisonUnsigned, stub.PoisonOther, stub.PoisonTruncated, stub.PoisonOlder} {
		if found[kind] != 2 {
			t.Errorf("%q: %d packages", kind, found[kind])
		}
	}
	if info, err := os.Stat(filepath.Join(data, "publisher.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the publisher's key: %v %v", info, err)
	}
}
