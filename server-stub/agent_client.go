package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"unicode"
)

// refusal is an answer of the server that says no.
type refusal struct {
	Status int
	Text   string // first line of the answer
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.Status, r.Text) }

// client trusts the stub's authority alone and shows this computer's certificate.
func (p place) client() (*http.Client, error) {
	pair, err := tls.LoadX509KeyPair(p.path(certFile), p.path(keyFile))
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	c, err := p.publicClient()
	if err != nil {
		return nil, err
	}
	c.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{pair}
	return c, nil
}

// publicClient trusts the stub's authority alone.
func (p place) publicClient() (*http.Client, error) {
	raw, err := os.ReadFile(p.path(caFile))
	if err != nil {
		return nil, fmt.Errorf("reading the authority: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("reading the authority: %s holds no certificate", caFile)
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment,
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	return &http.Client{Transport: t, Timeout: pollTime}, nil
}

// answerOf makes a request and gives the body of a 2xx answer, at most 1 MiB of it. A 4xx is a *refusal.
func answerOf(client *http.Client, req *http.Request) ([]byte, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // only read
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("reading the server's answer: %w", err)
	}
	switch resp.StatusCode / 100 {
	case 2:
		return raw, nil
	case 4:
		return nil, &refusal{resp.StatusCode, firstLine(raw)}
	}
	return nil, fmt.Errorf("the server answered %d %s", resp.StatusCode, firstLine(raw))
}

// call makes one request to the private side and reads its JSON. A 4xx is a *refusal.
func (a *agent) call(ctx context.Context, client *http.Client, method, address string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, address, bodyOf(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Agent-Version", a.version)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	raw, err := answerOf(client, req)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	return nil
}

// firstLine gives the first line of an answer, printable and not longer than a sentence.
func firstLine(raw []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(raw)), "\n")
	line = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, line)
	if runes := []rune(line); len(runes) > 200 {
		line = string(runes[:200])
	}
	return line
}

// bodyOf is nil for no body; a reader over nothing would make a GET with one.
func bodyOf(b []byte) io.Reader {
	if b == nil {
		return nil
	}
	return bytes.NewReader(b)
}
