package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

// settle leaves the agent with a certificate and a configuration, or says why not. A bootstrap file beside a
// certificate is an upgrade when the server knows the certificate, and else a new enrollment.
func (a *agent) settle(ctx context.Context) error {
	if info, err := os.Stat(a.at.path(bootstrapFile)); err == nil {
		a.bootstrapped = info.ModTime()
	}
	b, err := a.at.readBootstrap()
	if err != nil {
		return err
	}
	client, certErr := a.at.client()
	if b == nil {
		if errors.Is(certErr, fs.ErrNotExist) {
			return errNothing
		}
		return certErr
	}
	a.waiting = false
	if certErr == nil {
		defer client.CloseIdleConnections()
		known, err := a.known(ctx, client, b)
		if err != nil {
			return fmt.Errorf("failed to check access: %w", err)
		}
		if known {
			return a.upgrade(b)
		}
	}
	if err := a.enroll(ctx, b); err != nil {
		var no *refusal
		if errors.As(err, &no) {
			return fmt.Errorf("enrollment refused: %w", no)
		}
		return fmt.Errorf("failed to enroll: %w", err)
	}
	a.log.info("enrolled: the server signed the certificate")
	return a.forget()
}

// known tells whether the server accepts the certificate that is here already.
func (a *agent) known(ctx context.Context, client *http.Client, b *bootstrap) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.Private+"/CheckAccess", nil)
	if err != nil {
		return false, err
	}
	_, err = answerOf(client, req)
	var no *refusal
	var tlsError *net.OpError
	switch {
	case errors.As(err, &no):
		return false, nil
	case errors.As(err, &tlsError) && tlsError.Op == "remote error": // signed by another authority: refused within TLS
		return false, nil
	}
	return err == nil, err
}

// upgrade keeps the identity; only the server's address may be another.
func (a *agent) upgrade(b *bootstrap) error {
	c, err := a.at.readConf()
	if errors.Is(err, fs.ErrNotExist) {
		c, err = newConf(b.Private, "", "")
	}
	if err != nil {
		return err
	}
	if err := errors.Join(c.setServer(b.Private), a.at.writeConf(c)); err != nil {
		return err
	}
	a.log.info("the server knows this computer: certificate kept")
	return a.forget()
}

// forget takes the connect key off the disk; it is of no more use.
func (a *agent) forget() error {
	if err := os.Remove(a.at.path(bootstrapFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing %s: %w", bootstrapFile, err)
	}
	return nil
}

// enroll does what the kickstart script does: asks whether the system is supported and the clock right, makes a key and
// has its certificate signed.
func (a *agent) enroll(ctx context.Context, b *bootstrap) error {
	client, err := a.at.publicClient()
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	ask := func(path, kind string, body []byte) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Public+path, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("X-Connect-Key", b.ConnectKey)
		req.Header.Set("Content-Type", kind)
		req.Header.Set("X-Agent-Version", a.version)
		return answerOf(client, req)
	}
	const form = "application/x-www-form-urlencoded"
	template, err := a.template(func(body []byte) ([]byte, error) { return ask("/Detect", form, body) })
	if err != nil {
		return err
	}
	if _, err := ask("/Time", form, []byte(url.Values{"time": {strconv.FormatInt(time.Now().Unix(), 10)}}.Encode())); err != nil {
		return err
	}
	uuid := newUUID()
	key, request, err := newRequest(uuid)
	if err != nil {
		return err
	}
	body, kind, err := signForm(request, uuid)
	if err != nil {
		return err
	}
	cert, err := ask("/SignCsr", kind, body)
	if err != nil {
		return err
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		return fmt.Errorf("reading the signed certificate: %w", err)
	}
	conf, err := newConf(b.Private, uuid, firstLine(template))
	if err != nil {
		return err
	}
	return a.keep(key, cert, conf)
}

// template asks for the id of the system's template, which systems other than Linux have none of.
func (a *agent) template(ask func(body []byte) ([]byte, error)) ([]byte, error) {
	if other, err := a.at.presented(); err != nil || other != nil {
		return nil, err
	}
	id, err := ask([]byte(url.Values{"arch": {machine()}, "os": {a.at.detectName()}}.Encode()))
	var no *refusal
	if errors.As(err, &no) && no.Status == http.StatusBadRequest {
		a.log.error("Could not get the Linux template ID from the server for arch='%s', os='%s'", machine(), a.at.detectName())
		a.log.error("Template ID request failed with status=%d", no.Status)
	}
	return id, err
}

// keep replaces the identity. The certificate goes first and comes last: whenever this is cut short, it begins again.
func (a *agent) keep(key, cert []byte, conf agentConf) error {
	if err := os.Remove(a.at.path(certFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the old certificate: %w", err)
	}
	if err := a.at.writeConf(conf); err != nil {
		return err
	}
	if err := a.at.writeFile(keyFile, key); err != nil {
		return err
	}
	return a.at.writeFile(certFile, cert)
}

// newRequest makes a key and a request for a certificate in the form of the vendor's script: RSA, CN a UUID.
func newRequest(uuid string) (keyPEM, requestPEM []byte, err error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding the key: %w", err)
	}
	subject := pkix.Name{CommonName: uuid, Organization: []string{"JumpCloud"}}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, key)
	if err != nil {
		return nil, nil, fmt.Errorf("making the request: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}), nil
}

// signForm is the body of /SignCsr.
func signForm(request []byte, uuid string) (body []byte, kind string, err error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	part, err := w.CreateFormFile("csr", "client.csr")
	if err == nil {
		_, err = part.Write(request)
	}
	if err = errors.Join(err, w.WriteField("certuuid", uuid), w.Close()); err != nil {
		return nil, "", fmt.Errorf("making the form: %w", err)
	}
	return buf.Bytes(), w.FormDataContentType(), nil
}

// newUUID is a random UUID, version 4 of RFC 9562.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
