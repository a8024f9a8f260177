package platform

import (
	"slices"
	"strings"
	"testing"
)

func TestParseDpkgState(t *testing.T) {
	for in, want := range map[string]string{
		"ii |2.166.2\n": "installed", "rc |2.166.2": "config-files", "iU |2.166.2": "unpacked", "iF |2.166.2": "half-configured",
		"iHR|2.166.2": "half-installed", "un |": "", "": "", "garbage": "",
	} {
		if got := parseDpkgState(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestParseDpkgStatus(t *testing.T) {
	stanza := func(name, status string) string {
		return "Package: " + name + "\nStatus: " + status + "\nVersion: 1\n\n"
	}
	text := stanza("adduser", "install ok installed") + stanza("man-db", "install ok triggers-pending") +
		stanza("linux-image", "install ok half-configured") + stanza("old", "deinstall ok config-files") +
		stanza("broken", "install reinstreq half-installed") + stanza("fresh", "install ok unpacked")
	if got, want := parseDpkgStatus(text), []string{"broken", "fresh", "linux-image"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := parseDpkgStatus(strings.Repeat(stanza("x", "install ok unpacked"), 50)); len(got) != maxHalf {
		t.Errorf("%d are named", len(got))
	}
}

func TestParseLocks(t *testing.T) {
	const captured = `1: POSIX  ADVISORY  WRITE 18418 fe:00:10330548 0 EOF
1: -> POSIX  ADVISORY  WRITE 99 fe:00:10330548 0 EOF
2: FLOCK  ADVISORY  WRITE 512 00:1a:1389 0 EOF
3: POSIX  ADVISORY  READ  18464 fe:00:10330521 1073741824 1073742335
4: OFDLCK ADVISORY  WRITE -1 08:01:42 0 EOF
not a lock
`
	want := []fileLock{{18418, 0xfe, 0, 10330548}, {512, 0, 0x1a, 1389}, {-1, 8, 1, 42}}
	if got := parseLocks(captured); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestPowerOf(t *testing.T) {
	battery := func(status, capacity string) supply {
		return supply{kind: "Battery", status: status, capacity: capacity}
	}
	mains := func(online string) supply { return supply{kind: "Mains", online: online} }
	for _, c := range []struct {
		what string
		all  []supply
		want Power
	}{
		{"a desktop", nil, Power{Known: true}},
		{"a laptop, plugged in", []supply{mains("1"), battery("Charging", "40")}, Power{Known: true, Percent: 40}},
		{"a laptop, full", []supply{mains("1"), battery("Full", "100")}, Power{Known: true, Percent: 100}},
		{"a laptop, on battery", []supply{mains("0"), battery("Discharging", "12")}, Power{Known: true, OnBattery: true, Percent: 12}},
		{"two batteries", []supply{battery("Discharging", "5"), battery("Unknown", "80")}, Power{Known: true, OnBattery: true, Percent: 80}},
		{"charged over USB", []supply{{kind: "USB", online: "1"}, battery("Discharging", "30")}, Power{Known: true, Percent: 30}},
		{"a mouse", []supply{{kind: "Battery", scope: "Device", status: "Discharging", capacity: "3"}}, Power{Known: true}},
		{"a battery that tells nothing", []supply{battery("", "")}, Power{Known: true}},
	} {
		if got := powerOf(c.all); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

func TestParseResolvers(t *testing.T) {
	got := parseResolvers("# made by NetworkManager\nsearch acme.example\nnameserver 192.0.2.1\nnameserver  2001:db8::1 # second\nnameserver\n")
	if !slices.Equal(got, []string{"192.0.2.1", "2001:db8::1"}) {
		t.Errorf("%q", got)
	}
}

func TestIsDialogProgram(t *testing.T) {
	// The kernel's names, as seen on the desktops of the distributions.
	for _, name := range []string{
		"gnome-shell", "polkit-kde-auth", "polkit-gnome-au", "polkit-mate-aut", "lxqt-policykit-", "xfce-polkit", "lxpolkit",
		"hyprpolkitagent", "cinnamon", "dde-polkit-agen", "cosmic-osd", "ukui-polkit", "soteria", "budgie-polkit-d",
	} {
		if !isDialogProgram(name) {
			t.Errorf("%s shows the dialog", name)
		}
	}
	for _, name := range []string{"polkitd", "pkexec", "pkttyagent", "bash", "gnome-terminal-", "sway", ""} {
		if isDialogProgram(name) {
			t.Errorf("%s shows no dialog", name)
		}
	}
}

func TestFound(t *testing.T) {
	there := func(path string) bool { return path == "/usr/bin/puppet" || path == "/opt/orbit/bin/orbit/orbit" }
	if got := found(managers, there); !slices.Equal(got, []string{"Fleet", "Puppet"}) {
		t.Errorf("%q", got)
	}
	if got := found(directories, there); got != nil {
		t.Errorf("%q", got)
	}
}

func TestParseServer(t *testing.T) {
	for in, want := range map[string]string{
		`{"agentServerHost":"agent.eu.jumpcloud.com","agentServerPort":443}`: "agent.eu.jumpcloud.com",
		`{"agentServerHost" : "127.0.0.1"}`:                                  "127.0.0.1",
		`{"agentServerHost":"a b"}`:                                          "", `{}`: "", "": "",
	} {
		if got := parseServer([]byte(in)); got != want {
			t.Errorf("%s: %q", in, got)
		}
	}
}
