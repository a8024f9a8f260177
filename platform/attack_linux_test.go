package platform

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// proof counts what was tried and what held, and prints both in one line at the end of its test. A case that this user
// cannot run was tried and did not hold; it fails nothing.
type proof struct {
	t           *testing.T
	tried, held atomic.Int64
}

// newProof begins a count.
func newProof(t *testing.T, name string) *proof {
	t.Helper()
	p := &proof{t: t}
	t.Cleanup(func() { fmt.Printf("proof %s tried=%d held=%d\n", name, p.tried.Load(), p.held.Load()) })
	return p
}

// try runs one case.
func (p *proof) try(what string, f func(t *testing.T)) {
	p.t.Helper()
	p.tried.Add(1)
	ran := false // t.Run is content with a case that -run leaves out
	if p.t.Run(what, func(t *testing.T) { ran = true; f(t) }) && ran {
		p.held.Add(1)
	}
}

// tryAsRoot runs one case that only root can: it needs a second user.
func (p *proof) tryAsRoot(what string, f func(t *testing.T)) {
	p.t.Helper()
	if os.Geteuid() == 0 {
		p.try(what, f)
		return
	}
	p.tried.Add(1)
	p.t.Logf("%s: needs root, not run", what)
}

// door is a channel on which a test plays the user's side, as a user of its choice.
type door struct {
	t       *testing.T
	address string
	uid     int
	l       net.Listener
}

// openDoor listens as a user, in a folder that is theirs alone.
func openDoor(t *testing.T, uid int) *door {
	t.Helper()
	dir, err := os.MkdirTemp("", "door-") //nolint:usetesting // the parent of t.TempDir is closed to the other user
	if err == nil {
		err = os.Chown(dir, uid, -1)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d := &door{t: t, address: filepath.Join(dir, "channel"), uid: uid}
	listen := func() error {
		var err error
		d.l, err = net.Listen("unix", d.address)
		return err
	}
	if uid == stranger {
		err = asStranger(t, listen)
	} else {
		err = listen()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.l.Close() })
	return d
}

// side starts an elevated side for an address as pkexec does for a user.
func side(address string, uid int, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "elevated", address)
	cmd.Env = append([]string{"PATH=" + safePath}, env...)
	if uid != os.Geteuid() {
		cmd.Env = append(cmd.Env, fmt.Sprintf("PKEXEC_UID=%d", uid))
	}
	return cmd
}

// talk starts an elevated side for this door, sends it text and gives its last message: the error, or that it is done. begun tells
// what it reported before.
func (d *door) talk(cmd *exec.Cmd, text string) (last message, begun []Phase) {
	d.t.Helper()
	cmd.Args[len(cmd.Args)-1] = d.address
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	_ = d.l.(*net.UnixListener).SetDeadline(time.Now().Add(10 * time.Second))
	conn, err := d.l.Accept()
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	// It may hang up on a message that is too long before all of it is written.
	_, _ = io.WriteString(conn, text)
	c := newChannel(conn)
	for {
		m, err := c.read()
		switch {
		case err != nil:
			d.t.Fatalf("no answer: %v", err)
		case m.Report != nil:
			if len(begun) == 0 || begun[len(begun)-1] != m.Report.Phase {
				begun = append(begun, m.Report.Phase)
			}
			if m.Report.Phase == PhaseWatch {
				_ = c.write(message{Stop: true})
			}
		case m.Error != nil, m.Done:
			return m, begun
		}
	}
}

// refused looks for the code and the words of a refusal, and that the key is in no answer.
func refused(t *testing.T, m message, code JobCode, words string) {
	t.Helper()
	if m.Error == nil || m.Error.Code != code || !strings.Contains(m.Error.Detail, words) {
		t.Errorf("answered %+v %+v, want %s: …%s…", m, m.Error, code, words)
	}
	if b, err := json.Marshal(m); err != nil || strings.Contains(string(b), bareKey) {
		t.Errorf("the answer holds the key: %s", b)
	}
}

// changedBelow lists what lies below a sandbox but for the elevated side's own lock and log.
func changedBelow(t *testing.T, root string) []string {
	t.Helper()
	own := []string{"", "/var", "/var/lib", stateFolder, stateFolder + "/lock", stateFolder + "/elevated.log"}
	var list []string
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if name := strings.TrimPrefix(path, root); err == nil && !slices.Contains(own, name) {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return list
}

// untouched fails when anything below a sandbox was changed.
func untouched(t *testing.T, root string) {
	t.Helper()
	if list := changedBelow(t, root); len(list) > 0 {
		t.Errorf("changed: %q", list)
	}
}

// canaryScript tells that it was run.
const canaryScript = "#!/bin/bash\ntouch $STUB_ROOT/canary\n"

// jobText is a job as it travels, with one change; both are JSON objects.
func jobText(t *testing.T, root string, change map[string]any) string {
	t.Helper()
	job := map[string]any{"verb": "install", "way": "script", "key": bareKey, "kickstartUrl": usURL, "root": root}
	for name, value := range change {
		job[name] = value
		if value == nil {
			delete(job, name)
		}
	}
	text, err := json.Marshal(map[string]any{"job": job})
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// TestProve_Privilege attacks the elevated side, a real process behind a real socket. Each case is another way in; each
// must be refused in its own words, and leave everything as it was.
func TestProve_Privilege(t *testing.T) {
	p := newProof(t, "privilege")
	attackListener(p)
	attackDialer(p)
	attackJob(p)
	attackHosts(p)
	attackServer(p)
	attackPlaces(p)
	attackLives(p)
}

// release starts an elevated side that is no test build, from a folder that only root can write, after a shell script
// as root. It sees file systems of its own, so that nothing of this computer is changed: an empty /opt, and an empty
// folder for its state.
func release(uid int, script string) *exec.Cmd {
	const prepare = `set -e
mount -t tmpfs -o mode=0755 none /mnt
cp "$1" /mnt/assistant-cli
mount -t tmpfs -o mode=0755 none /opt
mount -t tmpfs -o mode=0755 none /var/lib
`
	cmd := exec.Command("/usr/bin/unshare", "--mount", "/bin/sh", "-c", prepare+script+`
exec /mnt/assistant-cli elevated "$2"`, "sh", os.Args[0], "")
	cmd.Env = []string{"PATH=" + safePath, "TEST_RELEASE=1", fmt.Sprintf("PKEXEC_UID=%d", uid)}
	return cmd
}
