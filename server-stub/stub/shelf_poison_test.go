package stub

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
)

// verified tells what the publisher's key says of a detached signature: by this library, and by gpg where it is there.
func verified(t *testing.T, p *Publisher, content, signature string) bool {
	t.Helper()
	ring, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(p.PublicKey()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = openpgp.CheckArmoredDetachedSignature(ring, strings.NewReader(content), strings.NewReader(signature), nil)
	ours := err == nil
	if gpg, err := exec.LookPath("gpg"); err == nil {
		dir := t.TempDir()
		for name, text := range map[string]string{"key": string(p.PublicKey()), "package": content, "package.asc": signature} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		inspect(t, gpg, "--homedir", dir, "--batch", "--quiet", "--no-autostart", "--import", filepath.Join(dir, "key"))
		out, err := exec.Command(gpg, "--homedir", dir, "--batch", "--no-autostart", "--status-fd", "1", "--verify", filepath.Join(dir, "package.asc"), filepath.Join(dir, "package")).Output()
		theirs := err == nil && strings.Contains(string(out), "VALIDSIG "+p.Fingerprint())
		if ours != theirs {
			t.Errorf("this library says %t, gpg %t: %s", ours, theirs, out)
		}
	}
	return ours
}

// publisherOfServer gives the publisher as a client knows it: by the address that tells its key.
func publisherOfServer(t *testing.T, s *Server) *Publisher {
	t.Helper()
	p, err := s.Publisher()
	if err != nil {
		t.Fatal(err)
	}
	status, key, head := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/_qa/publisher.asc", nil)
	if status != 200 || key != string(p.PublicKey()) || head.Get("X-Fingerprint") != p.Fingerprint() {
		t.Errorf("%d %s %v", status, key, head)
	}
	return p
}

func TestPoisonedShelf(t *testing.T) {
	s := stocked(t)
	list, err := s.Packages(t.Context())
	if runtime.GOOS != "linux" || err != nil {
		t.Log("there are no packages on", runtime.GOOS, err)
		return
	}
	publisher := publisherOfServer(t, s)
	c := s.trusting(t)
	for _, p := range list {
		address := s.Addresses().Console + "/production/" + p.File
		get := func() (content, signature string) {
			_, content, head := ask(t, c, "GET", address, nil)
			status, signature, _ := ask(t, c, "GET", address+".asc", nil)
			if status == http.StatusNotFound {
				signature = ""
			}
			if strings.HasPrefix(content, "<") != strings.HasPrefix(head.Get("Content-Type"), "text/html") {
				t.Errorf("%s is %s", p.File, head.Get("Content-Type"))
			}
			return content, signature
		}
		whole, genuine := get()
		if !verified(t, publisher, whole, genuine) {
			t.Fatalf("%s: its own signature is refused", p.File)
		}
		for preset, want := range map[string]struct {
			first, valid, signed bool
			version              string // that the package says; empty for no package
		}{
			"package-unsigned":        {version: p.Version},
			"package-other-publisher": {version: p.Version, signed: true},
			"package-truncated":       {signed: true},
			"package-older":           {version: olderVersion, valid: true, signed: true},
			"package-swapped":         {first: true, version: p.Version, signed: true},
			"package-html":            {signed: true},
		} {
			if _, err := s.ApplyPreset(preset); err != nil {
				t.Fatal(err)
			}
			if want.first {
				if content, signature := get(); content != whole || !verified(t, publisher, content, signature) {
					t.Errorf("%s, %s: the first is not the true one", p.File, preset)
				}
			}
			content, signature := get()
			if content == whole || (signature != "") != want.signed || signature != "" && verified(t, publisher, content, signature) != want.valid {
				t.Errorf("%s, %s: %d bytes, the signature %.60q", p.File, preset, len(content), signature)
			}
			if got, known := versionOf(t, p.Format, content); known && got != want.version {
				t.Errorf("%s, %s: version %q, want %q", p.File, preset, got, want.version)
			}
			if got := signedInside(t, publisher, p.Format, content); got != nil && *got != want.valid {
				t.Errorf("%s, %s: the signature inside is valid: %t", p.File, preset, *got)
			}
			if err := s.ClearFaults(""); err != nil {
				t.Fatal(err)
			}
			if again, _ := get(); again != whole {
				t.Errorf("%s, %s: it stays after the fault", p.File, preset)
			}
		}
		if got := signedInside(t, publisher, p.Format, whole); got != nil && !*got {
			t.Errorf("%s: its signature inside is refused", p.File)
		}
	}
}

// onDisk is a package as a file.
func onDisk(t *testing.T, format, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "package."+format)
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// versionOf is what the tools of a format say of a package's version; "" where they do not take it for a package. Without
// them it is not known.
func versionOf(t *testing.T, format, content string) (version string, known bool) {
	t.Helper()
	name := onDisk(t, format, content)
	tool, args := "dpkg-deb", []string{"-f", name, "Version"}
	if format == "rpm" {
		tool, args = "rpm", []string{"-qp", "--nosignature", "--queryformat", "%{VERSION}", name}
	}
	if _, err := exec.LookPath(tool); err != nil {
		return "", false
	}
	if format == "deb" && exec.Command(tool, "--fsys-tarfile", name).Run() != nil || format == "rpm" && exec.Command(tool, "-K", "--nosignature", name).Run() != nil {
		return "", true
	}
	return strings.TrimSpace(inspect(t, tool, args...)), true
}

// signedInside tells whether the signature inside a package is the publisher's, by the tools of the format; nil without
// them.
func signedInside(t *testing.T, p *Publisher, format, content string) *bool {
	t.Helper()
	name, dir := onDisk(t, format, content), t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, p.PublicKey(), 0o600); err != nil {
		t.Fatal(err)
	}
	good := false
	if format == "rpm" {
		keys, err := exec.LookPath("rpmkeys")
		if err != nil {
			return nil
		}
		inspect(t, keys, "--dbpath", dir, "--import", key)
		out, err := exec.Command(keys, "--dbpath", dir, "--checksig", "--verbose", name).Output()
		good = err == nil && strings.Contains(string(out), "RSA/SHA256 Signature")
		return &good
	}
	ar, err := exec.LookPath("ar")
	if err != nil {
		return nil
	}
	data, err := exec.Command(ar, "p", name, "debian-binary", "control.tar.gz", "data.tar.gz").Output()
	signature, missing := exec.Command(ar, "p", name, "_gpgorigin").Output()
	good = errors.Join(err, missing) == nil && len(signature) > 0 && verified(t, p, string(data), string(signature))
	return &good
}

// The canary sings: what is on the poisoned shelf tells when it is executed, as a package, as the agent and as a script.
func TestPoisonedShelf_Canary(t *testing.T) {
	s := stocked(t)
	if runtime.GOOS != "linux" {
		t.Log("there are no packages on", runtime.GOOS)
		return
	}
	folder, err := s.poison(t.Context(), PoisonUnsigned)
	if err != nil {
		t.Fatal(err)
	}
	sang := func(root string) bool {
		_, err := os.Stat(filepath.Join(root, CanaryPath))
		return err == nil
	}
	deb := filepath.Join(folder, "jcagent-linux-deb-"+unameArch()+".deb")
	if _, err := exec.LookPath("dpkg-deb"); err == nil {
		parts, agent, control := t.TempDir(), t.TempDir(), t.TempDir()
		inspect(t, "dpkg-deb", "--raw-extract", deb, parts)
		inspect(t, filepath.Join(parts, "opt/jc/bin/jumpcloud-agent"), "run", "--root", agent)
		t.Setenv("DPKG_ROOT", control)
		inspect(t, filepath.Join(parts, "DEBIAN/preinst"), "install")
		if !sang(agent) || !sang(control) {
			t.Errorf("the agent %t, the maintainer script %t", sang(agent), sang(control))
		}
	}
	key := s.userKey(t, "nora")
	for preset, whole := range map[string]bool{"kickstart-other": true, "kickstart-truncated": false} {
		if _, err := s.ApplyPreset(preset); err != nil {
			t.Fatal(err)
		}
		_, script, _ := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/Kickstart", nil, keyHeader, key)
		root := t.TempDir()
		cmd := exec.Command("/bin/bash")
		cmd.Stdin, cmd.Env = strings.NewReader(script), []string{"PATH=" + os.Getenv("PATH"), "STUB_ROOT=" + root}
		if err := cmd.Run(); !sang(root) || (err == nil) != whole {
			t.Errorf("%s: sang %t, %v", preset, sang(root), err)
		}
		if entries, err := os.ReadDir(root); err != nil || len(entries) != 1 {
			t.Errorf("%s: more than a canary: %v %v", preset, entries, err)
		}
		if err := s.ClearFaults(""); err != nil {
			t.Fatal(err)
		}
	}
}

// A download that is resumed after the package was swapped begins anew; the second script is another than the first.
func TestPoisonedShelf_Swapped(t *testing.T) {
	s := stocked(t)
	list, err := s.Packages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, preset := range []string{"package-swapped", "kickstart-swapped"} {
		if _, err := s.ApplyPreset(preset); err != nil {
			t.Fatal(err)
		}
	}
	key := s.userKey(t, "nora")
	kickstart := func() string {
		_, script, _ := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/Kickstart", nil, keyHeader, key)
		return script
	}
	if first, second, third := kickstart(), kickstart(), kickstart(); strings.Contains(first, CanaryPath) || second != canaryScript || third != second {
		t.Errorf("%.80q, then %.80q", first, second)
	}
	for _, p := range list[:min(len(list), 1)] {
		address := s.Addresses().Console + "/production/" + p.File
		_, whole, head := ask(t, s.trusting(t), "GET", address, nil)
		status, rest, after := ask(t, s.trusting(t), "GET", address, nil, "Range", "bytes=100-", "If-Range", head.Get("ETag"))
		if status != 200 || rest == whole[100:] || after.Get("ETag") == head.Get("ETag") {
			t.Errorf("resumed after the swap: %d, %d bytes", status, len(rest))
		}
		if status, tail, _ := ask(t, s.trusting(t), "GET", address, nil, "Range", "bytes=100-", "If-Range", after.Get("ETag")); status != 206 || tail != rest[100:] {
			t.Errorf("the other package is not resumed: %d", status)
		}
	}
}

func TestPoison_Refused(t *testing.T) {
	s := running(t)
	for _, f := range []Fault{
		{Point: PointPackage, Poison: "arsenic"}, {Point: PointPackage, Poison: PoisonScript}, {Point: PointKickstart, Poison: PoisonOlder},
		{Point: PointPoll, Poison: PoisonScript}, {Path: "/production/*", Poison: PoisonOther},
	} {
		if _, err := s.AddFault(f); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
	if kinds := Poisons(); len(kinds) != 5 || !slices.Contains(kinds, PoisonScript) {
		t.Error(kinds)
	}
}

// A namespace has the parent's packages, and a poisoned shelf of its own faults.
func TestPoisonedShelf_Namespace(t *testing.T) {
	s := stocked(t)
	n, err := s.NewNamespace(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	list, err := n.Server.Packages(t.Context())
	if err == nil {
		_, err = n.Server.ApplyPreset("package-other-publisher")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		_, poisoned, _ := ask(t, s.trusting(t), "GET", n.Addresses.Console+"/production/"+p.File, nil)
		_, whole, head := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/production/"+p.File, nil)
		if poisoned == whole || len(poisoned) == 0 || head.Get("ETag") != `"`+p.SHA256+`"` {
			t.Errorf("%s: %d bytes here, %d there", p.File, len(poisoned), len(whole))
		}
	}
}
