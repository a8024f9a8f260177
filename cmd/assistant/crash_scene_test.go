//go:build crash && linux

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/server-stub/stub"
)

// crashLab is what all points share: the programs, and a data folder whose packages are built.
type crashLab struct {
	bin, dir, shelf string
	publisher       map[string]string
}

func newCrashLab(t *testing.T) *crashLab {
	t.Helper()
	dir, err := os.MkdirTemp("", "cr") //nolint:usetesting // short, since there are sockets below it, and 108 bytes is their limit
	need(t, err)
	t.Cleanup(func() { need(t, os.RemoveAll(dir)) })
	l := &crashLab{bin: t.TempDir(), dir: dir, shelf: filepath.Join(dir, "shelf")}
	goBuild(t, l.bin, "assistant-cli", "nogui,qa", ".")
	goBuild(t, l.bin, "server-stub", "", "../../server-stub")
	s := &stub.Server{Data: l.shelf, AgentProgram: filepath.Join(l.bin, "server-stub")}
	_, err = s.Packages(t.Context())
	need(t, errors.Join(err, s.Demo(t.Context())))
	publisher, err := s.Publisher()
	need(t, err)
	l.publisher = map[string]string{"key": string(publisher.PublicKey()), "fingerprint": publisher.Fingerprint(), "signature": ".asc"}
	need(t, s.Close())
	return l
}

// crashScene is one computer, a folder, and one server, a process with a folder of its own.
type crashScene struct {
	*crashLab
	dir, data string
	play      *play
	server    *exec.Cmd
	ports     []string // flags of its ports, once they are known
	struckNow bool     // somebody was killed
	stopped   bool     // the person's patience has begun to run out
	broken    []string // what the server said of its rules before it was killed
	watching  sync.WaitGroup
	gone      atomic.Bool
}

func (l *crashLab) newScene(p crashPoint) (*crashScene, error) {
	base, err := os.MkdirTemp(l.dir, "")
	if err != nil {
		return nil, err
	}
	s := &crashScene{crashLab: l, dir: filepath.Join(base, "pc"), data: filepath.Join(base, "stub")}
	for _, folder := range []string{"root", "state", "run", "tmp"} {
		err = errors.Join(err, os.MkdirAll(filepath.Join(s.dir, folder), 0o700))
	}
	err = errors.Join(err, os.Mkdir(s.data, 0o700), os.Symlink(filepath.Join(l.shelf, "production"), filepath.Join(s.data, "production")))
	for _, name := range []string{"ca.crt", "ca.key", "publisher.key", "stub.db"} {
		text, read := os.ReadFile(filepath.Join(l.shelf, name))
		err = errors.Join(err, read, os.WriteFile(filepath.Join(s.data, name), text, 0o600))
	}
	if err == nil {
		err = s.serve()
	}
	if err == nil {
		err = s.furnish(p.way)
	}
	if err != nil {
		s.end()
	}
	return s, err
}

// serve starts the server, after the first time on the ports that it had.
func (s *crashScene) serve() error {
	args := append([]string{"serve", "--data", s.data}, s.ports...)
	if s.ports == nil {
		args = append(args, "--port", "0")
	}
	s.server = exec.Command(filepath.Join(s.bin, "server-stub"), args...)
	s.server.Env = []string{"HOME=" + s.data, "PATH=" + os.Getenv("PATH")}
	out, err := s.server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.server.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	var at struct{ Console, Private, People, CA string }
	if err := json.Unmarshal(line, &at); err != nil {
		return err
	}
	s.play = &play{console: at.Console, private: at.Private}
	if s.play.ca, err = os.ReadFile(at.CA); err != nil {
		return err
	}
	s.play.client = s.play.newClient()
	s.ports = nil
	for _, p := range [][2]string{{"--port", at.Console}, {"--private-port", at.Private}, {"--people-port", at.People}} {
		u, err := url.Parse(p[1])
		if err != nil {
			return err
		}
		s.ports = append(s.ports, p[0], u.Port())
	}
	return nil
}

// furnish writes the profile, and the answers with a fresh key.
func (s *crashScene) furnish(way platform.Way) error {
	client := s.play.newClient()
	var token struct{ XSRF string }
	var key struct{ ConnectKey string }
	err := s.play.call(client, http.MethodGet, "/userconsole/xsrf", "", nil, &token)
	if err == nil {
		err = s.play.call(client, http.MethodPost, "/userconsole/auth", token.XSRF, map[string]string{"email": "ben@acme.example", "password": stub.DemoUserPassword}, nil)
	}
	if err == nil {
		err = s.play.call(client, http.MethodPost, "/userconsole/api/connectkey", token.XSRF, struct{}{}, &key)
	}
	if err != nil {
		return err
	}
	profile := map[string]any{
		"organization": map[string]any{"name": "Acme Corporation"},
		"endpoints": map[string]any{"console": s.play.console, "kickstart": s.play.console, "privateKickstart": s.play.private,
			"agent": s.play.private, "packages": s.play.console},
		"ca":    string(s.play.ca),
		"linux": map[string]any{"install": way, "publisher": s.publisher, "oldest": "1.0.0"},
	}
	for name, content := range map[string]any{"profile.json": profile, "answers.json": map[string]string{"connectKey": key.ConnectKey}} {
		text, err := json.Marshal(content)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// fault adds a fault.
func (s *crashScene) fault(f map[string]any) error {
	return s.play.call(s.play.client, http.MethodPost, "/_qa/faults", "", f, nil)
}

// prepare makes the service wait where the point is.
func (s *crashScene) prepare(p crashPoint) error {
	switch {
	case p.held != "":
		return s.fault(map[string]any{"point": p.held, "delayMs": 120000, "times": 2})
	case p.dripped != "":
		return s.fault(map[string]any{"point": p.dripped, "bytesPerSecond": 5, "times": 2})
	case p.slow:
		return s.fault(map[string]any{"point": "package", "bytesPerSecond": 6 << 20, "times": 2})
	}
	return nil
}

// awaited gives a channel that is closed when the service has what it holds back, or has done what it answers slowly.
func (s *crashScene) awaited(p crashPoint) <-chan struct{} {
	there := make(chan struct{})
	look := func() bool {
		var list []struct{ Used int }
		err := s.play.call(s.play.client, http.MethodGet, "/_qa/faults", "", nil, &list)
		return err == nil && len(list) > 0 && list[0].Used > 0
	}
	if p.dripped != "" {
		look = func() bool {
			shot, err := s.snapshot()
			return err == nil && len(shot.Systems) > 0
		}
	}
	tick := time.NewTicker(20 * time.Millisecond)
	go func() {
		defer tick.Stop()
		for ; !look(); <-tick.C {
			if s.gone.Load() {
				return
			}
		}
		close(there)
	}()
	return there
}

func (s *crashScene) snapshot() (stub.Snapshot, error) {
	var shot stub.Snapshot
	return shot, s.play.call(s.play.client, http.MethodGet, "/_qa/snapshot", "", nil, &shot)
}

// rules gives the invariants that the server saw broken since it was started.
func (s *crashScene) rules() ([]string, error) {
	var said struct{ Violations []stub.Violation }
	err := s.play.call(s.play.client, http.MethodGet, "/_qa/invariants", "", nil, &said)
	var broken []string
	for _, v := range said.Violations {
		broken = append(broken, string(v.Invariant)+": "+v.Text)
	}
	return broken, err
}

// kill ends one of the four with SIGKILL. What watches over it starts it again at once, as it does on a real computer:
// systemd the agent, whoever runs the service the server. The assistant's person starts it again later.
func (s *crashScene) kill(who victim, r *crashRun) error {
	s.struckNow = true
	var err error
	switch who {
	case theAssistant:
		err = r.cmd.Process.Kill()
	case theElevated:
		err = s.killNamed("\x00elevated\x00" + filepath.Join(s.dir, "run"))
	case theAgent:
		err = s.killNamed(s.agentLine())
	case theStub:
		s.broken, err = s.rules()
		err = errors.Join(err, s.server.Process.Kill())
		_ = s.server.Wait() // it was killed
		s.watchAgent()
		return errors.Join(err, s.serve())
	}
	if err != nil {
		return fmt.Errorf("killing the %s: %w", who, err)
	}
	if err := s.play.call(s.play.client, http.MethodDelete, "/_qa/faults", "", nil, nil); err != nil {
		return err
	}
	if who != theAgent {
		return nil
	}
	return s.startAgent()
}

// watchAgent does what systemd does for an agent that has ended: the sandbox's ends itself when its server is away for
// long.
func (s *crashScene) watchAgent() {
	if len(processesWith(s.agentLine())) == 0 {
		return
	}
	s.watching.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for !s.gone.Load() && len(processesWith(s.agentLine())) > 0 {
			<-tick.C
		}
		if !s.gone.Load() {
			_ = s.startAgent() // that none runs is seen in the end
		}
	})
}

// agentLine is what the command line of the agent has.
func (s *crashScene) agentLine() string {
	return "\x00run\x00--root\x00" + filepath.Join(s.dir, "root")
}

// startAgent starts the agent as systemd does.
func (s *crashScene) startAgent() error {
	root := filepath.Join(s.dir, "root")
	agent := exec.Command(filepath.Join(root, "opt/jc/bin/jumpcloud-agent"), "run", "--root", root)
	agent.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := agent.Start(); err != nil {
		return err
	}
	s.watching.Go(func() { _ = agent.Wait() }) // it is killed at the end, if not before
	return nil
}

// killNamed kills the one process whose command line has a text. A child that has not become another program yet has
// its parent's line, and is not counted.
func (s *crashScene) killNamed(text string) error {
	pids := processesWith(text)
	above := parents()
	pids = slices.DeleteFunc(slices.Clone(pids), func(pid int) bool { return slices.Contains(pids, above[pid]) })
	if len(pids) != 1 {
		return fmt.Errorf("there are %d", len(pids))
	}
	return syscall.Kill(pids[0], syscall.SIGKILL)
}

// processesWith gives the processes whose command line has a text.
func processesWith(text string) []int {
	var pids []int
	folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is good
	for _, folder := range folders {
		line, err := os.ReadFile(filepath.Join(folder, "cmdline"))
		pid, _ := strconv.Atoi(filepath.Base(folder))
		if err == nil && strings.Contains(string(line), text) && processLives(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// end stops what the scene has started.
func (s *crashScene) end() {
	s.gone.Store(true)
	for _, pid := range processesWith(s.dir) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	s.watching.Wait()
	if s.server != nil && s.server.Process != nil {
		_ = s.server.Process.Kill()
		_ = s.server.Wait() // it was killed
	}
	_ = os.RemoveAll(filepath.Dir(s.dir)) // the whole folder is removed at the end
}
