package main

import (
	"net"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// What the agent tells of a computer is in its files; in a sandbox nobody's real accounts are told.
func TestAgent_Facts(t *testing.T) {
	root := place(t.TempDir())
	if f := root.facts(agentConf{}, "1.2.3"); len(f.UserMetrics) != 0 || f.DesktopCapable || f.AgentVersion != "1.2.3" || f.FileSystem == "" {
		t.Errorf("an empty sandbox: %+v", f)
	}
	for name, text := range map[string]string{
		"etc/passwd":     "root:x:0:0:root:/root:/bin/bash\nnora:x:1000:1000::/home/nora:/bin/bash\nben:x:1001:1001::/home/ben:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\nbroken\n",
		"etc/group":      "root:x:0:\nsudo:x:27:nora,zoe\nusers:x:100:ben\n",
		"etc/os-release": "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n",
	} {
		name = filepath.Join(string(root), name)
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(text), 0o600))
	}
	must(t, os.MkdirAll(filepath.Join(string(root), "etc/systemd/system"), 0o755))
	must(t, os.Symlink("/lib/systemd/system/gdm.service", filepath.Join(string(root), "etc/systemd/system/display-manager.service")))
	f := root.facts(agentConf{}, "1.2.3")
	if want := []userMetric{{"nora", true}, {"ben", false}}; !reflect.DeepEqual(f.UserMetrics, want) {
		t.Errorf("accounts: %+v, want %+v", f.UserMetrics, want)
	}
	if f.OS != "Debian" || f.Version != "12" || f.DisplayManager != "gdm" || !f.DesktopCapable {
		t.Errorf("facts: %+v", f)
	}
	for _, i := range f.NetworkInterfaces {
		if ip := net.ParseIP(i.Address); ip == nil || i.Name == "" || i.Internal != ip.IsLoopback() && i.Name == "lo" || (ip.To4() != nil) != (i.Family == "IPv4") {
			t.Errorf("interface %+v", i)
		}
	}
	if len(f.NetworkInterfaces) == 0 {
		t.Error("not even loopback")
	}
}
