package platform

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"slices"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// probeWait is how long one host is given to answer. A person waits for the slowest.
const probeWait = 8 * time.Second

// prober asks hosts of the service.
type prober struct {
	rootsPEM []byte
	proxy    *httpproxy.Config
	now      func() time.Time
	wait     time.Duration
	// added gives the authorities that were added to this computer by hand; nil means that none are known.
	added func() [][]byte
}

// errSeen ends a handshake with a private host once its certificate was seen.
var errSeen = errors.New("certificate seen")

// proxyRefusal is an answer of a proxy to CONNECT that is not 200.
type proxyRefusal struct{ status string }

// Error implements error.
func (e *proxyRefusal) Error() string { return "the proxy answered " + e.status }

// certPool gives the system's authorities and those of a protected profile; nil means the system's alone.
func certPool(rootsPEM []byte) (*x509.CertPool, error) {
	if len(rootsPEM) == 0 {
		return nil, nil //nolint:nilnil // nil is how crypto/tls names the system's authorities
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a computer without any still trusts the profile's
	}
	if !pool.AppendCertsFromPEM(rootsPEM) {
		return nil, errors.New("the profile's certificate authority is not a PEM certificate")
	}
	return pool, nil
}

// ask implements Host.Probe.
func (p prober) ask(ctx context.Context, baseURL string, private bool) HostAnswer {
	a := HostAnswer{Private: private}
	start := time.Now()
	fail := func(f Failure, err error) HostAnswer {
		a.Failure, a.Detail, a.Took = f, err.Error(), time.Since(start)
		return a
	}
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return fail(FailHTTP, fmt.Errorf("asking %q: not an https address", baseURL))
	}
	a.Host = u.Host
	if u.Port() == "443" {
		a.Host = u.Hostname()
	}
	pool, err := certPool(p.rootsPEM)
	if err != nil {
		return fail(FailCertificate, err)
	}
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	secured := false
	transport := p.transport(pool, private, &a)
	defer transport.CloseIdleConnections()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { secured = err == nil },
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, u.String(), nil)
	if err != nil {
		return fail(FailHTTP, err)
	}
	response, err := transport.RoundTrip(request)
	a.Took = time.Since(start)
	if errors.Is(err, errSeen) {
		if now := p.now(); now.Before(a.NotBefore) || now.After(a.NotAfter) {
			return fail(FailClock, errors.New("the certificate is not valid at this computer's time"))
		}
		return a
	}
	if err != nil {
		return fail(classify(ctx, err, secured, &a), err)
	}
	_ = response.Body.Close()
	if server, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		a.Offset, a.HasOffset = p.now().Sub(server).Truncate(time.Second), true
	}
	return a
}

// transport makes one connection through the computer's proxy. It notes the certificate in a.
func (p prober) transport(pool *x509.CertPool, private bool, a *HostAnswer) *http.Transport {
	proxy := p.proxy.ProxyFunc()
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: pool, Time: p.now,
		VerifyConnection: func(s tls.ConnectionState) error {
			a.note(s.PeerCertificates)
			if private {
				return errSeen
			}
			a.Inspected = p.inspected(s.VerifiedChains)
			return nil
		},
		// The vendor's private hosts have certificates of an authority of its own that no system knows, so there is
		// nothing to verify them with. They prove that they can be reached; the handshake ends in VerifyConnection,
		// before anything is sent.
		InsecureSkipVerify: private, //nolint:gosec // see above
	}
	return &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			u, err := proxy(r.URL)
			a.Proxied = u != nil
			return u, err
		},
		TLSClientConfig:   config,
		DisableKeepAlives: true,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return &proxyRefusal{r.Status}
			}
			return nil
		},
	}
}

// inspectors are products that open secure connections, as their certificates name them.
var inspectors = regexp.MustCompile(`(?i)\b(zscaler|netskope|fortinet|fortigate|palo alto|globalprotect|cisco umbrella|opendns|blue ?coat|sophos|mcafee|` +
	`skyhigh|kaspersky|avast|avg|eset|bitdefender|check ?point|forcepoint|websense|barracuda|watchguard|sonicwall|untangle|` +
	`iboss|menlo security|cato networks|securly|lightspeed|mitmproxy|charles proxy|fiddler|portswigger|squid)\b`)

// inspected tells whether a certificate that this computer trusts is not the host's own: its authority is a known
// product, or was added to this computer by hand and is not one that the profile names.
func (p prober) inspected(chains [][]*x509.Certificate) bool {
	var added [][]byte
	if p.added != nil {
		added = p.added()
	}
	for _, chain := range chains {
		root := chain[len(chain)-1]
		if inspectors.MatchString(chain[0].Issuer.String()) || inspectors.MatchString(root.Subject.String()) {
			return true
		}
		if slices.ContainsFunc(added, func(der []byte) bool { return bytes.Equal(der, root.Raw) }) && !slices.ContainsFunc(certificates(p.rootsPEM),
			func(der []byte) bool { return bytes.Equal(der, root.Raw) }) {
			return true
		}
	}
	return false
}

// certificates gives the certificates of a PEM file, in DER.
func certificates(text []byte) [][]byte {
	var all [][]byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			all = append(all, block.Bytes)
		}
	}
	return all
}

// note keeps what is shown of a certificate.
func (a *HostAnswer) note(chain []*x509.Certificate) {
	if len(chain) == 0 {
		return
	}
	leaf := chain[0]
	a.NotBefore, a.NotAfter = leaf.NotBefore, leaf.NotAfter
	a.Issuer = leaf.Issuer.CommonName
	if len(leaf.Issuer.Organization) > 0 {
		a.Issuer = leaf.Issuer.Organization[0]
	}
	a.Issuer = printable(a.Issuer)
}

// classify tells why asking failed.
func classify(ctx context.Context, err error, secured bool, a *HostAnswer) Failure {
	var unverified *tls.CertificateVerificationError
	if errors.As(err, &unverified) {
		a.note(unverified.UnverifiedCertificates)
		if chain := unverified.UnverifiedCertificates; len(chain) > 0 {
			a.Inspected = inspectors.MatchString(chain[0].Issuer.String())
		}
		return classifyCertificate(err, a)
	}
	var refused *proxyRefusal
	var op *net.OpError
	isOp := errors.As(err, &op)
	if errors.As(err, &refused) || isOp && op.Op == "proxyconnect" {
		return FailProxy
	}
	var name *net.DNSError
	if errors.As(err, &name) && !name.IsTimeout {
		return FailDNS
	}
	if ctx.Err() != nil || unanswered(err) {
		return FailTimeout
	}
	if isOp && op.Op == "dial" {
		return FailConnect
	}
	if secured {
		return FailHTTP
	}
	return FailTLS
}

// unanswered tells whether nobody answered: in time, or at all, as where a cable is not plugged in.
func unanswered(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout() || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH)
}

// classifyCertificate tells a wrong clock from a certificate that this computer does not trust. Go says Expired both
// for a certificate of yesterday and for one of tomorrow.
func classifyCertificate(err error, a *HostAnswer) Failure {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		if invalid.Cert != nil {
			a.NotBefore, a.NotAfter = invalid.Cert.NotBefore, invalid.Cert.NotAfter
		}
		return FailClock
	}
	return FailCertificate
}
