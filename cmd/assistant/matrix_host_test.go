//go:build matrix && linux

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/server-stub/stub"
)

// thisSystem is what this runs on, which the service is to support.
func thisSystem(t *testing.T) stub.Support {
	t.Helper()
	text, err := os.ReadFile("/etc/os-release")
	need(t, err)
	release := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok {
			release[name] = strings.Trim(value, `"'`)
		}
	}
	return stub.Support{ID: release["ID"], Names: []string{strings.ToLower(release["NAME"])}, Versions: []string{release["VERSION_ID"]}, Format: "deb"}
}

// closedPort is an address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	need(t, err)
	defer func() { _ = l.Close() }()
	return "https://" + l.Addr().String()
}

// listen takes connections and does something with them; they are closed at the end of the test.
func listen(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	need(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			do(c)
		}
	}()
	return "https://" + l.Addr().String()
}

// askOnce asks for a script or package, as somebody else may have: what a fault lets through.
func (s *scene) askOnce(point stub.Point) error {
	path := "/Kickstart"
	if point == stub.PointPackage {
		list, err := s.server.Packages(context.Background())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(p stub.Package) bool { return p.Format == "deb" && p.Arch == machineName() })
		if i < 0 {
			return errors.New("there is no package for this computer")
		}
		path = "/production/" + list[i].File
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.at.Console+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("X-Connect-Key", s.key)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(s.ca))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// machineName is this computer's architecture as uname says it.
func machineName() string {
	if runtime.GOARCH == "arm64" {
		return "aarch64"
	}
	return "x86_64"
}
