package steps

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// debOf makes the smallest package that names itself: deb(5).
func debOf(t *testing.T, version string) []byte {
	t.Helper()
	archive := func(files map[string]string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		w := tar.NewWriter(z)
		for name, content := range files {
			if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, content); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	member := func(name string, content []byte) {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "100644", len(content))
		b.Write(content)
		if len(content)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	member("debian-binary", []byte("2.0\n"))
	member("control.tar.gz", archive(map[string]string{"./control": "Package: jcagent\nVersion: " + version + "\nArchitecture: amd64\n"}))
	member("data.tar.gz", archive(map[string]string{"./opt/jc/version.txt": version}))
	return b.Bytes()
}

// shelf serves one package for the package way.
func shelf(t *testing.T, content []byte) (*httptest.Server, Profile) {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/production/jcagent-linux-deb-x86_64.deb" || len(content) == 0 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("ETag", `"one"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	t.Cleanup(s.Close)
	sum := sha256.Sum256(content)
	return s, Profile{
		Protected: true, CA: serverPEM(s), Linux: LinuxInstall{Install: platform.WayPackage, SHA256: hex.EncodeToString(sum[:])},
		Endpoints: &platform.Endpoints{Console: s.URL, Kickstart: s.URL, PrivateKickstart: "https://127.0.0.1:8444", Agent: s.URL, Packages: s.URL},
	}
}

func TestRun_Package(t *testing.T) {
	content := debOf(t, "2.166.2")
	_, profile := shelf(t, content)
	computer := fake.Ubuntu2404()
	computer.Output = nil
	c := config(t, computer)
	c.Profile = profile
	ui := &scripted{}
	device, err := Run(t.Context(), c, ui)
	if err != nil || !device.Online.Yes || device.Unchanged {
		t.Fatalf("%+v, %v", device, err)
	}
	told := ui.told()
	began, consent := slices.Index(told, "phase download running"), slices.Index(told, "phase consent running")
	done := slices.Index(told, "phase download done")
	if began < 0 || done < began || consent < done {
		t.Errorf("the download is not before the consent:\n%s", strings.Join(told, "\n"))
	}
	if !slices.Contains(told, "phase receive-package done") || !slices.Contains(told, "phase install-package done") {
		t.Errorf("%s", strings.Join(told, "\n"))
	}
	sum := sha256.Sum256(content)
	job := computer.Jobs()[0]
	if job.Way != platform.WayPackage || job.Package == nil || job.Package.SHA256 != hex.EncodeToString(sum[:]) || job.Package.Version != "2.166.2" ||
		job.Package.Size != int64(len(content)) || job.PrivateKickstartURL != "https://127.0.0.1:8444" {
		t.Errorf("%+v %+v", job, job.Package)
	}
	if _, err := os.Stat(filepath.Join(c.StateDir, "downloads")); !os.IsNotExist(err) {
		t.Errorf("the installer is still there: %v", err)
	}
}

// A package older than the agent that is there is never put over it: said, nothing done, nobody asked for consent.
func TestRun_PackageOlder(t *testing.T) {
	_, profile := shelf(t, debOf(t, "2.160.0"))
	for _, until := range []VerdictName{IsOnline, Bound} {
		computer := fake.Ubuntu2404()
		computer.Agent = platform.AgentState{
			Installed: true, Version: "2.166.2-1", SystemKey: computer.SystemKey,
			Service: platform.Service{Running: true, Since: time.Now().Add(-time.Hour)},
		}
		c := config(t, computer)
		c.Profile, c.Until = profile, until
		ui := &scripted{}
		device, err := Run(t.Context(), c, ui)
		if err != nil {
			t.Fatal(err)
		}
		if !device.Unchanged || !device.Upgrade || device.AgentVersion != "2.166.2-1" || !device.Installed.Yes || device.Online.Known || len(computer.Jobs()) != 0 {
			t.Errorf("%+v, %d jobs", device, len(computer.Jobs()))
		}
		if !slices.Contains(ui.told(), "note The installed agent (2.166.2-1) is newer than the installer's (2.160.0), so nothing was done.") {
			t.Errorf("%s", strings.Join(ui.told(), "\n"))
		}
	}
}

// The elevated side may find it out too, since only it knows what a script brings.
func TestRun_UnchangedByElevatedSide(t *testing.T) {
	_, profile := shelf(t, debOf(t, "2.166.2"))
	computer := fake.Ubuntu2404()
	computer.Agent = platform.AgentState{
		Installed: true, Version: "2.166.2", SystemKey: computer.SystemKey, Certificate: true, LastContact: time.Now(),
		Service: platform.Service{Running: true, Since: time.Now().Add(-time.Hour)},
	}
	c := config(t, computer)
	c.Profile = profile
	c.Host.Elevate = unchanged(computer)
	device, err := Run(t.Context(), c, &scripted{})
	if err != nil || !device.Unchanged || !device.Online.Yes {
		t.Errorf("%+v, %v", device, err)
	}
}

func TestRun_PackageProblems(t *testing.T) {
	good := debOf(t, "2.166.2")
	for _, tc := range []struct {
		name    string
		content []byte
		change  func(*Profile)
		code    Code
		exit    int
	}{
		{"not there", nil, func(*Profile) {}, CodeUnreachable, 20},
		{"a sign-in page", []byte("<html>Welcome to the hotel</html>"), func(*Profile) {}, CodeUntrusted, 50},
		{"another than the profile pins", good, func(p *Profile) { p.Linux.SHA256 = zeros }, CodeUntrusted, 50},
		{"nobody says whose it may be", good, func(p *Profile) { p.Linux.SHA256 = "" }, CodeUntrusted, 50},
		{"an unknown authority", good, func(p *Profile) { p.CA = "" }, CodeUntrusted, 50},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, profile := shelf(t, tc.content)
			tc.change(&profile)
			computer := fake.Ubuntu2404()
			c := config(t, computer)
			c.Profile = profile
			ui := &scripted{}
			_, err := Run(t.Context(), c, ui)
			wantCode(t, err, tc.code, tc.exit)
			if len(computer.Jobs()) != 0 || !slices.Contains(ui.told(), "phase download failed") {
				t.Errorf("%d jobs\n%s", len(computer.Jobs()), strings.Join(ui.told(), "\n"))
			}
		})
	}
}

// The state folder cannot be written: said as what it is.
func TestRun_PackageNoSpace(t *testing.T) {
	_, profile := shelf(t, debOf(t, "2.166.2"))
	c := config(t, fake.Ubuntu2404())
	c.Profile = profile
	write(t, filepath.Join(c.StateDir, "downloads"), "in the way")
	_, err := Run(t.Context(), c, &scripted{})
	wantCode(t, err, CodeInstallFailed, 51)
}
