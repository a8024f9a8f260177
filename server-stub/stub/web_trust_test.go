package stub

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Whoever steals the authority's key of a stub that a person's browser trusts can play a site of loopback there, and no
// other.
func TestBrowserTrust(t *testing.T) {
	s := running(t)
	home := t.TempDir()
	database := "sql:" + filepath.Join(home, ".pki/nssdb")
	if err := os.MkdirAll(strings.TrimPrefix(database, "sql:"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-t", "C,,", "-n", "stub", "-i", s.Addresses().CAFile}} {
		if out, err := exec.CommandContext(t.Context(), "certutil", append([]string{"-d", database}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("certutil %q: %v %s", args, err, out)
		}
	}
	p := launchChromium(t, home, false).sitDown(t, "")
	for _, c := range []struct{ base, shown string }{
		{s.Addresses().Console, "ok"}, {stolen(t, s, "127.0.0.1"), "You won"}, {stolen(t, s, "bank.example"), "ERR_CERT_"},
	} {
		ctx, cancel := context.WithTimeout(p.ctx, stepLimit)
		_, err := chromedp.Run(ctx, chromedp.Navigate(c.base+"/readyz"))
		cancel()
		var seen string
		if err != nil {
			seen = err.Error() // the browser's own page of it may have no body yet
		} else {
			seen = get(p, "reading the page", chromedp.Evaluate[string](`document.body.innerText`))
		}
		if !strings.Contains(seen, c.shown) {
			t.Errorf("%s shows %q, want %q", c.base, seen, c.shown)
		}
	}
}

// stolen is a server that uses the authority's key to play a host.
func stolen(t *testing.T, s *Server, host string) (base string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: serial(), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	named(leaf, host)
	der, err := x509.CreateCertificate(rand.Reader, leaf, s.ca.cert, key.Public(), s.ca.key)
	if err != nil {
		t.Fatal(err)
	}
	evil := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("You won")) }))
	evil.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	evil.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // that it was refused
	evil.StartTLS()
	t.Cleanup(evil.Close)
	return strings.Replace(evil.URL, "127.0.0.1", host, 1)
}
