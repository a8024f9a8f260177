//go:build !windows

package steps

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/enrollment-assistant/platform"
)

// somebody is a user id that is not root's.
const somebody = 65534

// The rule with real files. Only root can make files of root's; the others are judged by whoever runs the test.
func TestLoadProfile_ProtectedRule(t *testing.T) {
	const content = `{"organization":{"name":"Acme"},"signIn":{"keyEndpoint":"/x"},"linux":{"oldest":"1.0"}}`
	// Below a folder that only root can write; a temporary folder is not.
	base := ""
	if os.Geteuid() == 0 {
		dir, err := os.MkdirTemp("/var/lib", "enrollment-assistant-test-") //nolint:usetesting // a temporary folder is not protected
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		})
		base = dir
	}
	chmod := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	chown := func(path string) {
		t.Helper()
		if err := os.Lchown(path, somebody, somebody); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, path string) string {
		t.Helper()
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tc := range []struct {
		name      string
		root      bool                          // needs files of root's
		make      func(dir, file string) string // gives the path to load
		protected bool
	}{
		{"root's file in root's folders", true, func(_, f string) string { return f }, true},
		{"readable by root alone", true, func(d, f string) string { chmod(f, 0o600); chmod(d, 0o700); return f }, true},
		{"somebody's file", true, func(_, f string) string { chown(f); return f }, false},
		{"writable by a group", true, func(_, f string) string { chmod(f, 0o664); return f }, false},
		{"writable by all", true, func(_, f string) string { chmod(f, 0o646); return f }, false},
		{"somebody's folder", true, func(d, f string) string { chown(d); return f }, false},
		{"folder writable by all", true, func(d, f string) string { chmod(d, 0o777); return f }, false},
		{"sticky folder", true, func(d, f string) string { chmod(d, 0o777|os.ModeSticky); return f }, false},
		{"folder further up writable by a group", true, func(d, f string) string { chmod(filepath.Dir(d), 0o775); return f }, false},
		{"somebody's link to root's file", true, func(_, f string) string { return link(f, filepath.Join(t.TempDir(), "link.json")) }, true},
		{"root's link to somebody's file", true, func(d, f string) string { chown(f); return link(f, filepath.Join(d, "link.json")) }, false},
		{"root's file in a temporary folder", false, func(_, _ string) string { return write(t, filepath.Join(t.TempDir(), "p.json"), content) }, false},
	} {
		if tc.root && base == "" {
			continue
		}
		t.Run(tc.name, func(t *testing.T) {
			dir, err := os.MkdirTemp(base, "a") //nolint:usetesting // as above
			if err != nil {
				t.Fatal(err)
			}
			if base == "" {
				defer func() { _ = os.RemoveAll(dir) }()
			}
			chmod(dir, 0o755)
			inner := filepath.Join(dir, "b")
			file := write(t, filepath.Join(inner, "p.json"), content)
			path := tc.make(inner, file)
			p, err := LoadProfile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := tc.protected || platform.Sandbox
			if p.Protected != want || (p.SignIn.KeyEndpoint != "") != want || p.Organization.Name != "Acme" || p.Source != path {
				t.Errorf("%+v", p)
			}
			if trust, err := LoadTrust(path); err != nil || (trust.Oldest != "") != want {
				t.Errorf("to the elevated side: %+v %v", trust, err)
			}
		})
	}
}
