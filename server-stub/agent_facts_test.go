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

// In a sandbox the agent can present itself as a Mac, so that all that a Mac tells can be seen without one.
func TestAgent_PresentsAMac(t *testing.T) {
	root := place(t.TempDir())
	must(t, os.MkdirAll(filepath.Join(string(root), "opt/jc"), 0o700))
	write := func(text string) {
		must(t, os.WriteFile(filepath.Join(string(root), presentedFile), []byte(text), 0o600))
	}
	write(`{"os":"Mac OS X","osFamily":"darwin","version":"15.1","arch":"arm64","hasServiceAccount":true,"serviceAccountState":{"hasSecureToken":true}}`)
	f, err := root.told(agentConf{}, "2.166.2")
	if err != nil || f.OSFamily != "darwin" || f.Version != "15.1" || f.FileSystem != "" || !f.HasServiceAccount ||
		!f.ServiceAccountState.HasSecureToken || f.AgentVersion != "2.166.2" || f.Hostname == "" {
		t.Errorf("%+v, %v", f, err)
	}
	if raw, err := place("").presented(); raw != nil || err != nil {
		t.Errorf("outside of a sandbox: %q, %v", raw, err)
	}
	write("broken")
	if _, err := root.told(agentConf{}, "2.166.2"); err == nil {
		t.Error("a broken file is taken")
	}
}
