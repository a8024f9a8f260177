//go:build bench && linux && !nogui

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// packageSize is the size of the package that is downloaded, in bytes, about: twice the vendor's largest.
const packageSize = 300 << 20

// packageServer hands out a package over TLS.
type packageServer struct {
	url string // of the package
	ca  string // path of its authority
}

// newPackageServer makes a package of that size and a server for it. What is in it cannot be compressed, as in a real
// one.
func newPackageServer(t *testing.T) packageServer {
	t.Helper()
	dir := t.TempDir()
	noise := make([]byte, packageSize)
	_, err := rand.NewChaCha8([32]byte{}).Read(noise)
	sure(t, err)
	content := filepath.Join(dir, "content")
	sure(t, os.WriteFile(content, noise, 0o600))
	out, err := os.Create(filepath.Join(dir, "agent.deb"))
	sure(t, err)
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "jcagent", Arch: "amd64", Version: "2.166.2", Maintainer: "bench", Description: "as large as a large agent",
		Overridables: nfpm.Overridables{
			Contents: files.Contents{{Source: content, Destination: "/opt/jc/content"}}, Deb: nfpm.Deb{Compression: "none"},
		},
	})
	sure(t, deb.Default.Package(info, out))
	sure(t, out.Close())
	sure(t, os.Remove(content))
	s := httptest.NewUnstartedServer(http.FileServer(http.Dir(dir)))
	startQuiet(t, s)
	return packageServer{url: s.URL + "/agent.deb", ca: writeAuthority(t, s)}
}

// startQuiet starts a server that does not log what goes wrong: who asks tells it.
func startQuiet(t *testing.T, s *httptest.Server) {
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
}

// writeAuthority writes the certificate of a server to a file, which is made.
func writeAuthority(t *testing.T, s *httptest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	sure(t, os.WriteFile(path, authority(s), 0o600))
	return path
}

// authority is the certificate of a server, which is its own authority.
func authority(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

// benchDownload compares the throughput of the package way, which hashes and reads the package's metadata, with
// curl's: a process each, from its start to its end.
func benchDownload(t *testing.T) {
	s := newPackageServer(t)
	own, err := os.Executable()
	sure(t, err)
	dir := t.TempDir()
	run := func(env []string, name string, args ...string) float64 {
		ctx, cancel := context.WithTimeout(t.Context(), benchPatience)
		defer cancel()
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Env = append(os.Environ(), env...)
		start := time.Now()
		out, err := cmd.CombinedOutput()
		took := time.Since(start)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		left, err := filepath.Glob(filepath.Join(dir, "*"))
		sure(t, err)
		left = slices.DeleteFunc(left, func(name string) bool { return strings.HasSuffix(name, ".json") }) // what the server calls it
		if len(left) != 1 {
			t.Fatalf("%s left %q", name, left)
		}
		sure(t, os.Remove(left[0]))
		return packageSize / took.Seconds() / 1e6
	}
	c := comparison{
		name: "download", unit: "MB/s", aim: 0.95, atLeast: true, thisIs: "the package way, hashed and read", thatIs: "curl",
		counted: "throughput over TLS on this computer, from exec to the process's end",
	}
	c.turnAbout(func() float64 {
		return run([]string{"BENCH_FRONT=download", "BENCH_URL=" + s.url, "BENCH_CA=" + s.ca, "BENCH_DIR=" + dir}, own)
	}, func() float64 {
		return run(nil, "curl", "--silent", "--show-error", "--fail", "--http1.1", "--cacert", s.ca, "--output", filepath.Join(dir, "curl"), s.url)
	})
	c.tell(t)
}

// hostDelay is how long every host takes to answer.
const hostDelay = 300 * time.Millisecond

// benchChecks compares all checks together with the slowest thing that they look at by itself.
func benchChecks(t *testing.T) {
	// The delay lies in the handshake, since a private host is asked no more than that.
	servers := make([]*httptest.Server, 5)
	var pems bytes.Buffer
	for i := range servers {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			<-time.After(hostDelay)
			return nil, nil //nolint:nilnil // nil is the server's own
		}}
		startQuiet(t, s)
		pems.Write(authority(s))
		servers[i] = s
	}
	endpoints := platform.Endpoints{Console: servers[0].URL, Kickstart: servers[1].URL, Packages: servers[2].URL,
		PrivateKickstart: servers[3].URL, Agent: servers[4].URL}
	host := platform.New(platform.Options{RootsPEM: pems.Bytes(), StateDir: t.TempDir()})
	config := steps.Config{Host: host, Profile: steps.Profile{Endpoints: &endpoints}, StateDir: t.TempDir()}
	c := comparison{
		name: "checks", unit: "ms", aim: 1.10, thisIs: "all checks together", thatIs: "the slowest look by itself",
		counted: "this computer's facts, its agent and five hosts that answer after 300 ms",
	}
	c.turnAbout(func() float64 {
		start := time.Now()
		checks := steps.CheckComputer(t.Context(), config, "", nil)
		took := milliseconds(start)
		for _, one := range checks {
			if one.Level == steps.LevelLooking || one.ID == steps.CheckHosts && one.Level != steps.LevelOK {
				t.Fatalf("a check came out as %+v", one)
			}
		}
		return took
	}, func() float64 { return slowest(t, host, endpoints) })
	c.tell(t)
}

// slowest looks at one thing after the other and gives the milliseconds of the slowest.
func slowest(t *testing.T, host platform.Host, e platform.Endpoints) (most float64) {
	looks := []func(){
		func() { _, err := host.Facts(t.Context()); sure(t, err) },
		func() { _, err := host.AgentState(t.Context()); sure(t, err) },
	}
	for url, private := range map[string]bool{e.Console: false, e.Kickstart: false, e.Packages: false, e.PrivateKickstart: true, e.Agent: true} {
		looks = append(looks, func() {
			if a := host.Probe(t.Context(), url, private); a.Failure != platform.FailNone {
				t.Fatalf("%s: %s %s", url, a.Failure, a.Detail)
			}
		})
	}
	for _, look := range looks {
		start := time.Now()
		look()
		most = max(most, milliseconds(start))
	}
	return most
}
