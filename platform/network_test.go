package platform

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// ask probes with the authority trusted and no proxy.
func ask(t *testing.T, ca authority, address string, private bool) HostAnswer {
	t.Helper()
	return prober{rootsPEM: ca.pem, proxy: &httpproxy.Config{}, now: time.Now, wait: 400 * time.Millisecond}.ask(t.Context(), address, private)
}

func TestProbe(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	ok := ca.issue(t, -time.Hour, time.Hour)
	config := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	demanding := func(version uint16) *tls.Config {
		c := config(stranger.issue(t, -time.Hour, time.Hour))
		c.ClientAuth, c.MinVersion, c.MaxVersion = tls.RequireAnyClientCert, version, version
		return c
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	plain := httptest.NewServer(page)
	t.Cleanup(plain.Close)
	garbage := listener(t, func(c net.Conn) {
		s := tls.Server(c, config(ok))
		_, _ = s.Write([]byte("220 mail.example ESMTP\r\n"))
		_ = s.Close()
	})
	for _, c := range []struct {
		what, address string
		private       bool
		want          Failure
	}{
		{"answers, with any status", server(t, config(ok), page), false, FailNone},
		{"expired", server(t, config(ca.issue(t, -2*time.Hour, -time.Hour)), page), false, FailClock},
		{"not yet valid", server(t, config(ca.issue(t, time.Hour, 2*time.Hour)), page), false, FailClock},
		{"unknown authority", server(t, config(stranger.issue(t, -time.Hour, time.Hour)), page), false, FailCertificate},
		{"plain http", "https" + plain.URL[len("http"):], false, FailTLS},
		{"not the web", garbage, false, FailHTTP},
		{"closed port", closedPort(t), false, FailConnect},
		{"hangs", listener(t, func(net.Conn) { <-hang }), false, FailTimeout},
		{"hangs up", listener(t, func(c net.Conn) { _ = c.Close() }), false, FailTLS},
		{"not an address", "http://127.0.0.1", false, FailHTTP},
		{"private, unknown authority", server(t, config(stranger.issue(t, -time.Hour, time.Hour)), page), true, FailNone},
		{"private, wants a certificate, TLS 1.2", server(t, demanding(tls.VersionTLS12), page), true, FailNone},
		{"private, wants a certificate, TLS 1.3", server(t, demanding(tls.VersionTLS13), page), true, FailNone},
		{"private, expired", server(t, config(stranger.issue(t, -2*time.Hour, -time.Hour)), page), true, FailClock},
		{"private, not yet valid", server(t, config(stranger.issue(t, time.Hour, 2*time.Hour)), page), true, FailClock},
		{"private, plain http", "https" + plain.URL[len("http"):], true, FailTLS},
		{"private, closed port", closedPort(t), true, FailConnect},
	} {
		a := ask(t, ca, c.address, c.private)
		if a.Failure != c.want || a.Private != c.private || (a.Failure == "") != (a.Detail == "") {
			t.Errorf("%s: %+v, want %q", c.what, a, c.want)
		}
		if c.want == FailClock && (a.NotBefore.IsZero() || a.NotAfter.IsZero()) {
			t.Errorf("%s: the certificate's dates are not told", c.what)
		}
	}
}

// TestProbeSendsNothingPrivate proves that a private host, whose certificate is not verified, is sent no request.
func TestProbeSendsNothingPrivate(t *testing.T) {
	ca := newAuthority(t)
	asked := make(chan string, 1)
	address := server(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, -time.Hour, time.Hour)}},
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Method }))
	if a := ask(t, newAuthority(t), address, true); a.Failure != FailNone || a.Issuer != "Test Authority" {
		t.Fatalf("%+v", a)
	}
	if a := ask(t, ca, address, false); a.Failure != FailNone {
		t.Fatalf("%+v", a)
	}
	<-asked // of the public question
	select {
	case method := <-asked:
		t.Errorf("the private host was sent a %s", method)
	default:
	}
}

func TestProbeOffset(t *testing.T) {
	ca := newAuthority(t)
	address := server(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, -time.Hour, time.Hour)}},
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(-7*time.Minute).UTC().Format(http.TimeFormat))
		}))
	a := ask(t, ca, address, false)
	if !a.HasOffset || a.Offset < 7*time.Minute-2*time.Second || a.Offset > 7*time.Minute+2*time.Second || a.Issuer != "Test Authority" {
		t.Errorf("%+v", a)
	}
	silent := server(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, -time.Hour, time.Hour)}},
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil }))
	if a := ask(t, ca, silent, false); a.HasOffset || a.Failure != FailNone {
		t.Errorf("without a Date: %+v", a)
	}
}

// TestProbeProxy asks a name that only the proxy knows: a loopback address would go around it.
func TestProbeProxy(t *testing.T) {
	ca := newAuthority(t)
	target := server(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, -time.Hour, time.Hour)}}, http.NotFoundHandler())
	proxy := func(status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status != http.StatusOK {
				w.WriteHeader(status)
				return
			}
			tunnel(t, target[len("https://"):], func(*http.Request) {})(w, r)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	for _, c := range []struct {
		what, proxy string
		private     bool
		want        Failure
	}{
		{"works", proxy(http.StatusOK), false, FailNone},
		{"works, private", proxy(http.StatusOK), true, FailNone},
		{"wants a password", proxy(http.StatusProxyAuthRequired), false, FailProxy},
		{"forbids", proxy(http.StatusForbidden), true, FailProxy},
		{"is not there", "http" + closedPort(t)[len("https"):], false, FailProxy},
	} {
		p := prober{rootsPEM: ca.pem, proxy: &httpproxy.Config{HTTPSProxy: c.proxy}, now: time.Now, wait: time.Second}
		if a := p.ask(t.Context(), "https://stub.example:8443", c.private); a.Failure != c.want || a.Host != "stub.example:8443" {
			t.Errorf("a proxy that %s: %+v, want %q", c.what, a, c.want)
		}
	}
}

func TestClassify(t *testing.T) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		what string
		ctx  context.Context
		err  error
		want Failure
	}{
		{"no such name", t.Context(), &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, FailDNS},
		{"no name server", t.Context(), &net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}, FailDNS},
		{"a name server that hangs", t.Context(), &net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}, FailTimeout},
		{"a proxy without a name", t.Context(), &net.OpError{Op: "proxyconnect", Err: &net.DNSError{IsNotFound: true}}, FailProxy},
		{"a cable that is not plugged in", t.Context(), &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}, FailTimeout},
		{"no network", t.Context(), &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}, FailTimeout},
		{"a deadline", t.Context(), os.ErrDeadlineExceeded, FailTimeout},
		{"stopped", done, errors.New("whatever"), FailTimeout},
		{"the wrong name", t.Context(), &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}}, FailCertificate},
	} {
		if got := classify(c.ctx, c.err, false, &HostAnswer{}); got != c.want {
			t.Errorf("%s is %q, want %q", c.what, got, c.want)
		}
	}
}

// TestProbeInspected: a certificate that this computer trusts may still be of somebody in between.
func TestProbeInspected(t *testing.T) {
	own, corporate, product := newAuthority(t), newAuthority(t), newAuthorityOf(t, "Zscaler Inc.")
	block, _ := pem.Decode(corporate.pem)
	bundle := slices.Concat(own.pem, product.pem)
	page := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	at := func(ca authority) string {
		return server(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, -time.Hour, time.Hour)}}, page)
	}
	for _, c := range []struct {
		what    string
		address string
		roots   []byte // of the profile
		private bool
		want    bool
		failure Failure
	}{
		{"the profile's own authority", at(own), bundle, false, false, FailNone},
		{"a product", at(product), bundle, false, true, FailNone},
		{"a product that is not trusted", at(product), own.pem, false, true, FailCertificate},
		{"a private host", at(product), bundle, true, false, FailNone},
		{"added by hand, and named by the profile", at(corporate), slices.Concat(bundle, corporate.pem), false, false, FailNone},
	} {
		p := prober{
			rootsPEM: c.roots, proxy: &httpproxy.Config{}, now: time.Now, wait: 5 * time.Second,
			added: func() [][]byte { return [][]byte{block.Bytes} },
		}
		if a := p.ask(t.Context(), c.address, c.private); a.Inspected != c.want || a.Failure != c.failure || a.Proxied {
			t.Errorf("%s: %+v", c.what, a)
		}
	}
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	p := prober{added: func() [][]byte { return [][]byte{block.Bytes} }}
	if !p.inspected([][]*x509.Certificate{{root, root}}) {
		t.Error("an authority that was added by hand does not count as inspection")
	}
}
