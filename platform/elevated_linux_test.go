package platform

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

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
