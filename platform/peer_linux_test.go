package platform

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stranger is a user id that is neither root's nor that of whoever runs the tests.
const stranger = 65534

// asStranger runs f on a thread that belongs to another user, as a process of that user would look to the kernel.
// Only root can make one; anyone else is a stranger to root already and runs f as it is.
func asStranger(t *testing.T, f func() error) error {
	t.Helper()
	ended := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		if os.Geteuid() == 0 {
			// The raw call changes this thread alone, unlike syscall.Setresuid.
			if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, stranger, stranger, stranger); errno != 0 {
				ended <- errno
				return
			}
		}
		ended <- f()
	}()
	return <-ended
}

// openFolder makes a folder that everybody can enter, below /tmp, since t.TempDir's parent is closed to others.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "open-") //nolint:usetesting // see above
	if err == nil {
		err = os.Chmod(dir, 0o777)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// TestAcceptOnlyRoot: whoever else connects to the channel is turned away, and root after that is not.
func TestAcceptOnlyRoot(t *testing.T) {
	address := filepath.Join(openFolder(t), "channel")
	l, err := net.Listen("unix", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if err := os.Chmod(address, 0o666); err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 1)
	go elevation{options: Options{Root: "/ignored"}}.accept(l, accepted)
	err = asStranger(t, func() error {
		conn, err := net.Dial("unix", address)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, unix.ECONNRESET) {
			return errors.New("the stranger was not turned away: " + err.Error())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		return // there is no root here to come next
	}
	conn, err := net.Dial("unix", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if got := <-accepted; got == nil {
		t.Error("root was turned away")
	} else {
		_ = got.Close()
	}
}

// TestDialAsker: the elevated side speaks only with a socket of the user who asked, in a folder of theirs alone.
func TestDialAsker(t *testing.T) {
	me := os.Geteuid()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(dir, "channel")
	l, err := net.Listen("unix", good)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := dialAsker(good, me)
	if err != nil {
		t.Fatal(err)
	}
	if uid, err := peerUID(conn); err != nil || uid != me {
		t.Errorf("the listener is user %d, %v", uid, err)
	}
	_ = conn.Close()

	open := filepath.Join(openFolder(t), "channel")
	lo, err := net.Listen("unix", open)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lo.Close() }()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		address string
		asker   int
	}{
		"another user asked":        {good, me + 1},
		"an open folder":            {open, me},
		"a file":                    {file, me},
		"a link":                    {link, me},
		"nothing":                   {filepath.Join(dir, "none"), me},
		"a relative path":           {"channel", me},
		"a path that goes up":       {dir + "/../" + filepath.Base(dir) + "/channel", me},
		"an abstract socket's name": {"@enrollment", me},
	} {
		if conn, err := dialAsker(c.address, c.asker); err == nil {
			_ = conn.Close()
			t.Errorf("%s: connected", what)
		}
	}
}

// TestDialImpostor: a socket that another user listens on, though it lies in the right folder and has the right
// owner, is found out by the kernel's note of who listens.
func TestDialImpostor(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	me := os.Geteuid()
	if me != 0 {
		// Without root nobody else can listen here; that a wrong owner is refused is tested above.
		if _, err := dialAsker(filepath.Join(dir, "channel"), me); err == nil {
			t.Error("connected to nothing")
		}
		return
	}
	open := openFolder(t)
	made := make(chan net.Listener, 1)
	err := asStranger(t, func() error {
		l, err := net.Listen("unix", filepath.Join(open, "channel"))
		if err == nil {
			l.(*net.UnixListener).SetUnlinkOnClose(false)
			made <- l
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l := <-made
	defer func() { _ = l.Close() }()
	address := filepath.Join(dir, "channel")
	if err := errors.Join(os.Rename(filepath.Join(open, "channel"), address), os.Chown(address, me, -1)); err != nil {
		t.Fatal(err)
	}
	if conn, err := dialAsker(address, me); err == nil || !strings.Contains(err.Error(), "other end") {
		t.Errorf("an impostor listens: %v %v", conn, err)
	}
}

func TestAskerUID(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		euid int
		want int
		ok   bool
	}{
		{map[string]string{"PKEXEC_UID": "1000"}, 0, 1000, true},
		{map[string]string{"SUDO_UID": "1001"}, 0, 1001, true},
		{map[string]string{"PKEXEC_UID": "1000", "SUDO_UID": "1001"}, 0, 1000, true},
		{nil, 0, 0, true},
		{nil, 1000, 1000, true},
		{map[string]string{"PKEXEC_UID": "0"}, 1000, 1000, true}, // not elevated: the variable is the user's own
		{map[string]string{"PKEXEC_UID": "-1"}, 0, 0, false},
		{map[string]string{"SUDO_UID": "nora"}, 0, 0, false},
		{map[string]string{"SUDO_UID": "99999999999"}, 0, 0, false},
	} {
		got, err := askerUID(func(k string) string { return c.env[k] }, c.euid)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%v as %d: %d %v", c.env, c.euid, got, err)
		}
	}
}
