package platform

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
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

// speak starts an elevated side, sends it text as it is, and gives what it answers.
func speak(t *testing.T, text string) message {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "c"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	side := exec.Command(os.Args[0], "elevated", filepath.Join(dir, "c"))
	if err := side.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = side.Wait() }()
	_ = l.(*net.UnixListener).SetDeadline(time.Now().Add(10 * time.Second))
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	// The elevated side may hang up on a message that is too long before all of it is written.
	_, _ = io.WriteString(conn, text)
	m, err := newChannel(conn).read()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestElevatedRefuses: what comes over the channel may come from anyone.
func TestElevatedRefuses(t *testing.T) {
	root := t.TempDir()
	job := func(change string) string {
		return `{"job":{"verb":"install","way":"script","key":"` + bareKey + `","kickstartUrl":"https://kickstart.jumpcloud.com","root":` +
			strconv.Quote(root) + change + "}}\n"
	}
	for _, c := range []struct{ what, text string }{
		{"not JSON", "GET / HTTP/1.1\r\n\r\n"},
		{"an empty object", "{}\n"},
		{"stop before the job", `{"stop":true}` + "\n"},
		{"an unknown message", `{"exec":"id"}` + "\n"},
		{"an unknown field of the job", job(`,"command":"id"`)},
		{"an unknown verb", strings.Replace(job(""), "install", "uninstall", 1)},
		{"an unknown way", strings.Replace(job(""), "script", "pipe", 1)},
		{"a field of the wrong kind", strings.Replace(job(""), `"install"`, "1", 1)},
		{"a huge job", job(`,"profile":"` + strings.Repeat("x", 2*maxLine) + `"`)},
		{"an endless line", strings.Repeat(" ", 2*maxLine)},
		{"a package of no size", strings.Replace(job(`,"package":{"size":0,"sha256":"`+strings.Repeat("a", 64)+`"}`), "script", "package", 1)},
		{"a huge package", strings.Replace(job(`,"package":{"size":1099511627776,"sha256":"`+strings.Repeat("a", 64)+`"}`), "script", "package", 1)},
		{"a package with a path", strings.Replace(job(`,"package":{"size":1,"path":"/etc/shadow","sha256":"`+strings.Repeat("a", 64)+`"}`), "script", "package", 1)},
		{"nothing in time", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			m := speak(t, c.text)
			if m.Error == nil || m.Error.Code != JobMalformed {
				t.Errorf("%+v", m)
			}
			if b, err := json.Marshal(m); err != nil || strings.Contains(string(b), bareKey) {
				t.Errorf("the answer holds the key: %s", b)
			}
		})
	}
	t.Cleanup(func() {
		if left, err := filepath.Glob(root + "/*"); err != nil || len(left) > 0 {
			t.Errorf("a refused job wrote %q", left)
		}
	})
}

// TestElevatedNoAsker: the elevated side does not even connect to a channel of somebody else.
func TestElevatedNoAsker(t *testing.T) {
	dir := openFolder(t)
	l, err := net.Listen("unix", filepath.Join(dir, "c"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	side := exec.Command(os.Args[0], "elevated", filepath.Join(dir, "c"))
	side.Env = append(os.Environ(), "PKEXEC_UID=65534")
	out, err := side.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "private one of the user who asked") {
		t.Errorf("%v: %s", err, out)
	}
	_ = l.(*net.UnixListener).SetDeadline(time.Now())
	if conn, err := l.Accept(); err == nil {
		_ = conn.Close()
		t.Error("it connected all the same")
	}
}
