package stub

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The script carries our URLs, the key and the authority, and is one that bash can parse. A Host header that is not
// ours does not get into it.
func TestKickstartScript(t *testing.T) {
	s := running(t)
	key, a := s.userKey(t, "nora"), s.Addresses()
	for host, want := range map[string]string{
		"":                                "127.0.0.1",
		"localhost:" + port(t, a.Console): "localhost",
		"evil.example:1":                  "127.0.0.1",
		"$(id)":                           "127.0.0.1",
	} {
		status, script, head := ask(t, s.trusting(t), "GET", a.Console+"/Kickstart", nil, "x-connect-key", key, "Host", host)
		if status != http.StatusOK || !strings.HasPrefix(script, "#!") || !strings.HasPrefix(head.Get("Content-Type"), "text/") {
			t.Fatalf("host %q: %d %.80q", host, status, script)
		}
		for _, part := range []string{"https://" + want + ":" + port(t, a.Console), "https://" + want + ":" + port(t, a.Private), key, string(s.ca.pem)} {
			if !strings.Contains(script, part) {
				t.Errorf("host %q: the script lacks %q", host, part)
			}
		}
		if strings.Contains(script, "evil") || strings.Contains(script, "$(id)") {
			t.Errorf("host %q got into the script", host)
		}
		bash := exec.CommandContext(t.Context(), "bash", "-n")
		bash.Stdin = strings.NewReader(script)
		if out, err := bash.CombinedOutput(); err != nil {
			t.Errorf("bash -n: %v\n%s", err, out)
		}
	}
}

func port(t *testing.T, base string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

func TestDetect(t *testing.T) {
	s := running(t)
	key := s.userKey(t, "nora")
	for _, row := range []struct{ os, arch, want string }{
		{"Ubuntu 24.04.1 LTS (Noble Numbat)", "x86_64", "ubuntu-24.04-x86_64"},
		{"Ubuntu 18.04.6 LTS (Bionic Beaver)", "aarch64", "ubuntu-18.04-aarch64"},
		{"Debian GNU/Linux 12 (bookworm)", "x86_64", "debian-12-x86_64"},
		{"debian 11", "x86_64", "debian-11-x86_64"},
		{"Red Hat Enterprise Linux 9.4 (Plow)", "x86_64", "rhel-9-x86_64"},
		{"Rocky Linux 8.10 (Green Obsidian)", "x86_64", "rocky-8-x86_64"},
		{"Oracle Linux Server 9.4", "x86_64", "ol-9-x86_64"},
		{"Amazon Linux 2", "x86_64", "amzn-2-x86_64"},
		{"Amazon Linux 2023", "x86_64", "amzn-2023-x86_64"},
		{"Fedora Linux 43 (Workstation Edition)", "x86_64", "fedora-43-x86_64"},
		{"Pop!_OS 22.04 LTS", "x86_64", "pop-22-x86_64"},
		{"Debian GNU/Linux 13 (trixie)", "x86_64", ""},
		{"Ubuntu 24.10 (Oracular Oriole)", "x86_64", ""},
		{"Ubuntu 24", "x86_64", ""},
		{"Rocky Linux 10.0", "x86_64", ""},
		{"Fedora Linux 4", "x86_64", ""},
		{"CentOS Stream 9", "x86_64", ""},
		{"Linux Mint 22", "x86_64", ""},
		{"Arch Linux", "x86_64", ""},
		{"Ubuntuish 24.04", "x86_64", ""},
		{"Ubuntu 24.04.1 LTS", "armv7l", ""},
		{"Ubuntu 24.04.1 LTS", "", ""},
		{"", "x86_64", ""},
	} {
		status, got, _ := ask(t, s.trusting(t), "POST", s.Addresses().Console+"/Detect", url.Values{"os": {row.os}, "arch": {row.arch}}, "x-connect-key", key)
		if row.want == "" && (status != http.StatusBadRequest || !strings.Contains(got, "not supported")) || row.want != "" && (status != http.StatusOK || got != row.want) {
			t.Errorf("%s on %s: %d %q, want %q", row.os, row.arch, status, got, row.want)
		}
	}
	if err := s.ChangeSettings(func(c *Settings) { c.Supported = []Support{{ID: "debian", Versions: []string{"13"}, Format: "deb"}} }); err != nil {
		t.Fatal(err)
	}
	if _, got, _ := ask(t, s.trusting(t), "POST", s.Addresses().Console+"/Detect", url.Values{"os": {"Debian GNU/Linux 13 (trixie)"}, "arch": {"x86_64"}}, "x-connect-key", key); got != "debian-13-x86_64" {
		t.Errorf("after the table changed: %q", got)
	}
}

func TestTime(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	key := s.userKey(t, "nora")
	at := func(d time.Duration) string { return strconv.FormatInt(s.now().Add(d).Unix(), 10) }
	for given, want := range map[string]int{
		at(0): 200, at(10 * time.Minute): 200, at(-10 * time.Minute): 200, at(10*time.Minute + time.Second): 400, at(-time.Hour): 400,
		"": 400, "noon": 400, "-1": 400, "99999999999999999": 400, "9223372036854775808": 400,
	} {
		status, answer, _ := ask(t, s.trusting(t), "POST", s.Addresses().Console+"/Time", url.Values{"time": {given}}, "x-connect-key", key)
		if status != want {
			t.Errorf("%q: %d %q, want %d", given, status, answer, want)
		}
	}
}

func TestIP(t *testing.T) {
	s := running(t)
	if status, got, _ := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/ip", nil); status != 200 || strings.TrimSpace(got) != "127.0.0.1" {
		t.Errorf("%d %q", status, got)
	}
}

func TestSignCSR(t *testing.T) {
	s := running(t)
	key := s.userKey(t, "nora")
	d := newDevice(t, s, "h")
	good := csr(t, d.uuid, d.key)
	tampered := append([]byte(nil), good...)
	block, _ := pem.Decode(tampered)
	block.Bytes[len(block.Bytes)-1] ^= 1
	short, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // it is to be refused
	if err != nil {
		t.Fatal(err)
	}
	for name, request := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "twice": append(good[:len(good):len(good)], good...), "another name": csr(t, newDevice(t, s, "").uuid, d.key),
		"bad signature": pem.EncodeToMemory(block), "short key": csr(t, d.uuid, short), "a certificate": s.ca.pem, "too long": make([]byte, 2<<20),
	} {
		if status, answer := postCSR(t, s, key, d.uuid, request); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	for _, uuid := range []string{"", "../../etc/passwd", "not-a-uuid", d.uuid + "0"} {
		if status, _ := postCSR(t, s, key, uuid, csr(t, uuid, d.key)); status != http.StatusBadRequest {
			t.Errorf("certuuid %q: %d", uuid, status)
		}
	}
	if shot := s.shot(t); len(shot.Systems) != 0 || len(shot.Outbox) != 0 {
		t.Error("a refused request left something")
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048) // what the vendor's script makes
	if err != nil {
		t.Fatal(err)
	}
	status, cert := postCSR(t, s, key, d.uuid, csr(t, d.uuid, rsaKey))
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, cert)
	}
	block, _ = pem.Decode([]byte(cert))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if got := leaf.Subject.String(); got != "CN="+d.uuid+",O=JumpCloud" || leaf.IsCA || len(leaf.DNSNames) != 0 {
		t.Errorf("subject %s", got)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: s.ca.pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: s.ca.pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err == nil {
		t.Error("an agent's certificate is good for a server")
	}
	// The same key pair is signed again; another one under this certuuid is not, whoever asks.
	if status, _ := postCSR(t, s, s.userKey(t, "ben"), d.uuid, csr(t, d.uuid, rsaKey)); status != http.StatusOK {
		t.Errorf("again: %d", status)
	}
	thief, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := postCSR(t, s, s.userKey(t, "ben"), d.uuid, csr(t, d.uuid, thief)); status != http.StatusConflict {
		t.Errorf("another key pair: %d", status)
	}
}
