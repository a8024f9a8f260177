package platform

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// attackLives ends one side, or keeps it waiting, at a moment of the attacker's choice.
func attackLives(p *proof) {
	attackConsent(p)
	p.try("the user's side dies while the script runs", TestElevateParentDies)
	p.try("the user's side says stop while the script runs", TestElevateStop)
	p.try("a second elevated side", TestElevateBusy)
	p.try("the user's side dies before it says what to do", func(t *testing.T) {
		d := openDoor(t, os.Geteuid())
		cmd := side(d.address, os.Geteuid())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		conn, err := d.l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		if err := cmd.Wait(); err == nil {
			t.Error("the elevated side ended well")
		}
	})
	p.try("the user's side dies while it sends the package", func(t *testing.T) {
		b := newBench(t, nil)
		d := openDoor(t, os.Geteuid())
		cmd := side(d.address, os.Geteuid())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		conn, err := d.l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		job := b.packageJob(described(t, buildPackage(t, "deb", "gzip", packageName, "2.166.2")))
		c := newChannel(conn)
		if err := c.write(message{Job: job.wire()}); err != nil {
			t.Fatal(err)
		}
		for m, err := c.read(); !m.Send; m, err = c.read() {
			if err != nil || m.Error != nil {
				t.Fatalf("%v %v", m.Error, err)
			}
		}
		_, _ = io.WriteString(conn, "!<arch>\nand no more")
		_ = conn.Close()
		if err := cmd.Wait(); err == nil {
			t.Error("the elevated side ended well")
		}
		untouched(t, b.root)
		b.nothingLeft()
	})
	p.try("the elevated side dies while the script runs", elevatedDies)
	p.try("a script offered after the job", func(t *testing.T) {
		var log string
		b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
			until(t, "the message was not seen", func() bool { return strings.Contains(readText(log), `"msg":"stopping"`) })
			script(canaryScript)(w, r)
		})
		log = b.path(stateFolder + "/elevated.log")
		text := jobText(t, b.root, map[string]any{"kickstartUrl": b.url, "profile": b.profile}) + `{"script":"#!/bin/sh\ntouch $STUB_ROOT/canary"}` + "\n"
		m, begun := openDoor(t, os.Geteuid()).talk(side("", os.Geteuid()), text)
		refused(t, m, JobInternal, "stopped")
		if len(begun) != 1 {
			t.Errorf("begun: %q", begun)
		}
		untouched(t, b.root)
	})
	p.try("a second job behind the first", func(t *testing.T) {
		b, other := newBench(t, script(goodScript)), newBench(t, script(canaryScript))
		text := jobText(t, b.root, map[string]any{"kickstartUrl": b.url, "profile": b.profile}) +
			jobText(t, other.root, map[string]any{"kickstartUrl": other.url, "profile": other.profile})
		m, _ := openDoor(t, os.Geteuid()).talk(side("", os.Geteuid()), text)
		if !m.Done {
			t.Errorf("the first job: %+v", m.Error)
		}
		untouched(t, other.root)
		if exists(b.path("canary")) {
			t.Error("the second job was done")
		}
	})
}

// attackConsent is a consent that is not given.
func attackConsent(p *proof) {
	shell := func(text string, explain func(int, string) error) []attempt {
		return []attempt{{path: "/bin/sh", args: []string{"-c", text, os.Args[0]}, explain: explain}}
	}
	const noAgent = "Error executing command as another user: No authentication agent found."
	for _, c := range []struct {
		what     string
		attempts []attempt
		want     error
	}{
		{"consent refused in the dialog", shell("exit 126", explainPkexec), ErrDenied},
		{"consent refused by a wrong password", shell("exit 1", explainSudo), ErrDenied},
		{"consent left open", shell("exec sleep 60", explainPkexec), ErrTimeout},
		{"consent given after the time", shell(`trap "" TERM; while [ -e "$1" ]; do :; done; "$0" elevated "$1" && touch "$1.served"`, explainPkexec), ErrTimeout},
		{"nobody to ask by dialog", shell("echo '"+noAgent+"' >&2; exit 127", explainPkexec), ErrNoConsent},
		{"nobody to ask by sudo -n", shell("exit 1", explainSilent), ErrNoConsent},
		{"nothing to ask with", nil, ErrNoConsent},
	} {
		p.try(c.what, func(t *testing.T) {
			b := newBench(t, script(canaryScript))
			run := shortFolder(t)
			t.Setenv("XDG_RUNTIME_DIR", run)
			e := testElevation(b.root)
			e.attempts = func() ([]attempt, error) { return c.attempts, nil }
			if errors.Is(c.want, ErrTimeout) {
				e.wait = 100 * time.Millisecond
			}
			if err := e.run(t.Context(), b.job(), func(Report) {}); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			untouched(t, b.root)
			if left, err := os.ReadDir(run); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

// elevatedDies kills the elevated side, as the kernel does when memory runs out: the user's side says so, and the next
// run is not kept out.
func elevatedDies(t *testing.T) {
	b := newBench(t, script(slowScript))
	lock := b.path(stateFolder + "/lock")
	err := b.run(b.job(), func(r Report, _ context.CancelFunc) {
		if r.Output != "started" {
			return
		}
		pid, err := holderOf(lock)
		if err == nil {
			err = syscall.Kill(pid, syscall.SIGKILL)
		}
		if err != nil {
			t.Error(err)
		}
	})
	var failed *JobError
	if !errors.As(err, &failed) || failed.Code != JobInternal || failed.Phase != PhaseRunScript || !strings.Contains(failed.Detail, "ended without an answer") {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(b.path("go"), nil, 0o600); err != nil { // lets the script end
		t.Fatal(err)
	}
	await(t, b.path("finished"))
	unlock, err := lockFile(lock)
	if err != nil {
		t.Fatalf("the dead side holds its lock: %v", err)
	}
	unlock()
}

// holderOf finds the process that has a file open.
func holderOf(path string) (int, error) {
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return 0, err
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == path {
			return strconv.Atoi(strings.Split(link, "/")[2])
		}
	}
	return 0, errors.New("nobody has " + path)
}
