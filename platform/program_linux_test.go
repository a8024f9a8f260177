package platform

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestCheckProgram(t *testing.T) {
	me := os.Geteuid()
	dir := t.TempDir()
	path := filepath.Join(dir, "bin", "assistant-cli")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	check := func(what string, fileMode, folderMode os.FileMode, sandbox, want bool) {
		t.Helper()
		if err := errors.Join(os.Chmod(path, fileMode), os.Chmod(filepath.Dir(path), folderMode)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, link} {
			if err := checkProgram(name, me, sandbox); (err == nil) != want {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	// Everything here lies below /tmp, which everybody can write: only a sandbox overlooks that.
	check("safe", 0o755, 0o755, true, true)
	check("below /tmp in a release", 0o755, 0o755, false, false)
	check("the file is everyone's", 0o757, 0o755, true, false)
	check("the folder is everyone's", 0o755, 0o757, true, false)
	check("the folder is everyone's, but sticky", 0o755, 0o777|os.ModeSticky, true, true)
	check("the folder is everyone's, sticky, in a release", 0o755, 0o777|os.ModeSticky, false, false)
	check("safe again", 0o755, 0o755, true, true)
	if err := checkProgram("assistant-cli", me, true); err == nil {
		t.Error("a relative path is safe")
	}
	if err := checkProgram(path+".none", me, true); err == nil {
		t.Error("a missing program is safe")
	}
	if me != 0 {
		return // only root can give files away
	}
	if err := os.Chown(path, stranger, -1); err != nil {
		t.Fatal(err)
	}
	if err := checkProgram(path, 0, true); err == nil {
		t.Error("a stranger's file is safe for root")
	}
	if err := checkProgram(path, stranger, true); err != nil {
		t.Errorf("the user's own file in root's folder: %v", err)
	}
	if err := checkProgram("/usr/bin/env", 0, false); err != nil {
		t.Errorf("a program of the system: %v", err)
	}
}

func TestPrivateGroup(t *testing.T) {
	const passwd = "root:x:0:0::/root:/bin/sh\nnora:x:1000:1000::/home/nora:/bin/sh\nben:x:1001:1001::/home/ben:/bin/sh\neve:x:1002:1003::/home/eve:/bin/sh\n"
	const groups = "root:x:0:\nnora:x:1000:\nteam:x:2000:nora,ben\nhers:x:2001:nora,root\nstaff:x:50:\nshared:x:1003:\n"
	for gid, want := range map[int]bool{0: true, 1000: true, 1001: false, 2000: false, 2001: true, 50: true, 1003: false, 9999: false} {
		if got := privateGroup(passwd, groups, gid, 1000); got != want {
			t.Errorf("group %d: %t", gid, got)
		}
	}
}
