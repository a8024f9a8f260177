package stub

import (
	"bytes"
	"context"
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
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// running starts a server with the demo organization on free ports; change sets it up before.
func running(t *testing.T, change ...func(*Server)) *Server {
	t.Helper()
	s := &Server{Data: t.TempDir()}
	for _, f := range change {
		f(s)
	}
	t.Cleanup(func() { closing(t, s) })
	if err := s.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Start(Ports{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func closing(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

// person gives an account of the demo organization.
func (s *Server) person(t *testing.T, username string) User {
	t.Helper()
	all, err := s.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range all {
		if u.Username == username {
			return u
		}
	}
	t.Fatalf("no user %s", username)
	return User{}
}

func (s *Server) boss(t *testing.T, role Role) Admin {
	t.Helper()
	all, err := s.Admins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Role == role {
			return a
		}
	}
	t.Fatalf("no %s", role)
	return Admin{}
}

func (s *Server) shot(t *testing.T) Snapshot {
	t.Helper()
	shot, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

func (s *Server) userKey(t *testing.T, username string) string {
	t.Helper()
	k, err := s.IssueKey(t.Context(), s.person(t, username))
	if err != nil {
		t.Fatal(err)
	}
	return k.Value
}

// trusting makes a client that trusts the server's authority alone and keeps cookies.
func (s *Server) trusting(t *testing.T, certs ...tls.Certificate) *http.Client {
	t.Helper()
	ca, err := s.CA()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: certs}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask makes a request; head are names and values of headers in turn. body is a form (url.Values), text, or JSON.
func ask(t *testing.T, c *http.Client, method, address string, body any, head ...string) (status int, answer string, header http.Header) {
	t.Helper()
	var content io.Reader
	kind := ""
	switch v := body.(type) {
	case nil:
	case url.Values:
		content, kind = strings.NewReader(v.Encode()), "application/x-www-form-urlencoded"
	case string:
		content = strings.NewReader(v)
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		content, kind = bytes.NewReader(raw), "application/json"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, content)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			req.Host = head[i+1]
		} else {
			req.Header.Add(head[i], head[i+1])
		}
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, resp.Body)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

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

// clock is a clock that stands still until it is moved.
func clock() (now func() time.Time) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	return func() time.Time { return at }
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
