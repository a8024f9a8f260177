package stub

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"time"
)

// BadCertificate is what is wrong with a certificate.
type BadCertificate string

// The bad certificates.
const (
	CertificateExpired    BadCertificate = "expired"     // of the right authority, a day too old
	CertificateNotYet     BadCertificate = "not-yet"     // of the right authority, good from tomorrow on
	CertificateSelfSigned BadCertificate = "self-signed" //
	CertificateOtherHost  BadCertificate = "other-host"  // of the right authority, for another name
	CertificateInspection BadCertificate = "inspection"  // of the authority of a proxy that opens TLS
)

var badCertificates = []BadCertificate{CertificateExpired, CertificateNotYet, CertificateSelfSigned, CertificateOtherHost, CertificateInspection}

// inspectionIssuer names the authority of a proxy that opens TLS.
const inspectionIssuer = "Example Corp TLS Inspection CA"

// badCertificate makes a certificate like good that is wrong in one way.
func (a *authority) badCertificate(kind BadCertificate, good *x509.Certificate) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: serial(), Subject: good.Subject, DNSNames: good.DNSNames, IPAddresses: good.IPAddresses,
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(1, 0, 0), KeyUsage: good.KeyUsage, ExtKeyUsage: good.ExtKeyUsage,
	}
	parent, signer := a.cert, a.key
	switch kind {
	case CertificateExpired:
		c.NotBefore, c.NotAfter = now.AddDate(-1, 0, 0), now.Add(-24*time.Hour)
	case CertificateNotYet:
		c.NotBefore = now.Add(24 * time.Hour)
	case CertificateSelfSigned:
		parent, signer = c, key
	case CertificateOtherHost:
		c.DNSNames, c.IPAddresses = nil, []net.IP{net.IPv4(127, 255, 255, 254)} // the authority is limited to loopback
	case CertificateInspection:
		parent = &x509.Certificate{SerialNumber: serial(), Subject: pkix.Name{CommonName: inspectionIssuer}}
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
