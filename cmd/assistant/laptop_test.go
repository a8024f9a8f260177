//go:build laptop

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
	"example.com/enrollment-assistant/steps"
)

// TestLaptop enrolls real computers: a Debian booted for each part, with its own systemd, polkit, pkexec and package
// database, an ordinary user, the release build in /usr/bin and a profile that only root can change. It needs root, for
// booting them, and changes nothing on this computer but the image that it keeps in the cache folder.
func TestLaptop(t *testing.T) {
	l := newLab(t)
	// The longest first: it waits for three minutes, and there may be fewer places than parts.
	for _, part := range []struct {
		name string
		run  func(*testing.T, *lab)
	}{
		{"offline", neverOnline},
		{"script", scriptWay},
		{"package", packageWay},
		{"granted", consentUnasked},
		{"terminal", inTerminal},
		{"codes", exitCodes},
		{"command", portalCommand},
		{"guards", guards},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
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
	for _, tool := range []string{"debootstrap", "systemd-nspawn", "nsenter", "unshare", "flock"} {
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
	l.image = l.findImage()
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

// events reads what an enrollment printed: a line of JSON for each event and nothing else.
func (o outcome) events(t *testing.T) []steps.Event {
	t.Helper()
	var all []steps.Event
	for line := range strings.Lines(o.stdout) {
		var e steps.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("standard output has a line that is no event: %v\n%s", err, line)
		}
		all = append(all, e)
	}
	return all
}

// device gives the device of an enrollment that must have ended well.
func (o outcome) device(t *testing.T) steps.Device {
	t.Helper()
	if o.code != 0 {
		t.Fatalf("exit code %d, want 0\n%s\n%s", o.code, o.stderr, o.stdout)
	}
	events := o.events(t)
	if len(events) == 0 {
		t.Fatal("nothing on standard output")
	}
	last := events[len(events)-1]
	if last.Kind != steps.KindFinished || last.Device == nil {
		t.Fatalf("the last event is %+v, want the end with a device", last)
	}
	return *last.Device
}

// onlyDevice gives the one device that a stub knows, and checks who installed it and how many were told.
func onlyDevice(t *testing.T, s stub.Snapshot, id string, mails int) stub.System {
	t.Helper()
	if len(s.Systems) != 1 {
		t.Fatalf("the service knows %d devices, want 1", len(s.Systems))
	}
	d := s.Systems[0]
	if id != "" && d.ID != id {
		t.Errorf("the device is %s, the assistant says %s", d.ID, id)
	}
	if d.Hostname != "laptop" || d.ProvisionerType != stub.OwnerUser || !strings.Contains(strings.ToLower(d.ProvisionerName), "nora") {
		t.Errorf("device %q was installed by %s %q, want laptop by the user nora", d.Hostname, d.ProvisionerType, d.ProvisionerName)
	}
	if len(s.Outbox) != mails {
		t.Errorf("%d mails went out, want %d", len(s.Outbox), mails)
	}
	told := map[string]bool{}
	for _, m := range s.Outbox {
		told[m.To] = true
		if !strings.Contains(m.Text, "laptop") {
			t.Errorf("the mail to %s does not name the computer:\n%s", m.To, m.Text)
		}
	}
	for _, a := range s.Admins {
		if !told[a.Email] {
			t.Errorf("%s got no mail", a.Email)
		}
	}
	return d
}
