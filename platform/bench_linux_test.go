package platform

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// goodScript does what the vendor's script leaves behind: files, and a service that has been up for a while.
const goodScript = `#!/bin/bash
umask
echo "using $0 ${http_proxy:-no proxy} ${LANG}"
echo "key KEY"
mkdir -p $STUB_ROOT/opt/jc/bin $STUB_ROOT/var/run $STUB_ROOT/var/log
touch $STUB_ROOT/opt/jc/bin/jumpcloud-agent
setsid sleep 60 & # holds this script's output open, as a careless installer does
echo $! > $STUB_ROOT/var/run/jcagent.pid
touch -d '1 minute ago' $STUB_ROOT/var/run/jcagent.pid
printf 2.166.2 > $STUB_ROOT/opt/jc/version.txt
echo '{"systemKey":"64930a6d00466f31842811a1"}' > $STUB_ROOT/opt/jc/jcagent.conf
echo cert > $STUB_ROOT/opt/jc/client.crt
echo '[]' > $STUB_ROOT/opt/jc/managedUsers.json
echo "$(date '+%Y/%m/%d %H:%M:%S') [1] [INFO] poll ok" > $STUB_ROOT/var/log/jcagent.log
exit 0
`

// bench is a sandbox, a kickstart server and the profile that names it.
type bench struct {
	t       *testing.T
	root    string
	profile string
	url     string
	said    testProfile // what trust was last given
	mu      sync.Mutex
	reports []Report
}

// newBench starts a kickstart server that answers with h.
func newBench(t *testing.T, h http.HandlerFunc) *bench {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	b := &bench{t: t, root: t.TempDir(), url: s.URL}
	b.profile = filepath.Join(t.TempDir(), "profile.json")
	b.trust(testProfile{Endpoints: []string{s.URL}, PEM: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))})
	t.Cleanup(func() {
		if pid, _, ok := sandboxPID(b.root); ok {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	return b
}

// trust writes the profile.
func (b *bench) trust(p testProfile) {
	b.t.Helper()
	b.said = p
	text, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(b.profile, text, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// script serves one script.
func script(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// job is an install by script.
func (b *bench) job() Job {
	return Job{Verb: VerbInstall, Way: WayScript, Key: NewSecret(bareKey), KickstartURL: b.url, Profile: b.profile, Root: b.root}
}

// run elevates a job and keeps its reports; each calls seen, which may stop it.
func (b *bench) run(job Job, seen func(Report, context.CancelFunc)) error {
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	return testElevation(b.root).run(ctx, job, func(r Report) {
		b.mu.Lock()
		b.reports = append(b.reports, r)
		b.mu.Unlock()
		if seen != nil {
			seen(r, cancel)
		}
	})
}

// phases lists the phases that were reported, in order.
func (b *bench) phases() []Phase {
	var list []Phase
	for _, r := range b.reports {
		if len(list) == 0 || list[len(list)-1] != r.Phase {
			list = append(list, r.Phase)
		}
	}
	return list
}

// stopAtWatch ends a job once it watches and has told a state.
func stopAtWatch(r Report, stop context.CancelFunc) {
	if r.Phase == PhaseWatch {
		stop()
	}
}

// path is a file of the sandbox.
func (b *bench) path(name string) string { return filepath.Join(b.root, name) }

// await waits until a file is there.
func await(t *testing.T, path string) {
	t.Helper()
	until(t, "no "+path, func() bool { return exists(path) })
}

// until waits for something that another process does.
func until(t *testing.T, complaint string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	over := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-over:
			t.Error(complaint)
			return
		}
	}
}

// noKeyIn looks for the key in all files of a folder.
func (b *bench) noKeyIn(dir string) {
	b.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), bareKey) {
			b.t.Errorf("%s holds the key", path)
		}
		return err
	})
	if err != nil {
		b.t.Error(err)
	}
}
