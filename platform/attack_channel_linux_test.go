package platform

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// attackListener is what others do to the user's side: they connect before the elevated side does.
func attackListener(p *proof) {
	// The elevated side never comes: whoever connects is the attacker.
	waiting := func(t *testing.T, attack func(address string)) {
		b, run := newBench(t, script(goodScript)), shortFolder(t)
		t.Setenv("XDG_RUNTIME_DIR", run)
		e := testElevation(b.root)
		e.options.Root = "" // nobody but root is let in
		e.attempts = func() ([]attempt, error) {
			return []attempt{{path: "/bin/sh", args: []string{"-c", "exec sleep 60"}, explain: explainPkexec}}, nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			ended <- e.run(ctx, b.job(), func(r Report) {
				if r.Phase != PhaseConsent {
					t.Errorf("the attacker's report was believed: %+v", r)
				}
			})
		}()
		var found []string
		until(t, "there is no channel", func() bool {
			found, _ = filepath.Glob(filepath.Join(run, "enrollment-*", "channel")) //nolint:errcheck // the pattern is a good one
			return len(found) == 1
		})
		attack(found[0])
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want to be waiting still", err)
		}
		untouched(t, b.root)
	}
	p.tryAsRoot("another user connects: the folder is closed", func(t *testing.T) {
		waiting(t, func(address string) {
			err := asStranger(t, func() error {
				conn, err := net.Dial("unix", address)
				if err == nil {
					_ = conn.Close()
				}
				return err
			})
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%v, want no permission", err)
			}
		})
	})
	p.tryAsRoot("another user connects to a folder that was opened: gets no byte", func(t *testing.T) {
		waiting(t, func(address string) {
			if err := errors.Join(os.Chmod(filepath.Dir(address), 0o777), os.Chmod(address, 0o666)); err != nil {
				t.Error(err)
			}
			conns := make(chan net.Conn, 1)
			err := asStranger(t, func() error {
				conn, err := net.Dial("unix", address)
				if err == nil {
					conns <- conn
				}
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
			conn := <-conns
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
			if _, err := io.WriteString(conn, `{"report":{"phase":"watch"}}`+"\n"+`{"done":true}`+"\n"); err == nil {
				if got, err := io.ReadAll(conn); len(got) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("the stranger was told %q, %v", got, err)
				}
			}
		})
	})
	p.tryAsRoot("another user connects second, while the job runs", func(t *testing.T) {
		b := newBench(t, script(goodScript))
		t.Setenv("XDG_RUNTIME_DIR", shortFolder(t))
		var second error
		connected := false
		err := b.run(b.job(), func(r Report, stop context.CancelFunc) {
			if r.Phase != PhaseWatch {
				return
			}
			found, err := filepath.Glob(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "enrollment-*"))
			if err != nil || len(found) != 1 {
				t.Errorf("the channel's folder: %q %v", found, err)
				return
			}
			conn, err := net.Dial("unix", filepath.Join(found[0], "channel"))
			if second, connected = err, err == nil; connected {
				_ = conn.Close()
			}
			stop()
		})
		if !errors.Is(err, context.Canceled) || connected || second == nil {
			t.Errorf("a second connection: %v; the job: %v", second, err)
		}
	})
}

// shortFolder gives a folder that everybody may enter, with a path that is short enough for a socket.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "run-") //nolint:usetesting // t.TempDir is closed to others, and long
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// attackDialer is what others do to the elevated side: they listen where it connects, or start it themselves.
func attackDialer(p *proof) {
	me := os.Geteuid()
	// turnedAway starts an elevated side for an address and wants it to end in these words without connecting.
	turnedAway := func(t *testing.T, address string, uid int, l net.Listener, words string, env ...string) {
		t.Helper()
		out, err := side(address, uid, env...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), words) {
			t.Errorf("%v: %s, want …%s…", err, out, words)
		}
		if l == nil {
			return
		}
		_ = l.(*net.UnixListener).SetDeadline(time.Now())
		if conn, err := l.Accept(); err == nil {
			defer func() { _ = conn.Close() }()
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			if got, _ := io.ReadAll(conn); len(got) > 0 {
				t.Errorf("the impostor was told %q", got)
			}
		}
	}
	p.tryAsRoot("an impostor listens in the right folder", func(t *testing.T) {
		fake, mine := openDoor(t, stranger), openDoor(t, me)
		_ = os.Remove(mine.address)
		if err := errors.Join(os.Rename(fake.address, mine.address), os.Chown(mine.address, me, -1)); err != nil {
			t.Fatal(err)
		}
		turnedAway(t, mine.address, me, fake.l, "other end is not the user who asked")
	})
	p.tryAsRoot("the channel is another user's", func(t *testing.T) {
		d := openDoor(t, stranger)
		turnedAway(t, d.address, me, d.l, "not the private one of the user who asked")
	})
	p.tryAsRoot("root's own channel is named by another user", func(t *testing.T) {
		d := openDoor(t, me)
		turnedAway(t, d.address, stranger, d.l, "not the private one of the user who asked")
	})
	p.tryAsRoot("the socket in the right folder belongs to another user", func(t *testing.T) {
		d := openDoor(t, me)
		if err := os.Chown(d.address, stranger, -1); err != nil {
			t.Fatal(err)
		}
		turnedAway(t, d.address, me, d.l, "not a socket of the user who asked")
	})
	p.try("the folder is open to others", func(t *testing.T) {
		d := openDoor(t, me)
		if err := os.Chmod(filepath.Dir(d.address), 0o711); err != nil {
			t.Fatal(err)
		}
		turnedAway(t, d.address, me, d.l, "not the private one of the user who asked")
	})
	p.try("the folder is a link", func(t *testing.T) {
		d := openDoor(t, me)
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(filepath.Dir(d.address), link); err != nil {
			t.Fatal(err)
		}
		turnedAway(t, filepath.Join(link, "channel"), me, d.l, "not the private one of the user who asked")
	})
	p.try("the socket is a link", func(t *testing.T) {
		d := openDoor(t, me)
		link := filepath.Join(filepath.Dir(d.address), "link")
		if err := os.Symlink(d.address, link); err != nil {
			t.Fatal(err)
		}
		turnedAway(t, link, me, d.l, "not a socket of the user who asked")
	})
	p.try("the socket is a file", func(t *testing.T) {
		path := filepath.Join(filepath.Dir(openDoor(t, me).address), "file")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		turnedAway(t, path, me, nil, "not a socket of the user who asked")
	})
	p.try("an old socket", func(t *testing.T) {
		d := openDoor(t, me)
		d.l.(*net.UnixListener).SetUnlinkOnClose(false)
		_ = d.l.Close()
		turnedAway(t, d.address, me, nil, "connection refused")
	})
	p.try("the address is not absolute", func(t *testing.T) {
		turnedAway(t, "channel", me, nil, "not an absolute path")
	})
	p.try("the address is an abstract socket's, which has no folder", func(t *testing.T) {
		turnedAway(t, "@enrollment", me, nil, "not an absolute path")
	})
	p.try("the address goes up", func(t *testing.T) {
		d := openDoor(t, me)
		turnedAway(t, filepath.Dir(d.address)+"/../"+filepath.Base(filepath.Dir(d.address))+"/channel", me, d.l, "not an absolute path")
	})
	p.tryAsRoot("who asked is no number", func(t *testing.T) {
		d := openDoor(t, me)
		turnedAway(t, d.address, me, d.l, "reading PKEXEC_UID", "PKEXEC_UID=nobody")
	})
}
