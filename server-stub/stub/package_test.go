package stub

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// packTest builds both packages of a small program.
func packTest(t *testing.T, dir string, p PackageSpec) []Package {
	t.Helper()
	list, err := BuildPackages(dir, p)
	if runtime.GOOS != "linux" {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Fatalf("packages on %s: %v", runtime.GOOS, err)
		}
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func packSpec(t *testing.T, version string) PackageSpec {
	t.Helper()
	program := filepath.Join(t.TempDir(), "agent")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return PackageSpec{Version: version, AgentProgram: program, CA: []byte("authority\n")}
}

// inspect runs a packaging tool; without it there is nothing to compare with, and "" is given.
func inspect(t *testing.T, tool string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		return ""
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", tool, err, out)
	}
	return string(out)
}

func TestBuildPackages(t *testing.T) {
	dir := t.TempDir()
	list := packTest(t, dir, packSpec(t, "2.166.2"))
	for i, format := range []string{"deb", "rpm"}[:len(list)] {
		p := list[i]
		want := Package{OS: "linux", Arch: unameArch(), Version: "2.166.2", Format: format,
			File: "jcagent-linux-" + format + "-" + unameArch() + "." + format, Size: p.Size, SHA256: p.SHA256}
		if p != want {
			t.Errorf("%+v, want %+v", p, want)
		}
		for _, name := range []string{p.File, filepath.Join("versions", p.Version, p.File)} {
			sum, err := sumFile(filepath.Join(dir, name))
			if err != nil || sum != p.SHA256 {
				t.Errorf("%s: sum %s, want %s: %v", name, sum, p.SHA256, err)
			}
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() != p.Size || info.Mode().Perm() != 0o644 {
				t.Errorf("%s: %+v, want %d bytes: %v", name, info, p.Size, err)
			}
		}
		for _, line := range packageListing(t, filepath.Join(dir, p.File), format) {
			if line.got != "" && !strings.Contains(line.got, line.want) {
				t.Errorf("%s has no %q:\n%s", p.File, line.want, line.got)
			}
		}
	}
}

type listed struct{ got, want string }

// packageListing is what the tools of a format say of a package, beside what they should.
func packageListing(t *testing.T, file, format string) (list []listed) {
	t.Helper()
	add := func(got string, wants ...string) {
		for _, w := range wants {
			list = append(list, listed{strings.Join(strings.Fields(got), " "), w})
		}
	}
	if format == "deb" {
		add(inspect(t, "dpkg-deb", "-I", file), "Package: jcagent", "Version: 2.166.2", "Architecture: "+runtime.GOARCH,
			"preinst", "postinst", "prerm", "postrm")
		contents := inspect(t, "dpkg-deb", "-c", file)
		for name, mode := range map[string]string{"/opt/jc/": "drwx------ root/root", "/opt/jc/bin/jumpcloud-agent": "-rwxr-xr-x root/root",
			"/opt/jc/version.txt": "-rw-r--r-- root/root", "/opt/jc/ca.crt": "-rw-r--r-- root/root", "/opt/jc/.stub": "-rw-r--r-- root/root"} {
			i := slices.IndexFunc(strings.Split(contents, "\n"), func(l string) bool {
				return strings.HasPrefix(l, mode) && strings.HasSuffix(l, " ."+name)
			})
			if contents != "" && i < 0 {
				t.Errorf("no %s %s in:\n%s", mode, name, contents)
			}
		}
		return list
	}
	add(inspect(t, "rpm", "-qp", "--queryformat", "%{NAME} %{VERSION} %{ARCH}", file), "jcagent 2.166.2 "+unameArch())
	add(inspect(t, "rpm", "-qplv", file), "drwx------", "/opt/jc/bin/jumpcloud-agent", "/opt/jc/version.txt", "/opt/jc/ca.crt", "/opt/jc/.stub")
	add(inspect(t, "rpm", "-qp", "--scripts", file), "preinstall scriptlet", "postinstall scriptlet", "preuninstall scriptlet", "postuninstall scriptlet")
	return list
}

func TestBuildPackages_Again(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // TestBuildPackages says what happens there
	}
	dir, spec := t.TempDir(), packSpec(t, "1.0.0")
	first := packTest(t, dir, spec)
	evergreen := filepath.Join(dir, first[0].File)
	stamp := func() string {
		info, err := os.Stat(evergreen)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime().String()
	}
	before := stamp()
	if again := packTest(t, dir, spec); !slices.Equal(first, again) || stamp() != before {
		t.Error("the same parts were packed again")
	}
	if other := packTest(t, t.TempDir(), spec); !slices.Equal(first, other) {
		t.Errorf("the same parts gave %+v and %+v", first, other)
	}
	// A package that was damaged on disk, another program and another authority are all packed anew.
	if err := os.WriteFile(filepath.Join(dir, "versions", "1.0.0", first[0].File), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if repaired := packTest(t, dir, spec); !slices.Equal(first, repaired) {
		t.Errorf("a damaged package gave %+v", repaired)
	}
	spec.CA = []byte("another authority\n")
	if changed := packTest(t, dir, spec); changed[0].SHA256 == first[0].SHA256 {
		t.Error("another authority gave the same package")
	}
	// The evergreen name follows the version asked for last; the version's own stays.
	older := packTest(t, dir, packSpec(t, "0.9.0"))
	for name, want := range map[string]string{evergreen: older[0].SHA256, filepath.Join(dir, "versions", "0.9.0", older[0].File): older[0].SHA256} {
		if sum, err := sumFile(name); err != nil || sum != want {
			t.Errorf("%s: sum %s, want %s: %v", name, sum, want, err)
		}
	}
	if sum, err := sumFile(filepath.Join(dir, "versions", "1.0.0", first[0].File)); err != nil || sum == older[0].SHA256 {
		t.Errorf("version 1.0.0 was replaced: %v", err)
	}
}

func TestBuildPackages_Refuses(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // TestBuildPackages says what happens there
	}
	for _, version := range []string{"", "2", "2.1", "../../2.1.0", "2.1.0/x", "2.1.0-rc1", "2.1.0\n"} {
		if _, err := BuildPackages(t.TempDir(), packSpec(t, version)); err == nil {
			t.Errorf("version %q was packed", version)
		}
	}
	spec := packSpec(t, "1.0.0")
	spec.AgentProgram += "-missing"
	if _, err := BuildPackages(t.TempDir(), spec); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing program gave %v", err)
	}
}
