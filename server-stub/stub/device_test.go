package stub

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"testing"
)

// device is a computer that enrolls as the vendor's script does.
type device struct {
	s      *Server
	uuid   string
	key    *ecdsa.PrivateKey
	cert   tls.Certificate
	client *http.Client // with the certificate
	facts  agentFacts
	system string
}

func newDevice(t *testing.T, s *Server, hostname string) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := randomHex(16)
	uuid := fmt.Sprintf("%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:])
	return &device{s: s, uuid: uuid, key: key, facts: agentFacts{Hostname: hostname, OS: "Ubuntu", OSFamily: "linux", Version: "24.04", Arch: "x86_64",
		AgentVersion: "2.166.2", SerialNumber: "SN-1", CertUUID: uuid, TemplateName: "ubuntu-24.04-x86_64"}}
}

func csr(t *testing.T, name string, key any) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name, Organization: []string{"JumpCloud"}}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

// postCSR sends a certificate request as curl --form does.
func postCSR(t *testing.T, s *Server, connectKey, uuid string, request []byte) (status int, answer string) {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	f, err := m.CreateFormFile("csr", "client.csr")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(request)
	if err := errors.Join(err, m.WriteField("certuuid", uuid), m.Close()); err != nil {
		t.Fatal(err)
	}
	status, answer, _ = ask(t, s.trusting(t), "POST", s.Addresses().Console+"/SignCsr", body.String(),
		"Content-Type", m.FormDataContentType(), "x-connect-key", connectKey)
	return status, answer
}

// sign gets the device its certificate.
func (d *device) sign(t *testing.T, connectKey string) {
	t.Helper()
	status, cert := postCSR(t, d.s, connectKey, d.uuid, csr(t, d.uuid, d.key))
	if status != http.StatusOK {
		t.Fatalf("SignCsr: %d %s", status, cert)
	}
	block, _ := pem.Decode([]byte(cert))
	if block == nil {
		t.Fatalf("SignCsr answered no PEM: %q", cert)
	}
	d.cert = tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: d.key}
	d.client = d.s.trusting(t, d.cert)
}

func (d *device) private(t *testing.T, method, path string, body any, head ...string) (status int, answer string) {
	t.Helper()
	status, answer, _ = ask(t, d.client, method, d.s.Addresses().Private+path, body, head...)
	return status, answer
}

// register is the agent's first contact.
func (d *device) register(t *testing.T) {
	t.Helper()
	status, answer := d.private(t, "POST", "/poll/", d.facts)
	var got struct{ SystemKey string }
	if err := json.Unmarshal([]byte(answer), &got); status != http.StatusOK || err != nil || len(got.SystemKey) != 24 {
		t.Fatalf("POST /poll/: %d %s", status, answer)
	}
	d.system = got.SystemKey
}

func (d *device) poll(t *testing.T, have string) agentOrders {
	t.Helper()
	status, answer := d.private(t, "GET", "/poll/"+d.system+"?have="+have, nil, "x-agent-version", d.facts.AgentVersion)
	var o agentOrders
	if err := json.Unmarshal([]byte(answer), &o); status != http.StatusOK || err != nil {
		t.Fatalf("GET /poll/: %d %s", status, answer)
	}
	return o
}

// enrolled is a device that went all the way.
func enrolled(t *testing.T, s *Server, hostname, connectKey string) *device {
	t.Helper()
	d := newDevice(t, s, hostname)
	d.sign(t, connectKey)
	d.register(t)
	d.poll(t, "")
	return d
}
