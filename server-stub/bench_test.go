//go:build bench && linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the stub is measured with.
const (
	benchDevices = 100_000
	benchAsked   = 1000 // different questions of a kind, and devices that are asked for
	benchSides   = 8    // connections that ask at once
	benchTurns   = 7    // of each side; the median counts
	benchTurn    = time.Second
)

// benchKinds are what is asked, and how many requests in a second there shall be at least, in parts of what a handler
// reaches that has the answers in memory.
var benchKinds = []struct {
	name  string
	aim   float64
	asked int // different questions
	ask   func(n int, ids []string) (method, path, body string)
}{
	{"get", 0.5, benchAsked, func(n int, ids []string) (string, string, string) {
		return http.MethodGet, "/api/systems/" + ids[n%len(ids)], ""
	}},
	{"list", 0.4, benchAsked, func(n int, _ []string) (string, string, string) {
		sort := []string{"hostname", "-hostname", "created", "-lastContact", "os"}[n%5]
		return http.MethodGet, fmt.Sprintf("/api/systems?limit=10&skip=%d&sort=%s", n%100, sort), ""
	}},
	{"filter", 0.3, benchAsked, func(n int, _ []string) (string, string, string) {
		return http.MethodGet, "/api/systems?limit=10&filter=" + url.QueryEscape(fmt.Sprintf("hostname:$eq:pc-%d-%d", n%20, n*37%(benchDevices/20)+1)), ""
	}},
	{"search", 0.2, benchAsked / 10, func(n int, _ []string) (string, string, string) {
		return http.MethodPost, "/api/search/systems", fmt.Sprintf(`{"searchFilter":{"searchTerm":["C-%d-%d"],"fields":["hostname"]},"limit":10}`, n%20, n*37%(benchDevices/20)+1)
	}},
}

// TestBench measures the public API at 100,000 devices against a handler that has the same answers in memory, turn
// about, over the same TLS. It fails when something cannot be measured, never because of a figure.
func TestBench(t *testing.T) {
	data := t.TempDir()
	seed := filepath.Join(data, "seed.json")
	must(t, os.WriteFile(seed, benchSeed(t), 0o600))
	began := time.Now()
	cmd, said, _ := startServeFor(t, time.Hour, "--demo", "--data", filepath.Join(data, "stub"), "--seed", seed, "--agent-program", "/bin/true")
	t.Logf("%d devices were there after %.1f s", benchDevices, time.Since(began).Seconds())
	v, err := newVisitor(said)
	must(t, err)
	must(t, v.asAdmin(t.Context()))
	ids := v.systemIDs(t)
	lines := []string{}
	for _, kind := range benchKinds {
		asked, each := v.askAll(t, kind.asked, kind.ask, ids)
		bare, roots := startBare(t, asked)
		this := &side{address: strings.TrimPrefix(said.Console, "https://"), roots: v.roots, requests: asked}
		that := &side{address: bare, roots: roots, requests: asked}
		for turn := range benchTurns + 1 { // the first fills caches and does not count
			this.turn(t, turn > 0)
			that.turn(t, turn > 0)
		}
		line := fmt.Sprintf("ratio %s %.2f (stub: %s; bare handler: %s; %d devices, %d questions, %d connections; each was asked before, and answered in %.1f ms "+
			"from the database then; aim at least %.2f)", kind.name, this.median()/that.median(), this, that, benchDevices, len(asked), benchSides, each, kind.aim)
		t.Log(line)
		lines = append(lines, line)
	}
	benchOthers(t, v, ids)
	benchEnrollments(t, v, cmd.Process.Pid)
	t.Log("memory of the stub: " + memory(t, cmd.Process.Pid))
	for _, line := range lines {
		fmt.Println(line)
	}
}

// benchSeed is 100,000 devices of twenty kinds.
func benchSeed(t *testing.T) []byte {
	t.Helper()
	systems := []struct{ os, family, version string }{{"Ubuntu", "linux", "24.04"}, {"Debian", "linux", "12"}, {"Mac OS X", "darwin", "15.1"}, {"Windows", "windows", "11"}, {"Fedora", "linux", "41"}}
	devices := []map[string]any{}
	for i := range 20 {
		s := systems[i%len(systems)]
		devices = append(devices, map[string]any{"hostname": fmt.Sprintf("pc-%d", i), "count": benchDevices / 20, "os": s.os, "osFamily": s.family, "version": s.version,
			"serialNumber": fmt.Sprintf("SN%04d", i), "installedBy": "nora", "seenAgo": fmt.Sprintf("%dh", i+1)}) // none becomes inactive while they are measured
	}
	raw, err := json.Marshal(map[string]any{"devices": devices})
	must(t, err)
	return raw
}

// systemIDs gives some of the devices.
func (v *visitor) systemIDs(t *testing.T) (ids []string) {
	t.Helper()
	for skip := 0; skip < benchDevices; skip += benchDevices / 10 {
		var page struct{ Results []struct{ ID string } }
		must(t, v.api(t.Context(), http.MethodGet, fmt.Sprintf("/api/systems?limit=100&skip=%d&sort=hostname", skip), nil, &page))
		for _, y := range page.Results {
			ids = append(ids, y.ID)
		}
	}
	if len(ids) != benchAsked {
		t.Fatalf("%d devices", len(ids))
	}
	return ids
}

// exchange is a request and what the stub answered to it.
type exchange struct {
	Key     string // what a request is told by: its address and its body
	Request []byte // as it goes over the wire
	Answer  []byte // the body
}

// askAll asks every question once, one after the other, and keeps the answers. each is how long one took on the average,
// in milliseconds: nobody had asked it before.
func (v *visitor) askAll(t *testing.T, questions int, ask func(int, []string) (string, string, string), ids []string) (all []exchange, each float64) {
	t.Helper()
	began := time.Now()
	for n := range questions {
		method, path, body := ask(n, ids)
		answer, _, err := call(t.Context(), v.client, method, v.said.Console+path, []byte(body), "x-api-key", v.key, "Content-Type", "application/json")
		must(t, err)
		if len(answer) < 500 {
			t.Fatalf("%s %s %s: %s", method, path, body, answer)
		}
		request := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, path, v.key, len(body), body)
		all = append(all, exchange{path + body, []byte(request), answer})
	}
	return all, float64(time.Since(began)) / float64(time.Millisecond) / float64(questions)
}

// side is one of the two that are compared.
type side struct {
	address  string
	roots    *x509.CertPool
	requests []exchange
	rates    []float64 // requests a second, of each turn
	slowest  []float64 // the 99th percentile of each turn, in milliseconds
}

func (s *side) median() float64 { return middle(s.rates) }

func middle(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// String tells what was measured.
func (s *side) String() string {
	return fmt.Sprintf("%.0f requests/s, p99 %.1f ms", middle(s.rates), middle(s.slowest))
}

// turn asks for a while from all connections.
func (s *side) turn(t *testing.T, counts bool) {
	t.Helper()
	var all sync.WaitGroup
	took := make([][]time.Duration, benchSides)
	failed := make([]error, benchSides)
	began := time.Now()
	for i := range benchSides {
		all.Go(func() { took[i], failed[i] = s.connection(uint64(i), began.Add(benchTurn)) })
	}
	all.Wait()
	elapsed := time.Since(began)
	for _, err := range failed {
		must(t, err)
	}
	if !counts {
		return
	}
	each := slices.Sorted(slices.Values(slices.Concat(took...)))
	s.rates = append(s.rates, float64(len(each))/elapsed.Seconds())
	s.slowest = append(s.slowest, float64(each[len(each)*99/100])/float64(time.Millisecond))
}

// connection asks one thing after the other over one connection, and holds that each answer is as long as it shall be.
// It does as little as it can, so that what is measured is the server.
func (s *side) connection(n uint64, until time.Time) (took []time.Duration, err error) {
	conn, err := tls.Dial("tcp", s.address, &tls.Config{RootCAs: s.roots, ServerName: "127.0.0.1"})
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	r := bufio.NewReaderSize(conn, 64<<10)
	random := rand.New(rand.NewPCG(n, 1))
	for time.Now().Before(until) {
		e := s.requests[random.IntN(len(s.requests))]
		began := time.Now()
		if _, err := conn.Write(e.Request); err != nil {
			return took, err
		}
		length, err := readHead(r)
		if err == nil && length != len(e.Answer) {
			err = fmt.Errorf("%s: %d bytes, and %d before", e.Key, length, len(e.Answer))
		}
		if err == nil {
			_, err = r.Discard(length)
		}
		if err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// readHead reads the head of an answer and gives how long its body is.
func readHead(r *bufio.Reader) (length int, err error) {
	length = -1
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return 0, fmt.Errorf("answered %s", line)
		}
		if len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); bytes.EqualFold(name, []byte("Content-Length")) {
			length, err = strconv.Atoi(string(value))
			if err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, errors.New("an answer without a length")
	}
	return length, nil
}

// startBare starts a process of this test that has the answers in memory.
func startBare(t *testing.T, asked []exchange) (address string, roots *x509.CertPool) {
	t.Helper()
	raw, err := json.Marshal(asked)
	must(t, err)
	file := filepath.Join(t.TempDir(), "answers.json")
	must(t, os.WriteFile(file, raw, 0o600))
	own, err := os.Executable()
	must(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, own, "-test.run", "^TestBare$")
	cmd.Env, cmd.Stderr = append(os.Environ(), "STUB_BARE="+file), os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	var said struct{ Address, CA string }
	must(t, json.NewDecoder(out).Decode(&said))
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(said.CA))
	return said.Address, roots
}

// TestBare is the other side: it answers from memory, and knows of nothing else. It is a process of its own.
func TestBare(t *testing.T) {
	file := os.Getenv("STUB_BARE")
	if file == "" {
		return // TestBench starts it
	}
	var asked []exchange
	must(t, json.Unmarshal([]byte(readFile(t, file)), &asked))
	answers := map[string][]byte{}
	for _, e := range asked {
		answers[e.Key] = e.Answer
	}
	cert, ca := selfSigned(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, json.NewEncoder(os.Stdout).Encode(map[string]string{"Address": l.Addr().String(), "CA": ca}))
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.RequestURI()
		if r.Method == http.MethodPost {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			key += string(body)
		}
		answer, ok := answers[key]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer)
	})}
	must(t, server.Serve(tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true, Certificates: []tls.Certificate{cert}})))
}
