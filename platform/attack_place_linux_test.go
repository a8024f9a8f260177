package platform

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// copyProgram copies this test, which is both sides, into a folder.
func copyProgram(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join(folder, "assistant-cli")
	if out, err := exec.Command("/bin/cp", os.Args[0], path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// attackPlaces prepares places: where the program lies, where its state goes, what the disk is.
func attackPlaces(p *proof) {
	me := os.Geteuid()
	group := func(path string) error { return errors.Join(os.Chown(path, -1, 65534), os.Chmod(path, 0o775)) } //nolint:gosec // that is what is refused
	for _, c := range []struct {
		what    string
		root    bool
		prepare func(program string) error
		env     string
		words   string
	}{
		{"the program can be written by everyone", false, func(f string) error { return os.Chmod(f, 0o777) }, "", "can be written by everyone"},
		{"the program's folder can be written by everyone", false, func(f string) error { return os.Chmod(filepath.Dir(f), 0o777) }, "", "can be written by everyone"},
		{"the folder above it can be written by everyone", false, func(f string) error { return os.Chmod(filepath.Dir(filepath.Dir(f)), 0o777) }, "", "can be written by everyone"},
		{"the program's folder is everyone's, but sticky, in a release", false, func(f string) error { return os.Chmod(filepath.Dir(f), 0o777|os.ModeSticky) }, "TEST_RELEASE=1", "can be written by everyone"},
		{"the program is another user's", true, func(f string) error { return os.Chown(f, stranger, -1) }, "", "belongs to user 65534"},
		{"the program's folder is another user's", true, func(f string) error { return os.Chown(filepath.Dir(f), stranger, -1) }, "", "belongs to user 65534"},
		{"the program can be written by a group of others", true, group, "", "can be written by a group"},
		{"the program's folder can be written by a group of others", true, func(f string) error { return group(filepath.Dir(f)) }, "", "can be written by a group"},
	} {
		f := func(t *testing.T) {
			folder, root := filepath.Join(t.TempDir(), "above", "bin"), t.TempDir()
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			program := copyProgram(t, folder)
			if err := c.prepare(program); err != nil {
				t.Fatal(err)
			}
			cmd := side("", me, c.env)
			cmd.Path = program
			m, _ := openDoor(t, me).talk(cmd, jobText(t, root, nil))
			refused(t, m, JobUnsafeProgram, c.words)
			untouched(t, root)
			// The user's side refuses it too, before anybody is asked for a password.
			e := testElevation(root)
			e.options.Program, e.sandbox = program, c.env == ""
			job := Job{Verb: VerbWatch}
			if got := codeOf(t, e.run(t.Context(), job, func(Report) { t.Error("somebody was asked") })); got != JobUnsafeProgram {
				t.Errorf("the user's side: %q", got)
			}
		}
		if c.root {
			p.tryAsRoot(c.what, f)
		} else {
			p.try(c.what, f)
		}
	}
	p.tryAsRoot("the elevated side without the rights", func(t *testing.T) {
		cmd := side("/none", me, "TEST_RELEASE=1")
		cmd.Path = copyProgram(t, shortFolder(t))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger}}
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "started by the assistant itself, with administrator rights") {
			t.Errorf("%v: %s", err, out)
		}
	})
	attackState(p)
	attackDisk(p)
}

// attackState prepares the elevated side's own folder.
func attackState(p *proof) {
	for _, c := range []struct {
		what    string
		root    bool
		prepare func(state, elsewhere string) error
		words   string
	}{
		{"the state folder is a link", false, func(state, elsewhere string) error { return os.Symlink(elsewhere, state) }, "is not a folder of user"},
		{"the state folder is another user's", true, func(state, _ string) error {
			return errors.Join(os.Mkdir(state, 0o700), os.Chown(state, stranger, -1))
		}, "is not a folder of user"},
		{"the lock is a link", false, func(state, elsewhere string) error {
			return errors.Join(os.Mkdir(state, 0o700), os.Symlink(filepath.Join(elsewhere, "victim"), filepath.Join(state, "lock")))
		}, "locking"},
		{"the log is a link", false, func(state, elsewhere string) error {
			return errors.Join(os.Mkdir(state, 0o700), os.Symlink(filepath.Join(elsewhere, "victim"), filepath.Join(state, "elevated.log")))
		}, "not a regular file"},
	} {
		f := func(t *testing.T) {
			b, elsewhere := newBench(t, script(canaryScript)), t.TempDir()
			state := b.path(stateFolder)
			if err := errors.Join(os.MkdirAll(filepath.Dir(state), 0o755), c.prepare(state, elsewhere)); err != nil {
				t.Fatal(err)
			}
			b.refuses(b.job(), JobInternal, c.words, PhaseConsent)
			if left, err := os.ReadDir(elsewhere); err != nil || len(left) > 0 {
				t.Errorf("written through the link: %v %v", left, err)
			}
		}
		if c.root {
			p.tryAsRoot(c.what, f)
		} else {
			p.try(c.what, f)
		}
	}
}

// mounted has the elevated side see a file system that a shell line mounts below the sandbox, its $0.
func (b *bench) mounted(e *elevation, line string) {
	e.attempts = func() ([]attempt, error) {
		return []attempt{{
			path: "/usr/bin/unshare", args: []string{"--mount", "/bin/sh", "-c", "set -e; " + line + `; exec "$@"`, b.root, os.Args[0], "elevated"},
			env: []string{"PATH=" + safePath}, explain: explainOwn,
		}}, nil
	}
}

// attackDisk takes the disk away.
func attackDisk(p *proof) {
	big := func(t *testing.T) *Package {
		path := filepath.Join(t.TempDir(), "big.deb")
		if err := os.WriteFile(path, append([]byte("!<arch>\n"), make([]byte, 1<<20)...), 0o600); err != nil {
			t.Fatal(err)
		}
		return described(t, path)
	}
	small := func(t *testing.T) *Package {
		return described(t, buildPackage(t, "deb", "gzip", packageName, "2.166.2"))
	}
	for _, c := range []struct {
		what, mount string
		job         func(*bench) Job
		code        JobCode
		words       string
	}{
		{"the disk is full when the package comes", `mkdir -p "$0/var/lib/enrollment-assistant"; mount -t tmpfs -o size=32k,mode=0700 none "$0/var/lib/enrollment-assistant"`,
			func(b *bench) Job { return b.packageJob(big(b.t)) }, JobDiskFull, "no space left"},
		{"the disk is full when the key is written", `mkdir -p "$0/opt"; mount -t tmpfs -o size=4k,nr_inodes=1 none "$0/opt"`,
			func(b *bench) Job { return b.packageJob(small(b.t)) }, JobDiskFull, "no space left"},
		{"the disk is full when the script writes", `mkdir -p "$0/opt"; mount -t tmpfs -o size=4k none "$0/opt"`,
			func(b *bench) Job { return b.job() }, JobDiskFull, "No space left"},
		{"/opt is read-only when the key is written", `mkdir -p "$0/opt"; mount -t tmpfs -o ro none "$0/opt"`,
			func(b *bench) Job { return b.packageJob(small(b.t)) }, JobReadOnly, "read-only"},
		{"/opt is read-only when the script writes", `mkdir -p "$0/opt"; mount -t tmpfs -o ro none "$0/opt"`,
			func(b *bench) Job { return b.job() }, JobReadOnly, "Read-only"},
		{"the state folder is read-only", `mkdir -p "$0/var/lib"; mount -t tmpfs -o ro none "$0/var/lib"`,
			func(b *bench) Job { return b.job() }, JobReadOnly, "read-only"},
	} {
		p.tryAsRoot(c.what, func(t *testing.T) {
			b := newBench(t, script("#!/bin/bash\nset -e\nmkdir -p $STUB_ROOT/opt/jc\nhead -c 1000000 /dev/zero >$STUB_ROOT/opt/jc/big\n"+canaryScript))
			job := c.job(b)
			e := testElevation(b.root)
			b.mounted(&e, c.mount)
			err := e.run(t.Context(), job, func(Report) {})
			if got := codeOf(t, err); got != c.code || !strings.Contains(err.Error(), c.words) {
				t.Errorf("%v, want %s: …%s…", err, c.code, c.words)
			}
			for _, name := range changedBelow(t, b.root) {
				if name != "/opt" { // where this test mounts
					t.Errorf("changed: %s", name)
				}
			}
			b.noKeyIn(b.root)
		})
	}
}
