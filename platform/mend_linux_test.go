package platform

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mending makes the elevated side of a job with fixes, in a sandbox; what it reports goes nowhere.
func mending(t *testing.T, text string, fixes ...Fix) *session {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { _ = near.Close() })
	go func() { _, _ = io.Copy(io.Discard, far) }()
	trusted := Trust{}
	if text != "" {
		trusted.AgentProxy = NewSecret(text)
	}
	s := &session{
		elevatedSide: elevatedSide{limits: testLimits}, channel: newChannel(near), job: &wireJob{Verb: VerbInstall, Fixes: fixes},
		trusted: trusted, root: t.TempDir(), log: slog.New(slog.DiscardHandler),
	}
	s.system = ownSide(s)
	return s
}

func (s *session) lay(t *testing.T, files map[string]string) {
	t.Helper()
	for path, text := range files {
		full := filepath.Join(s.root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMend_Leftovers: what identifies the old device goes, whatever else is there stays.
func TestMend_Leftovers(t *testing.T) {
	s := mending(t, "", FixLeftovers)
	files := map[string]string{"/opt/jc/policies/one": "x", "/opt/jc/jcagentInstall.log": "x"}
	for _, path := range AgentIdentity("linux") {
		files[path] = "old"
	}
	s.lay(t, files)
	if err := s.mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path := range files {
		_, err := os.Stat(filepath.Join(s.root, path))
		if gone := errors.Is(err, fs.ErrNotExist); gone != (files[path] == "old") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := s.mend(t.Context()); err != nil {
		t.Errorf("nothing is left, and removing it fails: %v", err)
	}
}

// TestMend_LeftoversOfLivingAgent: an agent that is there keeps its identity, whatever the job says.
func TestMend_LeftoversOfLivingAgent(t *testing.T) {
	s := mending(t, "", FixLeftovers)
	s.lay(t, map[string]string{agentVersion: "2.166.2", agentCert: "certificate"})
	if err := s.mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(s.root, agentCert)) {
		t.Error("the certificate of an installed agent is gone")
	}
}

// TestMend_LeftoversLink: a link is removed, not what it points to.
func TestMend_LeftoversLink(t *testing.T) {
	s := mending(t, "", FixLeftovers)
	s.lay(t, map[string]string{"/elsewhere/precious": "x", "/opt/jc/ca.crt": "old"})
	if err := os.Symlink(filepath.Join(s.root, "elsewhere/precious"), filepath.Join(s.root, agentCert)); err != nil {
		t.Fatal(err)
	}
	if err := s.mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(s.root, "elsewhere/precious")) || exists(filepath.Join(s.root, agentCert)) {
		t.Error("the link stayed, or what it points to went")
	}
}

func TestMend_Proxy(t *testing.T) {
	const text = "proxy.acme.example:3128 nora:swordfish\n"
	s := mending(t, text, FixProxy)
	path := filepath.Join(s.root, AgentProxyFile)
	for _, before := range []string{"", "another", text} {
		if before != "" {
			s.lay(t, map[string]string{AgentProxyFile: before})
		}
		if err := s.mend(t.Context()); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := readText(path); got != text || info.Mode().Perm() != 0o600 {
			t.Errorf("after %q the file holds %q, mode %o", before, got, info.Mode().Perm())
		}
	}
	if names := tree(s.root).names("/etc"); len(names) != 1 {
		t.Errorf("beside it lie %q", names)
	}
	// Without a protected profile that gives the text nothing is written.
	bare := mending(t, "", FixProxy)
	if err := bare.mend(t.Context()); codeOf(t, err) != JobUntrusted || exists(filepath.Join(bare.root, AgentProxyFile)) {
		t.Errorf("%v", err)
	}
	// A file that cannot be written is said, without its text.
	full := mending(t, text, FixProxy)
	full.lay(t, map[string]string{"/etc": "a file in place of the folder"})
	if err := full.mend(t.Context()); err == nil || strings.Contains(err.Error(), "swordfish") {
		t.Errorf("%v", err)
	}
}

// TestMend_Sandbox: a test folder is no computer, so its clock and packages are left alone.
func TestMend_Sandbox(t *testing.T) {
	s := mending(t, "", FixClock, FixPackages)
	if err := s.mend(t.Context()); err != nil {
		t.Error(err)
	}
	if names := tree(s.root).names("/"); len(names) != 0 {
		t.Errorf("%q", names)
	}
}

func TestJobFixes(t *testing.T) {
	job := func(v Verb, fixes ...Fix) *wireJob {
		w := &wireJob{Verb: v, Fixes: fixes}
		if v == VerbInstall {
			w.Way, w.Key, w.KickstartURL = WayScript, bareKey, usURL
		}
		return w
	}
	for _, c := range []struct {
		what string
		job  *wireJob
		want JobCode
	}{
		{"none", job(VerbInstall), ""},
		{"all", job(VerbInstall, Fixes()...), ""},
		{"an unknown one", job(VerbInstall, "rm -rf /"), JobMalformed},
		{"an empty one", job(VerbInstall, ""), JobMalformed},
		{"one twice", job(VerbInstall, FixProxy, FixProxy), JobMalformed},
		{"while only watching", job(VerbWatch, FixLeftovers), JobMalformed},
	} {
		if err := c.job.checkForm(); codeOf(t, err) != c.want {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if w := (Job{Fixes: Fixes()}).wire(); len(w.Fixes) != len(allFixes) {
		t.Errorf("on the way there are %q", w.Fixes)
	}
}
