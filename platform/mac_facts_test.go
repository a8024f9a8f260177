//go:build !windows

package platform

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// noon is the clock of recorded Macs.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// TestMacFacts: what is learned of each kind of Mac, and by which commands alone.
func TestMacFacts(t *testing.T) {
	nora, sam := Account{"nora", true, Yes}, Account{"sam", false, No}
	plain := Mac{MDM: MDM{Enrolled: No}, FileVault: Yes, Bootstrap: No, FullDiskAccess: No, Power: Power{Known: true, Percent: 83}, Service: ServiceAccount{No, No}}
	managed, earlier, bare, off := plain, plain, plain, plain
	managed.MDM, managed.Bootstrap, managed.FullDiskAccess = MDM{Yes, true, true, "acme.jamfcloud.example"}, Yes, Yes
	managed.FileVaultUsers = []string{"nora"}
	earlier.Earlier = Earlier{Package: "installed", Traces: []string{agentFolder, macDaemon}}
	earlier.Service = ServiceAccount{Yes, Yes}
	bare.Power = Power{Known: true}
	off.FileVault = No
	for _, c := range []struct {
		what    string
		mac     *recordedMac
		user    string
		uid     int
		intel   bool
		files   []string
		version string
		admin   Admin
		rosetta Answer
		sam     Account
		nora    Account
		want    Mac
	}{
		{"an administrator", plainMac(t), "nora", 501, false, nil, "15.1", AdminYou, Yes, sam, nora, plain},
		{"a standard user", plainMac(t), "sam", 502, false, nil, "15.1", AdminAnother, Yes, sam, nora, plain},
		{"root", plainMac(t), "root", 0, false, nil, "15.1", AdminYou, Yes, sam, nora, plain},
		{"macOS 13 on Intel", plainMac(t).with(map[string]string{"/usr/bin/sw_vers -productVersion": "13.7.8\n", "/usr/bin/pmset -g batt": saidDesktop}),
			"nora", 501, true, nil, "13.7.8", AdminYou, Unknown, sam, nora, bare},
		{"macOS 26 without Rosetta", plainMac(t).with(map[string]string{"/usr/bin/sw_vers -productVersion": "26.6.2\n", askRosetta: ""}),
			"nora", 501, false, nil, "26.6.2", AdminYou, No, sam, nora, plain},
		{"Rosetta without a receipt", plainMac(t).with(map[string]string{askRosetta: ""}), "nora", 501, false, []string{rosettaRuntime}, "15.1", AdminYou, Yes, sam, nora, plain},
		{"FileVault off", plainMac(t).with(map[string]string{askFileVault: "FileVault is Off.\n"}), "nora", 501, false, nil, "15.1", AdminYou, Yes, sam, nora, off},
		{"no token at all", plainMac(t).with(map[string]string{"/usr/sbin/sysadminctl -secureTokenStatus nora": saidLacks}),
			"nora", 501, false, nil, "15.1", AdminYou, Yes, sam, Account{"nora", true, No}, plain},
		{"sysadminctl says something else", plainMac(t).with(map[string]string{
			"/usr/sbin/sysadminctl -secureTokenStatus nora": "sysadminctl: what?\n", askOwners: saidCrypto,
			"/usr/bin/dscl /Local/Default -read /Users/nora GeneratedUID": "GeneratedUID: 2DB09770-999B-43FB-99AF-2B878E4FE971\n",
		}), "nora", 501, false, nil, "15.1", AdminYou, Yes, sam, nora, plain},
		{"managed by an MDM", plainMac(t).with(map[string]string{
			askEnrollment: saidManaged, askBootstrap: saidToken, askProfiles: saidProfiles(saidGiven),
			askUnlockers: "nora,2DB09770-999B-43FB-99AF-2B878E4FE971\n",
		}), "nora", 501, false, nil, "15.1", AdminYou, Yes, sam, nora, managed},
		{"an earlier agent", plainMac(t).agent().with(map[string]string{askAccount: saidService}), "nora", 501, false,
			[]string{agentFolder + "/x", macDaemon}, "15.1", AdminYou, Yes, sam, nora, earlier},
		{"nobody is an administrator", plainMac(t).with(map[string]string{"/usr/bin/id -Gn nora": "staff\n"}), "nora", 501, false, nil,
			"15.1", AdminNobody, Yes, sam, Account{"nora", false, Yes}, plain},
	} {
		t.Run(c.what, func(t *testing.T) {
			c.mac.t = t
			root := t.TempDir()
			layFiles(t, root, c.files...)
			f := Facts{User: c.user, Arch: "x86_64"}
			tools := macTools{ask: c.mac.ask, root: root, now: func() time.Time { return noon }}
			if err := tools.facts(t.Context(), &f, !c.intel, c.uid); err != nil {
				t.Fatal(err)
			}
			if f.Version != c.version || f.Admin != c.admin || f.Rosetta != c.rosetta || f.Name != "macOS" {
				t.Errorf("%s %s, %s, Rosetta %q", f.Name, f.Version, f.Admin, f.Rosetta)
			}
			if want := []Account{c.nora, c.sam}; !reflect.DeepEqual(f.Accounts, want) {
				t.Errorf("%+v, want %+v", f.Accounts, want)
			}
			if !reflect.DeepEqual(*f.Mac, c.want) {
				t.Errorf("%+v,\nwant %+v", *f.Mac, c.want)
			}
		})
	}
}

// layFiles makes files below root.
func layFiles(t *testing.T, root string, files ...string) {
	t.Helper()
	for _, path := range files {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMacFacts_NoVersion: without a version nothing can be judged.
func TestMacFacts_NoVersion(t *testing.T) {
	m := plainMac(t).with(map[string]string{"/usr/bin/sw_vers -productVersion": ""})
	tools := macTools{ask: m.ask, root: t.TempDir(), now: time.Now}
	if err := tools.facts(t.Context(), &Facts{}, true, 501); err == nil {
		t.Error("facts without a version")
	}
}

// TestMacAgentState: what anybody can see of the agent.
func TestMacAgentState(t *testing.T) {
	running := Service{Exists: true, Running: true, State: "running", Since: noon.Add(-42 * time.Second)}
	for _, c := range []struct {
		what  string
		mac   *recordedMac
		files []string
		want  AgentState
	}{
		{"there is none", plainMac(t), nil, AgentState{ServiceAccount: ServiceAccount{No, No}}},
		{"it runs", plainMac(t).agent().with(map[string]string{askAccount: saidService}), []string{macDaemon},
			AgentState{Installed: true, Version: "2.100.1", Package: "com.example.agent", Service: running, ServiceAccount: ServiceAccount{Yes, Yes}}},
		{"it is there and is not loaded", plainMac(t).with(map[string]string{askReceipt: saidReceipt}), []string{macDaemon},
			AgentState{Installed: true, Version: "2.100.1", Package: "com.example.agent", ServiceAccount: ServiceAccount{No, No}}},
		{"a receipt of one that was removed", plainMac(t).with(map[string]string{askReceipt: saidReceipt}), nil, AgentState{ServiceAccount: ServiceAccount{No, No}}},
		{"no receipt names it", plainMac(t).with(map[string]string{askService: saidRunning}), []string{macDaemon},
			AgentState{Installed: true, Service: running, ServiceAccount: ServiceAccount{No, No}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			c.mac.t = t
			root := t.TempDir()
			layFiles(t, root, c.files...)
			tools := macTools{ask: c.mac.ask, root: root, now: func() time.Time { return noon }}
			got, err := tools.agentState(t.Context(), tools.seldom(t.Context()))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, want %+v: %v", got, c.want, err)
			}
		})
	}
}

func TestMacArch(t *testing.T) {
	for _, c := range []struct {
		machine string
		arm64   uint32
		arch    string
		silicon bool
	}{{"arm64", 1, "arm64", true}, {"x86_64", 1, "arm64", true}, {"x86_64", 0, "x86_64", false}, {"arm64", 0, "arm64", true}} {
		if arch, silicon := macArch(c.machine, c.arm64); arch != c.arch || silicon != c.silicon {
			t.Errorf("%s, %d: %s, %t", c.machine, c.arm64, arch, silicon)
		}
	}
}
