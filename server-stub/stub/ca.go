package stub

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// The authority's files in the data folder.
const (
	caName    = "ca.crt"
	caKeyName = "ca.key"
)

// authority signs the server's certificate and those of agents. It is name-constrained: should its key get out,
// whoever trusts it is still safe from certificates for other names.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
}

var loopbackNets = []*net.IPNet{
	{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
	{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
}

var hostForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// openAuthority reads the authority of a folder, or makes it. One that does not cover the hosts is an error, since a
// new one would cut off every agent that trusts the old.
func openAuthority(dir string, hosts []string) (*authority, error) {
	for _, h := range hosts {
		if net.ParseIP(h) == nil && !hostForm.MatchString(h) {
			return nil, fmt.Errorf("%q is neither a host name in lower case nor an IP address", h)
		}
	}
	cert, err := os.ReadFile(filepath.Join(dir, caName))
	if errors.Is(err, fs.ErrNotExist) {
		return newAuthority(dir, hosts)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the authority: %w", err)
	}
	key, err := os.ReadFile(filepath.Join(dir, caKeyName))
	if err != nil {
		return nil, fmt.Errorf("reading the authority's key: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("reading the authority: %w", err)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("the authority's key cannot sign")
	}
	a := &authority{pair.Leaf, signer, cert}
	if _, err := a.serverCertificate(hosts); err != nil {
		return nil, fmt.Errorf("the authority in %s was made for other hosts; use another data folder: %w", dir, err)
	}
	return a, nil
}

func newAuthority(dir string, hosts []string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the authority's key: %w", err)
	}
	names := []string{"localhost"}
	nets := loopbackNets[:len(loopbackNets):len(loopbackNets)]
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			nets = append(nets, single(ip))
		} else {
			names = append(names, h)
		}
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Stub server test CA " + newID(now)[:8], Organization: []string{"Enrollment assistant tests"}},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: names, PermittedIPRanges: nets,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making the authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading back the authority: %w", err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding the authority's key: %w", err)
	}
	a := &authority{cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
	// The key first: a certificate without its key is an error at the next start, a key alone is replaced.
	if err := os.WriteFile(filepath.Join(dir, caKeyName), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600); err != nil {
		return nil, fmt.Errorf("writing the authority's key: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, caName), a.pem, 0o644); err != nil { //nolint:gosec // everyone may know whom to trust
		return nil, fmt.Errorf("writing the authority: %w", err)
	}
	return a, nil
}

func single(ip net.IP) *net.IPNet {
	if four := ip.To4(); four != nil {
		return &net.IPNet{IP: four, Mask: net.CIDRMask(32, 32)}
	}
	return &net.IPNet{IP: ip, Mask: net.CIDRMask(128, 128)}
}

// serial makes a random serial number of 126 bits.
func serial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b)  // never fails
	b[0] = b[0]&0x3f | 1 // positive, not zero
	return new(big.Int).SetBytes(b)
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// serverCertificate makes the certificate of the ports, and proves that it is good for every host.
func (a *authority) serverCertificate(hosts []string, ips ...net.IP) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making the server's key: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore:   now.Add(-24 * time.Hour), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	for _, ip := range ips {
		if ip.IsLoopback() {
			template.IPAddresses = append(template.IPAddresses, ip)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("signing the server's certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading back the server's certificate: %w", err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: a.pool()}); err != nil {
		return tls.Certificate{}, fmt.Errorf("checking the server's certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// minRSABits is the least that is accepted; the vendor's script makes 2048.
const minRSABits = 2048

// signAgent makes a client certificate for a request whose common name is uuid, and gives the hash of its public key.
// The subject is CN=uuid, O=JumpCloud whatever else the request says.
func (a *authority) signAgent(request []byte, uuid string) (cert []byte, publicKey string, err error) {
	block, rest := pem.Decode(request)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, "", errors.New("not one PEM block")
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, "", fmt.Errorf("parsing: %w", err)
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, "", fmt.Errorf("checking the signature: %w", err)
	}
	if csr.Subject.CommonName != uuid {
		return nil, "", errors.New("the common name is not the certuuid")
	}
	if k, ok := csr.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < minRSABits {
		return nil, "", fmt.Errorf("an RSA key of %d bits is too short", k.N.BitLen())
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: uuid, Organization: []string{"JumpCloud"}},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: a.cert.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, csr.PublicKey, a.key)
	if err != nil {
		return nil, "", fmt.Errorf("signing: %w", err)
	}
	sum := sha256.Sum256(csr.RawSubjectPublicKeyInfo)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), hex.EncodeToString(sum[:]), nil
}
