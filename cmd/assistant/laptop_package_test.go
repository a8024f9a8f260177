//go:build laptop

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// pack gives the deb that make package builds from this tree, and one of the same programs that says it is older. They
// are built once.
func (l *lab) pack(t *testing.T) (deb, older string) {
	t.Helper()
	programs, packages := filepath.Join(l.dir, "bin"), filepath.Join(l.dir, "dist")
	l.packOnce.Do(func() {
		build := exec.Command("make", "--no-print-directory", "-C", "../..", "package", "VERSION=v1.2.3", "BIN="+programs, "DIST="+packages)
		again := exec.Command("go", "run", "assets/gen_package.go", "-version", "v1.2.2-7-g0123abc", "-programs", programs, "-out", packages)
		again.Dir = "../.."
		for _, cmd := range []*exec.Cmd{build, again} {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", cmd, err, out)
			}
		}
	})
	name := filepath.Join(packages, "enrollment-assistant_%s_"+runtime.GOARCH+".%s")
	for _, format := range []string{"deb", "rpm"} {
		if _, err := os.Stat(fmt.Sprintf(name, "1.2.3", format)); err != nil {
			t.Fatalf("make package left no %s: %v", format, err)
		}
	}
	return fmt.Sprintf(name, "1.2.3", "deb"), fmt.Sprintf(name, "1.2.2+7.g0123abc", "deb")
}

// packaged is the life of the package on a computer that has nothing but it: no screen, no desktop. An older one is
// installed by apt with what it depends on, upgraded, removed and purged; the admin's profile stays through all of it.
func packaged(t *testing.T, l *lab) {
	desktop := l.findImage(t, "layer.sh", l.image, "desktop")
	g := l.boot(t, "packaged")
	deb, older := l.pack(t)
	g.stock(desktop)
	profile := []byte(`{"organization":{"name":"Acme Corporation"}}`)
	g.put(systemProfile, "root", "0644", profile)

	g.install(older)
	g.install(deb)
	if got := g.check("dpkg-query --show --showformat='${db:Status-Abbrev} ${Version}' enrollment-assistant"); got != "ii  1.2.3" {
		t.Errorf("after the upgrade there is %q", got)
	}
	checkContents(g, deb)
	checkPrograms(g)

	g.check("install -d -m 0700 /var/lib/enrollment-assistant && touch /var/lib/enrollment-assistant/elevated.log")
	left := `find / \( -path /proc -o -path /sys -o -path /root -o -path '/var/lib/dpkg/*' \) -prune -o -name '*enrollment-assistant*' -print -o -path '/usr/bin/assistant*' -print | sort`
	g.check("apt-get remove --yes enrollment-assistant")
	if got := g.check(left); got != "/etc/enrollment-assistant\n/var/lib/enrollment-assistant" {
		t.Errorf("after the removal there is still\n%s", got)
	}
	g.check("apt-get purge --yes enrollment-assistant")
	if got := g.check(left); got != "/etc/enrollment-assistant" {
		t.Errorf("after the purge there is still\n%s", got)
	}
	if got := g.check("cat " + systemProfile); got != string(profile) {
		t.Errorf("the admin's profile became %q", got)
	}
}

// contents is what the package holds, as dpkg-deb lists it.
const contents = `-rwxr-xr-x root/root ./usr/bin/assistant
-rwxr-xr-x root/root ./usr/bin/assistant-cli
-rw-r--r-- root/root ./usr/share/applications/ID.desktop
-rw-r--r-- root/root ./usr/share/doc/enrollment-assistant/README.md
-rw-r--r-- root/root ./usr/share/doc/enrollment-assistant/copyright
-rw-r--r-- root/root ./usr/share/doc/enrollment-assistant/notices.txt
-rw-r--r-- root/root ./usr/share/doc/enrollment-assistant/profile.schema.json
-rw-r--r-- root/root ./usr/share/icons/hicolor/128x128/apps/ID.png
-rw-r--r-- root/root ./usr/share/icons/hicolor/16x16/apps/ID.png
-rw-r--r-- root/root ./usr/share/icons/hicolor/24x24/apps/ID.png
-rw-r--r-- root/root ./usr/share/icons/hicolor/256x256/apps/ID.png
-rw-r--r-- root/root ./usr/share/icons/hicolor/32x32/apps/ID.png
-rw-r--r-- root/root ./usr/share/icons/hicolor/48x48/apps/ID.png
-rw-r--r-- root/root ./usr/share/icons/hicolor/64x64/apps/ID.png
-rw-r--r-- root/root ./usr/share/metainfo/ID.metainfo.xml
-rw-r--r-- root/root ./usr/share/polkit-1/actions/ID.policy`

// checkContents compares what the package holds, and what lies where it was installed.
func checkContents(g *guest, deb string) {
	g.t.Helper()
	listed := g.check("dpkg-deb --contents /root/" + filepath.Base(deb) + ` | grep -v '^d' | awk '{ print $1, $2, $6 }'`)
	if want := strings.ReplaceAll(contents, "ID", appID); listed != want {
		g.t.Errorf("the package holds\n%s\nwant\n%s", listed, want)
	}
	if folders := g.check("dpkg-deb --contents /root/" + filepath.Base(deb) + ` | grep '^d' | grep -v '^drwxr-xr-x root/root ' || true`); folders != "" {
		g.t.Errorf("folders of the package are not root's alone:\n%s", folders)
	}
	if changed := g.check("dpkg --verify enrollment-assistant"); changed != "" {
		g.t.Errorf("installed is something else than packed:\n%s", changed)
	}
	if open := g.check(`dpkg --listfiles enrollment-assistant | xargs -I{} find {} -maxdepth 0 \( ! -user root -o -perm /022 ! -type l \)`); open != "" {
		g.t.Errorf("others than root can change\n%s", open)
	}
	action := g.check("pkaction --verbose --action-id " + appID + ".enroll")
	for _, word := range []string{"org.freedesktop.policykit.exec.path -> /usr/bin/assistant-cli\n", "implicit active:   auth_admin\n", "implicit any:      auth_admin\n"} {
		if !strings.Contains(action+"\n", word) {
			g.t.Errorf("polkit knows the action as\n%s\nwant %q", action, word)
		}
	}
}

// loaded are the libraries that the window program loads when it starts, on X11 and on Wayland; it links only some.
var loaded = strings.Fields(`libGL.so.1 libEGL.so.1 libX11.so.6 libXcursor.so.1 libXext.so.6 libXi.so.6 libXinerama.so.1
	libXrandr.so.2 libXrender.so.1 libwayland-client.so.0 libwayland-cursor.so.0 libwayland-egl.so.1 libxkbcommon.so.0`)

// checkPrograms proves that the programs are those of a release and that the package brought what they need.
func checkPrograms(g *guest) {
	g.t.Helper()
	if o := g.as(localUser, "assistant-cli version"); o.code != 0 || !strings.Contains(o.stdout, "v1.2.3") || strings.Contains(o.stdout, "TEST") {
		g.t.Errorf("assistant-cli version: %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	if missing := g.check("ldd /usr/bin/assistant | grep 'not found' || true"); missing != "" {
		g.t.Errorf("the window program lacks\n%s", missing)
	}
	program := []byte(g.root("cat /usr/bin/assistant").stdout)
	for _, word := range []string{"Test build only", "install into DIR", "STUB_ROOT"} { // as TestReleaseBuild_HasNoSandbox
		if bytes.Contains(program, []byte(word)) {
			g.t.Errorf("the window program contains %q", word)
		}
	}
	there := strings.Fields(g.check("ldconfig -p | awk '{ print $1 }'"))
	for _, library := range loaded {
		if !bytes.Contains(program, []byte(library)) {
			g.t.Errorf("the window program does not name %s: this test looks for too much", library)
		}
		if !slices.Contains(there, library) {
			g.t.Errorf("the package brought no %s", library)
		}
	}
}

// stock fills the laptop's store of packages from that of an image.
func (g *guest) stock(image string) {
	g.t.Helper()
	store := exec.CommandContext(g.t.Context(), "tar", "-C", image, "-c", "var/cache/apt/archives", "var/lib/apt/lists")
	out, err := store.StdoutPipe()
	must(g.t, err)
	must(g.t, store.Start())
	unpack := g.command(g.t.Context(), "tar", "-C", "/", "-x")
	unpack.Stdin = out
	if said, err := unpack.CombinedOutput(); err != nil {
		g.t.Fatalf("filling the store of packages: %v\n%s", err, said)
	}
	must(g.t, store.Wait())
}

// install puts a package onto the laptop as an admin does. What it depends on comes from the laptop's own store: apt is
// told of a proxy that is not there.
func (g *guest) install(deb string) {
	g.t.Helper()
	content, err := os.ReadFile(deb)
	must(g.t, err)
	g.put("/root/"+filepath.Base(deb), "root", "0644", content)
	g.check("apt-get install --yes --no-install-recommends -o Acquire::http::Proxy=http://127.0.0.1:9 -o Acquire::https::Proxy=http://127.0.0.1:9 /root/" +
		filepath.Base(deb) + " 2>&1")
}
