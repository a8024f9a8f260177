//go:build bench && linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// othersFolder is where npm installed json-server and @mockoon/cli; without it they are not measured.
const othersFolder = "STUB_OTHERS"

// other is a program that testers use for the same: both serve a list of objects that they are given.
type other struct {
	name string
	args func(dir, port string) []string
	ask  map[string]func(n int, ids []string) string
}

func others(folder string) []other {
	name := func(n int) string { return fmt.Sprintf("pc-%d-%d", n%20, n*37%(benchDevices/20)+1) }
	get := func(n int, ids []string) string { return "/systems/" + ids[n%len(ids)] }
	return []other{
		{"json-server", func(dir, port string) []string {
			return []string{filepath.Join(folder, "node_modules/.bin/json-server"), "--quiet", "--port", port, filepath.Join(dir, "db.json")}
		}, map[string]func(int, []string) string{
			"get": get, "list": func(n int, _ []string) string {
				return fmt.Sprintf("/systems?_sort=hostname&_start=%d&_limit=10", n%100)
			},
			"filter": func(n int, _ []string) string { return "/systems?_limit=10&hostname=" + name(n) },
			"search": func(n int, _ []string) string { return "/systems?_limit=10&q=" + name(n)[1:] },
		}},
		{"@mockoon/cli", func(dir, port string) []string {
			return []string{filepath.Join(folder, "node_modules/.bin/mockoon-cli"), "start", "--port", port, "--disable-log-to-file", "--data", filepath.Join(dir, "mockoon.json")}
		}, map[string]func(int, []string) string{
			"get": get, "list": func(n int, _ []string) string { return fmt.Sprintf("/systems?sort=hostname&limit=10&page=%d", n%10+1) },
			"filter": func(n int, _ []string) string { return "/systems?limit=10&hostname_eq=" + name(n) },
			"search": func(n int, _ []string) string { return "/systems?limit=10&search=" + name(n)[1:] },
		}},
	}
}

// benchOthers tells how many requests a second programs answer that testers use for the same, over plain HTTP.
func benchOthers(t *testing.T, v *visitor, ids []string) {
	t.Helper()
	folder := os.Getenv(othersFolder)
	if folder == "" {
		return
	}
	dir := t.TempDir()
	var all []json.RawMessage
	for skip := 0; skip < benchDevices; skip += 100 {
		var page struct{ Results []json.RawMessage }
		must(t, v.api(t.Context(), http.MethodGet, fmt.Sprintf("/api/systems?limit=100&skip=%d", skip), nil, &page))
		all = append(all, page.Results...)
	}
	list, err := json.Marshal(all)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "db.json"), append(append([]byte(`{"systems":`), list...), '}'), 0o600))
	mockoon, err := json.Marshal(map[string]any{"uuid": newUUID(), "lastMigration": 33, "name": "systems", "port": 3000, "hostname": "127.0.0.1", "endpointPrefix": "", "latency": 0,
		"rootChildren": []any{map[string]string{"type": "route", "uuid": "00000000-0000-4000-8000-000000000001"}}, "folders": []any{}, "proxyMode": false, "cors": false, "headers": []any{}, "proxyReqHeaders": []any{}, "proxyResHeaders": []any{}, "callbacks": []any{},
		"tlsOptions": map[string]any{"enabled": false, "type": "CERT", "pfxPath": "", "certPath": "", "keyPath": "", "caPath": "", "passphrase": ""}, "proxyHost": "", "proxyRemovePrefix": false,
		"routes": []any{map[string]any{"uuid": "00000000-0000-4000-8000-000000000001", "type": "crud", "documentation": "", "method": "", "endpoint": "systems", "responseMode": nil, "streamingMode": nil, "streamingInterval": 0,
			"responses": []any{map[string]any{"uuid": newUUID(), "body": "{}", "latency": 0, "statusCode": 200, "label": "", "headers": []any{}, "bodyType": "DATABUCKET", "filePath": "", "databucketID": "syst",
				"sendFileAsBody": false, "rules": []any{}, "rulesOperator": "OR", "disableTemplating": true, "fallbackTo404": false, "default": true, "crudKey": "id", "callbacks": []any{}}}}},
		"data": []any{map[string]string{"uuid": newUUID(), "id": "syst", "name": "systems", "documentation": "", "value": string(list)}}})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "mockoon.json"), mockoon, 0o600))
	for _, o := range others(folder) {
		o.measure(t, dir, ids)
	}
}

// measure starts the program and asks it as the stub is asked, but for a shorter time.
func (o other) measure(t *testing.T, dir string, ids []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	must(t, l.Close())
	args := o.args(dir, port)
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "NODE_OPTIONS=--max-old-space-size=8000")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	must(t, cmd.Start())
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	}()
	c := &http.Client{Timeout: 2 * patience, Transport: &http.Transport{MaxIdleConnsPerHost: benchSides}}
	base := "http://127.0.0.1:" + port
	began := time.Now()
	eventually(t, o.name+" answers", func() bool {
		resp, err := c.Get(base + "/systems/" + ids[0])
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
	told := []string{fmt.Sprintf("others: %s answered after %.0f s", o.name, time.Since(began).Seconds())}
	for _, kind := range benchKinds {
		told = append(told, fmt.Sprintf("%s %.1f requests/s", kind.name, rate(t, c, base, o.ask[kind.name], ids)))
	}
	t.Log(strings.Join(append(told, memory(t, cmd.Process.Pid)), ", "))
}

// rate asks from all connections for some seconds.
func rate(t *testing.T, c *http.Client, base string, ask func(int, []string) string, ids []string) float64 {
	t.Helper()
	var all sync.WaitGroup
	var next, done atomic.Int64
	began := time.Now()
	for range benchSides {
		all.Go(func() {
			for time.Since(began) < 3*benchTurn {
				resp, err := c.Get(base + ask(int(next.Add(1)), ids))
				if err != nil {
					return
				}
				n, err := io.Copy(io.Discard, resp.Body)
				if closed := resp.Body.Close(); err == nil && closed == nil && resp.StatusCode == http.StatusOK && n > 500 {
					done.Add(1)
				}
			}
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}
