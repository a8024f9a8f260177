package stub

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The files of who signs for Windows, in the data folder.
const (
	codeRootName   = "publisher-windows.crt"
	codeSignerName = "publisher-windows.pem"
)

// CodeOrganization is the organization in the certificate of who signs the packages for Windows; a profile pins it.
const CodeOrganization = "Stub server test publisher"

// codeSigner signs packages for Windows by Authenticode. Its authority signed this one certificate and has no key any more:
// who trusts it trusts nothing else with it.
type codeSigner struct {
	root   []byte // PEM: whom to trust
	signer []byte // PEM: certificate and key
}

// newCodeSigner makes an authority and a certificate for signing programs of that organization.
func newCodeSigner(organization string) (*codeSigner, error) {
	rootKey, err := rsa.GenerateKey(rand.Reader, publisherBits)
	if err != nil {
		return nil, fmt.Errorf("making the authority's key: %w", err)
	}
	key, err := rsa.GenerateKey(rand.Reader, publisherBits)
	if err != nil {
		return nil, fmt.Errorf("making the publisher's key: %w", err)
	}
	now := time.Now()
	root := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: organization + " authority", Organization: []string{organization}},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	leaf := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: organization, Organization: []string{organization}},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: root.ExtKeyUsage,
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		return nil, fmt.Errorf("making the authority: %w", err)
	}
	if root, err = x509.ParseCertificate(rootDER); err != nil {
		return nil, fmt.Errorf("reading back the authority: %w", err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), rootKey)
	if err != nil {
		return nil, fmt.Errorf("making the publisher's certificate: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding the publisher's key: %w", err)
	}
	var signer bytes.Buffer
	for _, block := range []pem.Block{{Type: "CERTIFICATE", Bytes: leafDER}, {Type: "PRIVATE KEY", Bytes: keyDER}} {
		_ = pem.Encode(&signer, &block) // a buffer takes it all
	}
	return &codeSigner{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), signer.Bytes()}, nil
}

// openCodeSigner reads who signs for Windows from a data folder, or makes one.
func openCodeSigner(dir string) (*codeSigner, error) {
	signer, err := os.ReadFile(filepath.Join(dir, codeSignerName))
	if err == nil {
		var root []byte
		root, err = os.ReadFile(filepath.Join(dir, codeRootName))
		if err == nil {
			return &codeSigner{root, signer}, nil
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading who signs for Windows: %w", err)
	}
	c, err := newCodeSigner(CodeOrganization)
	if err == nil {
		err = writeWhole(filepath.Join(dir, codeRootName), bytes.NewReader(c.root))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, codeSignerName), c.signer, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("writing who signs for Windows: %w", err)
	}
	return c, nil
}

// sign signs the package in into the file out. No authority stamps the time: the certificate outlives every test.
func (c *codeSigner) sign(ctx context.Context, in, out string) error {
	parts, err := os.MkdirTemp("", "jcagent-signing-")
	if err != nil {
		return fmt.Errorf("making a folder for the publisher: %w", err)
	}
	defer func() { _ = os.RemoveAll(parts) }() // the system empties its folder of temporary files too
	signer := filepath.Join(parts, "signer.pem")
	if err := os.WriteFile(signer, c.signer, 0o600); err != nil {
		return fmt.Errorf("writing the publisher's key: %w", err)
	}
	return tool(ctx, parts, "osslsigncode", "sign", "-h", "sha256", "-n", "JumpCloud Agent", "-certs", signer, "-key", signer, "-in", in, "-out", out)
}

// organization is what its certificate says.
func (c *codeSigner) organization() string {
	block, _ := pem.Decode(c.signer)
	if block == nil {
		return ""
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || len(cert.Subject.Organization) == 0 {
		return ""
	}
	return cert.Subject.Organization[0]
}

// tool runs one of the programs that make packages for Windows, in a folder.
func tool(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running %s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}
