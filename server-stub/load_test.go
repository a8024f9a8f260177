//go:build linux

package main

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
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

// visitor is a client of a running server: an admin with an API key, a user who signed in, and any number of computers.
type visitor struct {
	said   listening
	roots  *x509.CertPool
	client *http.Client
	key    string // of the public API
	xsrf   string // of the user's session
	cookie string
}

// call makes a request and reads the answer; a status that is not 2xx is an error.
func call(ctx context.Context, c *http.Client, method, address string, body []byte, head ...string) ([]byte, *http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, nil, err
	}
	raw, err := io.ReadAll(resp.Body)
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %.200s", method, address, resp.Status, raw)
	}
	return raw, resp, err
}

// newVisitor makes a client of a server with the demo organization. It has not asked for anything yet.
func newVisitor(said listening) (*visitor, error) {
	ca, err := os.ReadFile(said.CA)
	if err != nil {
		return nil, err
	}
	v := &visitor{said: said, roots: x509.NewCertPool()}
	v.roots.AppendCertsFromPEM(ca)
	v.client = v.clientWith()
	return v, nil
}

func (v *visitor) clientWith(certs ...tls.Certificate) *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: v.roots, Certificates: certs}, MaxIdleConnsPerHost: 32}}
}

// asAdmin finds out an admin's API key.
func (v *visitor) asAdmin(ctx context.Context) error {
	raw, _, err := call(ctx, v.client, http.MethodGet, v.said.Console+"/_qa/snapshot", nil, "X-QA", "1")
	if err != nil {
		return err
	}
	var shot struct {
		Admins []struct{ Role, APIKey string }
	}
	err = json.Unmarshal(raw, &shot)
	for _, a := range shot.Admins {
		if a.Role == "administrator" {
			v.key = a.APIKey
		}
	}
	return err
}

// asBen signs in at the User Portal as a user without a second factor.
func (v *visitor) asBen(ctx context.Context) error {
	raw, resp, err := call(ctx, v.client, http.MethodGet, v.said.Console+"/userconsole/xsrf", nil)
	if err != nil {
		return err
	}
	var token struct{ XSRF string }
	if err := json.Unmarshal(raw, &token); err != nil {
		return err
	}
	v.xsrf = token.XSRF
	jar := map[string]string{}
	keep := func(resp *http.Response) {
		for _, c := range resp.Cookies() {
			jar[c.Name] = c.Value
		}
		v.cookie = ""
		for name, value := range jar {
			v.cookie += name + "=" + value + "; "
		}
	}
	keep(resp)
	_, resp, err = call(ctx, v.client, http.MethodPost, v.said.Console+"/userconsole/auth", []byte(`{"email":"ben@acme.example","password":"demo-User-1"}`),
		"X-Xsrftoken", v.xsrf, "Cookie", v.cookie, "Content-Type", "application/json")
	if err != nil {
		return err
	}
	keep(resp)
	if raw, _, err = call(ctx, v.client, http.MethodGet, v.said.Console+"/userconsole/xsrf", nil, "Cookie", v.cookie); err != nil {
		return err
	}
	err = json.Unmarshal(raw, &token)
	v.xsrf = token.XSRF
	return err
}

// connectKey has a key made for the user.
func (v *visitor) connectKey(ctx context.Context) (string, error) {
	raw, _, err := call(ctx, v.client, http.MethodPost, v.said.Console+"/userconsole/api/connectkey", nil, "X-Xsrftoken", v.xsrf, "Cookie", v.cookie)
	if err != nil {
		return "", err
	}
	var k struct{ ConnectKey string }
	err = json.Unmarshal(raw, &k)
	return k.ConnectKey, err
}

// api calls the public API as the admin.
func (v *visitor) api(ctx context.Context, method, path string, body any, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	answer, _, err := call(ctx, v.client, method, v.said.Console+path, raw, "x-api-key", v.key, "Content-Type", "application/json")
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

// enroll goes through the whole protocol as a computer of that name does, from the script to the first contact, and
// gives its systemKey.
func (v *visitor) enroll(ctx context.Context, connectKey, hostname string) (string, error) {
	const form = "application/x-www-form-urlencoded"
	public := func(method, path, kind string, body []byte) ([]byte, error) {
		raw, _, err := call(ctx, v.client, method, v.said.Console+path, body, "X-Connect-Key", connectKey, "Content-Type", kind)
		return raw, err
	}
	if _, err := public(http.MethodGet, "/Kickstart", form, nil); err != nil {
		return "", err
	}
	template, err := public(http.MethodPost, "/Detect", form, []byte(url.Values{"os": {"Ubuntu 24.04.1 LTS"}, "arch": {machine()}}.Encode()))
	if err != nil {
		return "", err
	}
	if _, err := public(http.MethodPost, "/Time", form, []byte("time="+strconv.FormatInt(time.Now().Unix(), 10))); err != nil {
		return "", err
	}
	uuid := newUUID()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: uuid}}, key)
	if err != nil {
		return "", err
	}
	body, kind, err := signForm(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}), uuid)
	if err != nil {
		return "", err
	}
	cert, err := public(http.MethodPost, "/SignCsr", kind, body)
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(cert)
	if block == nil {
		return "", fmt.Errorf("no certificate: %q", cert)
	}
	c := v.clientWith(tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: key})
	defer c.CloseIdleConnections()
	return v.firstContact(ctx, c, uuid, hostname, string(template))
}

// firstContact is the private half of an enrollment.
func (v *visitor) firstContact(ctx context.Context, c *http.Client, uuid, hostname, template string) (string, error) {
	if _, _, err := call(ctx, c, http.MethodGet, v.said.Private+"/CheckAccess", nil); err != nil {
		return "", err
	}
	form := url.Values{"templateId": {template}, "certuuid": {uuid}}.Encode()
	if _, _, err := call(ctx, c, http.MethodPost, v.said.Private+"/GetAgentInstall", []byte(form), "Content-Type", "application/x-www-form-urlencoded"); err != nil {
		return "", err
	}
	facts, err := json.Marshal(map[string]string{"hostname": hostname, "os": "Ubuntu", "osFamily": "linux", "version": "24.04", "arch": machine(),
		"agentVersion": "2.166.2", "serialNumber": "SN-" + hostname, "templateName": template, "certuuid": uuid})
	if err != nil {
		return "", err
	}
	raw, _, err := call(ctx, c, http.MethodPost, v.said.Private+"/poll/", facts, "Content-Type", "application/json")
	if err != nil {
		return "", err
	}
	var got struct{ SystemKey string }
	if err := json.Unmarshal(raw, &got); err != nil {
		return "", err
	}
	_, _, err = call(ctx, c, http.MethodGet, v.said.Private+"/poll/"+got.SystemKey+"?have=", nil, "X-Agent-Version", "2.166.2")
	return got.SystemKey, err
}
