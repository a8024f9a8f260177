package stub

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stocked is a server whose packages hold a small program.
func stocked(t *testing.T) *Server {
	t.Helper()
	program := filepath.Join(t.TempDir(), "agent")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexit 0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return running(t, func(s *Server) { s.AgentProgram = program })
}

func TestShelf(t *testing.T) {
	s := stocked(t)
	list, err := s.Packages(t.Context())
	if err != nil || len(list) == 0 {
		t.Fatalf("%v, %v", list, err)
	}
	c, base := s.trusting(t), s.Addresses().Console+"/production/"
	for _, p := range list {
		for _, name := range []string{p.File, "versions/2.166.2/" + p.File} {
			status, body, head := ask(t, c, "GET", base+name, nil)
			sum := sha256.Sum256([]byte(body))
			if status != 200 || hex.EncodeToString(sum[:]) != p.SHA256 || int64(len(body)) != p.Size || head.Get("ETag") != `"`+p.SHA256+`"` {
				t.Errorf("%s: %d, %d bytes, %v", name, status, len(body), head)
			}
			if status, _, _ := ask(t, c, "GET", base+name, nil, "If-None-Match", head.Get("ETag")); status != http.StatusNotModified {
				t.Errorf("%s, unchanged: %d", name, status)
			}
			status, rest, _ := ask(t, c, "GET", base+name, nil, "Range", "bytes=100-", "If-Range", head.Get("ETag"))
			if status != http.StatusPartialContent || rest != body[100:] {
				t.Errorf("%s, resumed: %d, %d bytes", name, status, len(rest))
			}
			if status, whole, _ := ask(t, c, "GET", base+name, nil, "Range", "bytes=100-", "If-Range", `"another"`); status != 200 || whole != body {
				t.Errorf("%s, resumed after a change: %d", name, status)
			}
		}
	}
	for _, name := range []string{"", "versions/2.166.2/", "none.deb", "..%2fstub.db", "%2e%2e/ca.key", "versions/2.166.2/built.json", "..%2f..%2fetc%2fpasswd.deb"} {
		if status, body, _ := ask(t, c, "GET", base+name, nil); status != 404 && status/100 != 3 {
			t.Errorf("%q: %d %.40q", name, status, body)
		}
	}
}

// A new version is on the shelf at once; the old one stays under its own name.
func TestNewVersion(t *testing.T) {
	s := stocked(t)
	old, err := s.Packages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeSettings(func(c *Settings) { c.AgentVersion = "2.167.0" }); err != nil {
		t.Fatal(err)
	}
	list, err := s.Packages(t.Context())
	if err != nil || list[0].Version != "2.167.0" || list[0].SHA256 == old[0].SHA256 {
		t.Fatalf("%+v, %v", list, err)
	}
	for name, want := range map[string]string{list[0].File: list[0].SHA256, "versions/2.166.2/" + old[0].File: old[0].SHA256} {
		_, body, _ := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/production/"+name, nil)
		if sum := sha256.Sum256([]byte(body)); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is another file", name)
		}
	}
}

func TestEmptyShelf(t *testing.T) {
	s := running(t)
	if status, _, _ := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/production/jcagent-linux-deb-x86_64.deb", nil); status != 404 {
		t.Errorf("a package that there is not: %d", status)
	}
	d := newDevice(t, s, "h")
	d.sign(t, s.userKey(t, "nora"))
	if status, answer := d.install(t, "ubuntu-24.04-"+unameArch()); status != 404 || !strings.Contains(answer, "ubuntu-24.04") {
		t.Errorf("installing what there is not: %d %s", status, answer)
	}
}

func (d *device) install(t *testing.T, template string) (int, string) {
	t.Helper()
	return d.private(t, "POST", "/GetAgentInstall", "templateId="+template+"&certuuid="+d.uuid, "Content-Type", "application/x-www-form-urlencoded")
}

func TestGetAgentInstall(t *testing.T) {
	s := stocked(t)
	d := newDevice(t, s, "h")
	d.sign(t, s.userKey(t, "nora"))
	list, err := s.Packages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	status, script := d.install(t, "ubuntu-24.04-"+unameArch())
	if status != 200 || !strings.HasPrefix(script, "#!") {
		t.Fatalf("%d %s", status, script)
	}
	for _, want := range []string{s.Addresses().Console + "/production", list[0].File, list[0].SHA256, list[0].Version} {
		if !strings.Contains(script, want) {
			t.Errorf("the script lacks %q", want)
		}
	}
	for _, template := range []string{"", "beos-5-x86_64", "ubuntu-24.04-sparc"} {
		if status, _ := d.install(t, template); status != 404 {
			t.Errorf("template %q: %d", template, status)
		}
	}
	d.facts.TemplateName = "" // then it is the one that was installed
	d.register(t)
	if y := s.shot(t).Systems[0]; y.TemplateName != "ubuntu-24.04-"+unameArch() {
		t.Errorf("template %q", y.TemplateName)
	}
}

// A closing server does not wait for ever for somebody who stopped reading.
func TestCloseDuringDownload(t *testing.T) {
	s := stocked(t)
	list, err := s.Packages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.trusting(t).Get(s.Addresses().Console + "/production/" + list[0].File)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, resp.Body)
	if _, err := io.CopyN(io.Discard, resp.Body, 10); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
