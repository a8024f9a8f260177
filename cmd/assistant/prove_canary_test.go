//go:build matrix && linux

package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// canaryRun is one path of the assistant under strace, and the secrets that went into it.
type canaryRun struct {
	*scene
	t   *testing.T
	cli string
	tap *tap
	// secrets are what must be found nowhere; guarded by the tap's lock.
	secrets map[string]string
	seen    []string // what the programs said, and what is on the screen
	traces  []string
	// env is what this run's program has besides, which the person has put there.
	env []string
}

// tap stands between the assistant and the console, and learns what the server hands out: sessions and keys.
type tap struct {
	mu    sync.Mutex
	heard map[string]string
}

// newTap listens before the server; its address and its certificate are for the profile.
func newTap(t *testing.T, to string) (p *tap, address, ca string) {
	t.Helper()
	target, err := url.Parse(to)
	must(t, err)
	p = &tap{heard: map[string]string{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		p.hear("xsrf", r.In.Header.Get("X-Xsrftoken"))
	}}
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	proxy.Transport = &http.Transport{TLSClientConfig: trusting(t, to), DisableKeepAlives: true}
	proxy.ModifyResponse = func(r *http.Response) error {
		for _, c := range r.Cookies() {
			p.hear("session", c.Value)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		var answer struct{ ConnectKey string }
		if json.Unmarshal(body, &answer) == nil {
			p.hear("key of the session", answer.ConnectKey)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		return nil
	}
	s := httptest.NewUnstartedServer(proxy)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return p, s.URL, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

func (p *tap) hear(what, value string) {
	if len(value) < 8 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard[what+" "+strconv.Itoa(len(p.heard))] = value
}

// program is a command line under strace: every program that it starts with its whole environment, every file that is
// made or written and what goes into it.
func (r *canaryRun) program(args ...string) *exec.Cmd {
	trace := filepath.Join(r.t.TempDir(), "trace")
	r.traces = append(r.traces, trace)
	cmd := exec.Command("strace", append([]string{"-f", "--seccomp-bpf", "-qq", "-v", "-y", "-s", "4096", "-o", trace, "-e",
		"trace=execve,execveat,open,openat,openat2,creat,write,pwrite64,writev,connect,sendto,sendmsg", r.cli}, args...)...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "XDG_STATE_HOME=" + filepath.Join(r.dir, "state"), "TMPDIR=" + r.dir, "LANG=C.UTF-8"}, r.env...)
	return cmd
}

// enroll gives the arguments of an enrollment in this scene.
func (r *canaryRun) enroll(more ...string) []string {
	return append([]string{"enroll", "--profile", filepath.Join(r.dir, "profile.json"), "--root", filepath.Join(r.dir, "root")}, more...)
}

// unattended enrolls by answers. at is a part of a line of its output; then is done once when that line comes, with the
// number of the assistant's process.
func (r *canaryRun) unattended(at string, then func(pid int)) (exit int) {
	cmd := r.program(r.enroll("--json", "--answers", filepath.Join(r.dir, "answers.json"))...)
	read, write, err := os.Pipe()
	must(r.t, err)
	cmd.Stdout = write
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	must(r.t, cmd.Start())
	_ = write.Close()
	var out bytes.Buffer
	var reading sync.WaitGroup
	reading.Go(func() {
		lines := bufio.NewScanner(read)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if out.WriteString(lines.Text() + "\n"); then != nil && strings.Contains(lines.Text(), at) {
				then(r.child(cmd.Process.Pid))
				then = nil
			}
		}
	})
	exit = r.wait(cmd)
	reading.Wait()
	r.seen = append(r.seen, out.String(), stderr.String())
	if then != nil {
		r.t.Errorf("%q never came:\n%s\n%s", at, &out, &stderr)
	}
	r.t.Logf("exit %d: %s", exit, strings.TrimSpace(stderr.String()))
	return exit
}

// child is the program that strace has started; 0 when it has ended.
func (r *canaryRun) child(tracer int) int {
	for pid, parent := range parents() {
		if parent == tracer {
			return pid
		}
	}
	return 0
}

// wait waits for the program, and ends the agent that it has installed, without which strace does not end.
func (r *canaryRun) wait(cmd *exec.Cmd) int {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // the code tells
	}()
	late := time.NewTimer(soon)
	defer late.Stop()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return cmd.ProcessState.ExitCode()
		case <-look.C:
			if r.child(cmd.Process.Pid) == 0 {
				endAgent(filepath.Join(r.dir, "root"))
			}
		case <-late.C:
			killTree(cmd.Process)
			r.t.Errorf("it did not end in time")
		}
	}
}

// says is what a person at a terminal reads and types.
type says struct {
	prompt, line string
	hidden       bool
}

// attended enrolls at a terminal.
func (r *canaryRun) attended(lines ...says) (exit int) {
	s := newScreen(r.t)
	s.within = soon
	cmd := r.program(r.enroll()...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.tty, s.tty, s.tty
	must(r.t, cmd.Start())
	for _, l := range lines {
		s.expect(l.prompt)
		if l.hidden {
			awaitEcho(s, false)
		}
		if l.line == hangUp {
			must(r.t, syscall.Kill(r.child(cmd.Process.Pid), syscall.SIGHUP))
			break
		}
		s.enter(l.line)
	}
	exit = r.wait(cmd)
	r.seen = append(r.seen, s.all())
	return exit
}

// hangUp is typed by whoever closes the terminal.
const hangUp = "\x00"

// run runs another command of the assistant and keeps what it says.
func (r *canaryRun) run(args ...string) {
	cmd := r.program(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	must(r.t, cmd.Start())
	r.wait(cmd)
	r.seen = append(r.seen, out.String())
}

// report saves the report, which is searched as all that is written.
func (r *canaryRun) report() {
	saved := filepath.Join(r.dir, "saved.txt")
	r.run("report", "--profile", filepath.Join(r.dir, "profile.json"), "--root", filepath.Join(r.dir, "root"), "--out", saved)
	if text, err := os.ReadFile(saved); err != nil || !bytes.Contains(text, []byte("\nLog, newest last\n")) {
		r.t.Errorf("there is no report: %v, %s", err, text)
	}
}

// sought is a secret and the forms in which it is looked for.
type sought struct {
	name  string
	forms [][]byte
	word  *regexp.Regexp // of a short one: only as a word
}

// canaries lists what must not be found: what the person typed, what the server handed out, and the codes of the time.
func (r *canaryRun) canaries() []sought {
	r.tap.mu.Lock()
	defer r.tap.mu.Unlock()
	all := map[string]string{"name of the session": "_jumpcloud_user_console"}
	for _, more := range []map[string]string{r.secrets, r.tap.heard} {
		for name, value := range more {
			all[name] = value
		}
	}
	if r.key != "" {
		all["key"] = r.key
	}
	var list []sought
	var codes []string
	for name, v := range all {
		if len(v) < 7 {
			codes = append(codes, regexp.QuoteMeta(v))
			continue
		}
		c := sought{name: name}
		for lead := range 3 {
			inBase64 := base64.RawStdEncoding.EncodeToString(append(make([]byte, lead), v...))
			c.forms = append(c.forms, []byte(inBase64[(lead*8+5)/6:(lead+len(v))*8/6]))
		}
		c.forms = append(c.forms, []byte(v), []byte(url.QueryEscape(v)), []byte(hex.EncodeToString([]byte(v))))
		list = append(list, c)
	}
	return append(list, sought{name: "code of the time", word: regexp.MustCompile(`\b(?:` + strings.Join(codes, "|") + `)\b`)})
}

// in tells whether a text has it.
func (c sought) in(text []byte) bool {
	if c.word != nil {
		return c.word.Match(text)
	}
	for _, f := range c.forms {
		if bytes.Contains(text, f) {
			return true
		}
	}
	return false
}

var (
	tracedWrite = regexp.MustCompile(`^\d+ +(?:write|pwrite64|writev)\(\d+<(/[^>]*)>`)
	tracedMake  = regexp.MustCompile(`^\d+ +open(?:at)?\(.*"([^"]+)", [A-Z_|]*O_CREAT[A-Z_|]*, (0[0-7]+)\)`)
	journals    = regexp.MustCompile(`sun_path="(/dev/log|/run/systemd/journal/[^"]*)"`)
)

// bootstrap is the one file in which the vendor's contract wants the key: see README.md.
func (r *canaryRun) bootstrap() string {
	return filepath.Join(r.dir, "root/opt/jc/agentBootstrap.json")
}

// noFile tells whether what is written there lies in no file: the screen, which was searched, nothing at all.
func noFile(path string) bool {
	return strings.HasPrefix(path, "/dev/pts/") || path == os.DevNull
}

// agentProgram is the stub's, and has the demo's accounts in it.
func (r *canaryRun) agentProgram() string {
	return filepath.Join(r.dir, "root/opt/jc/bin/jumpcloud-agent")
}

// ours tells whether a file is the assistant's own, and so for its owner alone.
func (r *canaryRun) ours(path string) bool {
	for _, of := range []string{filepath.Join(r.dir, "state"), filepath.Join(r.dir, "root/var/lib/enrollment-assistant"), r.bootstrap(), filepath.Join(r.dir, "saved.txt")} {
		if strings.HasPrefix(path, of) {
			return true
		}
	}
	return false
}

// search looks for the canaries in everything that was said, started and written.
func (r *canaryRun) search() {
	all := r.canaries()
	for _, text := range r.seen {
		for _, c := range all {
			if c.in([]byte(text)) {
				r.t.Errorf("the %s is shown:\n%s", c.name, text)
			}
		}
	}
	for _, path := range r.traces {
		r.searchTrace(path, all)
	}
	r.searchFiles(all)
}

func (r *canaryRun) searchTrace(path string, all []sought) {
	f, err := os.Open(path)
	must(r.t, err)
	defer func() { _ = f.Close() }()
	execs := 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Bytes()
		if m := tracedMake.FindSubmatch(line); m != nil && r.ours(string(m[1])) {
			if mode, _ := strconv.ParseUint(string(m[2]), 8, 32); mode&0o077 != 0 {
				r.t.Errorf("made for others to read: %s", line)
			}
		}
		if journals.Match(line) {
			r.t.Errorf("it speaks to the journal: %s", line)
		}
		written := tracedWrite.FindSubmatch(line)
		started := bytes.Contains(line, []byte(" execve"))
		if started {
			execs++
		}
		if written == nil && (!started || execs == 1) { // the program itself is started by the person
			continue
		}
		if written != nil && (noFile(string(written[1])) || slices.Contains([]string{r.bootstrap(), r.agentProgram()}, string(written[1]))) {
			continue
		}
		for _, c := range all {
			if c.in(line) {
				r.t.Errorf("the %s is in the trace: %s", c.name, line)
			}
		}
	}
	must(r.t, lines.Err())
	if execs == 0 {
		r.t.Errorf("%s shows nothing", path)
	}
}

// searchFiles looks into every file that is left, but for those that the person wrote.
func (r *canaryRun) searchFiles(all []sought) {
	files := 0
	must(r.t, filepath.WalkDir(r.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || path == filepath.Join(r.dir, "answers.json") || path == filepath.Join(r.dir, "profile.json") {
			return err
		}
		files++
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if r.ours(path) && info.Mode().Perm()&0o077 != 0 {
			r.t.Errorf("%s has the mode %o", path, info.Mode().Perm())
		}
		text, err := os.ReadFile(path)
		for _, c := range all {
			if path != r.bootstrap() && path != r.agentProgram() && c.in(text) {
				r.t.Errorf("the %s is in %s", c.name, path)
			}
		}
		return err
	}))
	if files == 0 {
		r.t.Error("no file was written")
	}
}

// newCanaryRun makes a scene whose console is heard.
func (m *matrix) newCanaryRun(t *testing.T, c cell) *canaryRun {
	t.Helper()
	r := &canaryRun{t: t, cli: filepath.Join(m.bin, "assistant-cli"), secrets: map[string]string{"password": stub.DemoUserPassword, "TOTP secret": stub.DemoTOTPSecret}}
	change := c.profile
	c.profile = func(p map[string]any) {
		var address, ca string
		r.tap, address, ca = newTap(t, p["endpoints"].(map[string]any)["console"].(string))
		p["endpoints"].(map[string]any)["console"], p["ca"] = address, m.ca+ca
		if change != nil {
			change(p)
		}
	}
	if c.way == "" {
		c.way = platform.WayScript
	}
	s, err := m.newScene(c)
	must(t, err)
	t.Cleanup(s.end)
	r.scene = s
	for i := range 20 { // the codes of these ten minutes
		code, err := totpCode(platform.NewSecret(stub.DemoTOTPSecret), time.Now().Add(time.Duration(i-2)*30*time.Second))
		must(t, err)
		r.secrets[fmt.Sprintf("code %d", i)] = code.Reveal()
	}
	return r
}

// TestProve_Canary runs secrets through every path and looks for them in all that the programs start, say and write.
// PROVE_TENTH=n runs a tenth of the paths, n being a digit.
func TestProve_Canary(t *testing.T) {
	var tried, held atomic.Int64
	t.Cleanup(func() { fmt.Printf("proof canary tried=%d held=%d\n", tried.Load(), held.Load()) })
	m := newMatrix(t)
	slots := make(chan struct{}, 4) // this many at once
	t.Run("paths", func(t *testing.T) {
		for _, p := range canaryPaths() {
			h := fnv.New32a()
			_, _ = h.Write([]byte(p.what)) // never fails
			if tenth := os.Getenv("PROVE_TENTH"); tenth != "" && strconv.Itoa(int(h.Sum32()%10)) != tenth {
				continue
			}
			tried.Add(1)
			t.Run(p.what, func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				r := m.newCanaryRun(t, p.cell)
				if got := p.do(r); got != p.exit {
					t.Errorf("exit code %d, want %d", got, p.exit)
				}
				r.report()
				r.search()
				if !t.Failed() {
					held.Add(1)
				}
			})
		}
	})
}
