//go:build bench && linux && !nogui

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// benchEnroll compares the headless enrollment with what the vendor documents: the script of the portal, piped from
// curl to bash. Both install into a folder, with the same key at the same stub.
func benchEnroll(t *testing.T) {
	b := newEnrollment(t)
	c := comparison{
		name: "enroll", unit: "ms", aim: 1.10, thisIs: "assistant-cli enroll --json", thatIs: "curl … | bash",
		counted: "from exec until inotify tells of a jcagent.conf with a systemKey",
	}
	c.turnAbout(func() float64 {
		return b.enrolled(func(root string) *exec.Cmd {
			return exec.CommandContext(t.Context(), b.cli, "enroll", "--json", "--profile", b.profile, "--root", root, "--answers", b.answers)
		})
	}, func() float64 {
		return b.enrolled(func(string) *exec.Cmd {
			const line = `curl --tlsv1.2 --silent --show-error --cacert "$CA" --header "x-connect-key: $KEY" "$CONSOLE/Kickstart" | bash`
			return exec.CommandContext(t.Context(), "bash", "-c", line)
		})
	})
	c.tell(t)
}

// enrollment is a stub and what it takes to enroll with it.
type enrollment struct {
	t                     *testing.T
	cli, profile, answers string
	env                   []string
}

// newEnrollment starts the stub and makes a key.
func newEnrollment(t *testing.T) *enrollment {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(context.Background(), program(t, "server-stub"), "serve", "--port", "0", "--demo", "--data", filepath.Join(dir, "stub"))
	cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}
	out, err := cmd.StdoutPipe()
	sure(t, err)
	startBeside(t, cmd)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	sure(t, err)
	var at struct{ Console, Private, CA string }
	sure(t, json.Unmarshal(line, &at))
	p := &play{console: at.Console, private: at.Private}
	p.ca, err = os.ReadFile(at.CA)
	sure(t, err)
	client := p.newClient()
	var token struct{ XSRF string }
	sure(t, p.call(client, http.MethodGet, "/userconsole/xsrf", "", nil, &token))
	sure(t, p.call(client, http.MethodPost, "/userconsole/auth", token.XSRF, map[string]string{"email": "ben@acme.example", "password": "demo-User-1"}, nil))
	var key struct{ ConnectKey string }
	sure(t, p.call(client, http.MethodPost, "/userconsole/api/connectkey", token.XSRF, struct{}{}, &key))
	e := &enrollment{
		t: t, cli: program(t, "qa/assistant-cli"), profile: filepath.Join(dir, "profile.json"), answers: filepath.Join(dir, "answers.json"),
		env: []string{"HOME=" + dir, "XDG_STATE_HOME=" + dir, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "CA=" + at.CA, "CONSOLE=" + at.Console, "KEY=" + key.ConnectKey},
	}
	profile, err := json.Marshal(map[string]any{
		"endpoints": map[string]any{"console": p.console, "kickstart": p.console, "privateKickstart": p.private, "agent": p.private, "packages": p.console},
		"ca":        string(p.ca),
	})
	sure(t, err)
	sure(t, os.WriteFile(e.profile, profile, 0o600))
	answers, err := json.Marshal(map[string]string{"connectKey": key.ConnectKey})
	sure(t, err)
	sure(t, os.WriteFile(e.answers, answers, 0o600))
	return e
}

// enrolled runs a command that enrolls a folder of its own and gives the milliseconds until that is done.
func (e *enrollment) enrolled(command func(root string) *exec.Cmd) float64 {
	e.t.Helper()
	root := e.t.TempDir()
	conf := filepath.Join(root, "opt/jc/jcagent.conf")
	sure(e.t, os.MkdirAll(filepath.Dir(conf), 0o700))
	watch, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	sure(e.t, err)
	defer func() { _ = unix.Close(watch) }()
	_, err = unix.InotifyAddWatch(watch, filepath.Dir(conf), unix.IN_CLOSE_WRITE|unix.IN_MOVED_TO)
	sure(e.t, err)
	cmd := command(root)
	cmd.Env = slices.Concat(e.env, []string{"STUB_ROOT=" + root})
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = time.Second // the agent holds what it was given
	start := time.Now()
	sure(e.t, cmd.Start())
	keyed := awaitKey(watch, conf)
	took := milliseconds(start)
	_ = cmd.Process.Signal(syscall.SIGTERM) // it would go on to see the agent run for a while
	err = cmd.Wait()
	endAgent(root)
	if !keyed {
		e.t.Fatalf("no systemKey came; the command ended with %v and said\n%s", err, said.Bytes())
	}
	return took
}

// awaitKey waits until a file of a watched folder holds a systemKey.
func awaitKey(watch int, conf string) bool {
	events := make([]byte, 64*(unix.SizeofInotifyEvent+unix.NAME_MAX+1))
	over := time.Now().Add(benchPatience)
	for time.Now().Before(over) {
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(watch), Events: unix.POLLIN}}, int(time.Until(over).Milliseconds()))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || ready == 0 {
			return false
		}
		if _, err := unix.Read(watch, events); err != nil {
			return false
		}
		var c struct{ SystemKey string }
		text, err := os.ReadFile(conf) // not there yet at first
		if err == nil && json.Unmarshal(text, &c) == nil && c.SystemKey != "" {
			return true
		}
	}
	return false
}
