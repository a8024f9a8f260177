package stub

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

func TestOldTLS(t *testing.T) {
	s := running(t)
	for _, base := range []string{s.Addresses().Console, s.Addresses().Private} {
		d := tls.Dialer{Config: &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10, RootCAs: s.ca.pool()}}
		if conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(base, "https://")); err == nil {
			closing(t, conn)
			t.Errorf("%s speaks TLS 1.1", base)
		}
	}
}

// named makes a certificate for a name or an address.
func named(leaf *x509.Certificate, name string) {
	if ip := net.ParseIP(name); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{name}
	}
}

// Whoever gets the authority's key can make certificates for loopback and the hosts given, and for nothing else.
func TestNameConstraints(t *testing.T) {
	s := &Server{Data: t.TempDir(), Hosts: []string{"stub.example", "192.0.2.7"}}
	defer closing(t, s)
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]bool{
		"localhost": true, "stub.example": true, "127.0.0.1": true, "127.1.2.3": true, "::1": true, "192.0.2.7": true,
		"console.jumpcloud.com": false, "example": false, "stub.example.org": false, "192.0.2.8": false, "10.0.0.1": false, "::2": false,
	} {
		leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		named(leaf, name)
		der, err := x509.CreateCertificate(rand.Reader, leaf, s.ca.cert, key.Public(), s.ca.key)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cert.Verify(x509.VerifyOptions{Roots: s.ca.pool(), DNSName: name}); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := &Server{Data: s.Data, Hosts: []string{"new.example"}}
	defer closing(t, other)
	if err := other.open(); err == nil || !strings.Contains(err.Error(), "other hosts") {
		t.Errorf("another host with the same authority: %v", err)
	}
	for _, h := range []string{"", "UPPER.example", "a b", "-x", "https://x"} {
		bad := &Server{Data: t.TempDir(), Hosts: []string{h}}
		if err := bad.open(); err == nil {
			t.Errorf("host %q was accepted", h)
		}
		closing(t, bad)
	}
}
