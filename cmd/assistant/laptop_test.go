//go:build laptop

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestLaptop enrolls real computers: a Debian booted for each part, with its own systemd, polkit, pkexec and package
// database, an ordinary user, the release build in /usr/bin and a profile that only root can change. It needs root, for
// booting them, and changes nothing on this computer but the image that it keeps in the cache folder.
func TestLaptop(t *testing.T) {
	l := newLab(t)
	// The longest first: it waits for three minutes, and there may be fewer places than parts.
	l.play(t, []laptopPart{
		{"offline", neverOnline},
		{"session", inSession},
		{"no OpenGL", withoutOpenGL},
		{"requirements", foreseen},
		{"script", func(t *testing.T, l *lab) { scriptWay(t, l, l.image) }},
		{"package", func(t *testing.T, l *lab) { packageWay(t, l, l.image) }},
		{"packaged", packaged},
		{"granted", consentUnasked},
		{"terminal", asAdmin},
		{"codes", exitCodes},
		{"command", portalCommand},
		{"guards", guards},
	}, func() {})
}

// laptopPart is what is done on machines of its own.
type laptopPart struct {
	name string
	run  func(*testing.T, *lab)
}

// play runs the parts, some at a time, and calls held for each that came to its end without a failure.
func (l *lab) play(t *testing.T, parts []laptopPart, held func()) {
	t.Helper()
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() { // after all that the part itself cleans up
				if !t.Failed() && !t.Skipped() {
					held()
				}
			})
			began := time.Now()
			part.run(t, l)
			t.Logf("%s: %.1f s", part.name, time.Since(began).Seconds())
		})
	}
}

// lab is what the machines are made from, and everything that has to go at the end.
type lab struct {
	t     *testing.T
	dir   string // programs, data of the stubs, logs
	image string

	packOnce sync.Once

	mu     sync.Mutex
	closed bool
	undo   []func()
}

// newLab checks what is needed, builds the programs and finds the image.
func newLab(t *testing.T) *lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("booting a machine needs root: run this with sudo, or as root")
	}
	for _, tool := range []string{"debootstrap", "systemd-nspawn", "nsenter", "unshare", "flock", "make"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not on this computer: make setup installs it", tool)
		}
	}
	dir, err := os.MkdirTemp("", "laptop-") //nolint:usetesting // an interrupt removes it too, see below
	must(t, err)
	l := &lab{t: t, dir: dir}
	l.onClose(func() { _ = os.RemoveAll(dir) })
	t.Cleanup(l.close)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(interrupted) })
	go func() {
		<-interrupted
		l.close()
		os.Exit(130)
	}()
	began := time.Now()
	for _, program := range [][]string{
		{"assistant-cli", "-tags=nogui", "."},
		{"server-stub", "-tags=", "../../server-stub"},
		{"dismiss", "-tags=", "./testdata/laptop/dismiss"},
	} {
		build := exec.Command("go", "build", "-trimpath", program[1], "-o", filepath.Join(dir, program[0]), program[2])
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("building %s: %v\n%s", program[0], err, out)
		}
	}
	t.Logf("the programs are ready after %.1f s", time.Since(began).Seconds())
	l.image = l.findImage(t, "image.sh")
	return l
}

// onClose keeps what has to be undone; the last goes first. A lab that is closed undoes at once.
func (l *lab) onClose(undo func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		undo()
		return
	}
	l.undo = append(l.undo, undo)
}

// close ends the machines and servers and removes the files, once.
func (l *lab) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, undo := range slices.Backward(l.undo) {
		undo()
	}
	l.undo = nil
}

// furnish puts onto a laptop what an admin ships: the programs, the polkit policy and the profile of a stub.
func (l *lab) furnish(g *guest, profile []byte) {
	g.t.Helper()
	program, err := os.ReadFile(filepath.Join(l.dir, "assistant-cli"))
	must(g.t, err)
	g.put("/usr/bin/assistant-cli", "root", "0755", program)
	policies, err := filepath.Glob("../../assets/linux/*.policy")
	must(g.t, err)
	if len(policies) != 1 {
		g.t.Fatalf("found the policies %v, want one", policies)
	}
	policy, err := os.ReadFile(policies[0])
	must(g.t, err)
	g.put("/usr/share/polkit-1/actions/"+filepath.Base(policies[0]), "root", "0644", policy)
	g.put(systemProfile, "root", "0644", profile)
}

// Files on a laptop.
const (
	systemProfile = "/etc/enrollment-assistant/profile.json"
	answersPath   = "/home/nora/answers.json"
)

// enrollDialog is the command of an admin's script that may show the system's dialog.
const enrollDialog = "assistant-cli enroll --json --consent dialog --answers " + answersPath

// answerKey writes an answers file with a connect key.
func (g *guest) answerKey(key string) {
	g.t.Helper()
	text, err := json.Marshal(map[string]string{"connectKey": key})
	must(g.t, err)
	g.put(answersPath, localUser, "0600", text)
}
