package stub

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// windowsShelf is a server whose package for Windows holds a small file as the agent. It is built where wixl is, which is
// Linux; elsewhere there is none to look at.
func windowsShelf(t *testing.T) (*Server, []Artifact) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "agent.exe")
	if err := os.WriteFile(program, []byte("MZ"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := running(t, func(s *Server) { s.WindowsAgent = program })
	if runtime.GOOS != "linux" {
		return s, nil
	}
	list, err := s.Artifacts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var msi []Artifact
	for _, a := range list {
		if strings.HasSuffix(a.Path, ".msi") {
			msi = append(msi, a)
		}
	}
	return s, msi
}

// signedFor tells whether a package's signature is good for who trusts that authority.
func signedFor(t *testing.T, root, file string) bool {
	t.Helper()
	out, err := exec.Command("osslsigncode", "verify", "-CAfile", root, "-in", file).CombinedOutput()
	if err == nil != strings.Contains(string(out), "Signature verification: ok") {
		t.Fatalf("%v: %s", err, out)
	}
	return err == nil
}

// table gives a table of a package as lines of fields.
func table(t *testing.T, file, name string) string {
	t.Helper()
	out, err := exec.Command("msiinfo", "export", file, name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.ReplaceAll(string(out), "\r", "")
}

// Each package for Windows is signed as its kind says, of the version that it should be, and keeps the key to itself.
func TestMSI(t *testing.T) {
	s, list := windowsShelf(t)
	root := filepath.Join(s.dir, codeRootName)
	found := map[Poison]bool{}
	for _, a := range list {
		found[a.Poison] = true
		ours := a.Poison == "" || a.Poison == PoisonOlder
		if signedFor(t, root, a.Path) != ours {
			t.Errorf("%q: signed by its publisher, want %t", a.Poison, ours)
		}
		if a.Poison == PoisonTruncated {
			continue
		}
		properties := table(t, a.Path, "Property")
		for _, want := range []string{"ProductVersion\t" + a.Version + "\n", "ProductName\tJumpCloud Agent\n", "MsiHiddenProperties\tJCINSTALLERARGUMENTS;Bootstrap\n", "UpgradeCode\t" + msiFamily} {
			if !strings.Contains(properties, want) {
				t.Errorf("%q has no %q:\n%s", a.Poison, want, properties)
			}
		}
		files := table(t, a.Path, "File")
		if canary := strings.Contains(files, "canary"); canary == (a.Poison == "") || canary == strings.Contains(files, "jumpcloud-agent.exe") {
			t.Errorf("%q holds:\n%s", a.Poison, files)
		}
	}
	if len(list) > 0 && len(found) != 5 {
		t.Errorf("found %v", found)
	}
}

// The package lies where the vendor's does; the poisoned ones come when they are asked for, and the true one returns.
func TestMSI_Shelf(t *testing.T) {
	s, list := windowsShelf(t)
	kinds := map[string]Poison{"package-unsigned": PoisonUnsigned, "package-other-publisher": PoisonOther, "package-truncated": PoisonTruncated, "package-older": PoisonOlder}
	get := func(name string) (string, string) {
		status, body, head := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/production/"+name, nil)
		if sum := sha256.Sum256([]byte(body)); status != 200 || head.Get("ETag") != `"`+hex.EncodeToString(sum[:])+`"` {
			t.Errorf("%s: %d %v", name, status, head)
		}
		return body, head.Get("Content-Type")
	}
	sums := map[Poison]string{}
	for _, a := range list {
		sums[a.Poison] = a.SHA256
	}
	for preset, kind := range kinds {
		for _, name := range []string{msiFile, "versions/2.166.2/" + msiFile}[:min(2, len(list))] {
			for _, want := range []Poison{"", kind} {
				if want != "" {
					if _, err := s.ApplyPreset(preset); err != nil {
						t.Fatal(err)
					}
				}
				body, media := get(name)
				if sum := sha256.Sum256([]byte(body)); hex.EncodeToString(sum[:]) != sums[want] || media != "application/x-msi" {
					t.Errorf("%s, %s: it is not the one of kind %q, %s", preset, name, want, media)
				}
				if err := s.ClearFaults(""); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// A data folder that was filled on Linux has its packages on another system too, of each version in turn.
func TestMSI_BroughtAlong(t *testing.T) {
	s, list := windowsShelf(t)
	for _, version := range []string{"2.166.2", "2.167.0"}[:min(2, len(list))] {
		if err := s.ChangeSettings(func(c *Settings) { c.AgentVersion = version }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Packages(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, version := range []string{"2.166.2", "2.167.0", "3.0.0"}[:min(3, len(list))] {
		found, err := s.broughtAlong(version)
		if version == "3.0.0" && len(found) == 0 && err == nil {
			continue
		}
		if err != nil || len(found) != 1 || found[0].Version != version {
			t.Fatalf("%s: %v %v", version, found, err)
		}
		if sum, err := sumFile(filepath.Join(s.production(), msiFile)); err != nil || sum != found[0].SHA256 {
			t.Errorf("%s: the evergreen name is another's: %v", version, err)
		}
	}
}

// One publisher stays that of a data folder; the same parts give the same product, and others another.
func TestMSI_Codes(t *testing.T) {
	dir := t.TempDir()
	first, err := openCodeSigner(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := openCodeSigner(dir)
	if err != nil || string(first.root) != string(again.root) || first.organization() != CodeOrganization {
		t.Errorf("%v, %q", err, first.organization())
	}
	if info, err := os.Stat(filepath.Join(dir, codeSignerName)); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("%v %v", info, err)
	}
	m := msiSpec{version: "2.166.2", canary: true}
	mark := func() string {
		text, err := m.fingerprint()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	one := mark()
	same := mark()
	m.at.Console = "https://127.0.0.1:1"
	if other := mark(); msiCode(one, "product") != msiCode(same, "product") || msiCode(one, "product") == msiCode(other, "product") || msiCode(one, "product") == msiCode(one, "agent") {
		t.Error(one, same, other)
	}
	if next, err := nextVersion("2.166.9"); next != "2.166.10" || err != nil {
		t.Error(next, err)
	}
	if _, err := nextVersion("2.166"); err == nil {
		t.Error("a version of two numbers is taken")
	}
}

// Without its tools the package is an error that names them, not a shelf without it.
func TestMSI_NoTools(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := buildMSI(t.Context(), t.TempDir(), msiSpec{version: "2.166.2", canary: true}); err == nil || !strings.Contains(err.Error(), "wixl") {
		t.Error(err)
	}
}
