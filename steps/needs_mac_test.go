package steps

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// onMac are the findings about a healthy Mac, changed.
func onMac(change func(*platform.Facts, *platform.Mac, *platform.AgentState)) Findings {
	f := healthy()
	facts := fake.MacOS15().Facts
	f.Facts = &facts
	change(f.Facts, f.Facts.Mac, f.Agent)
	return f
}

func TestCheck_Macs(t *testing.T) {
	type (
		facts = *platform.Facts
		mac   = *platform.Mac
		agent = *platform.AgentState
	)
	tokens := func(f facts, a platform.Answer) {
		for i := range f.Accounts {
			f.Accounts[i].SecureToken = a
		}
	}
	there := platform.AgentState{Installed: true, Version: "2.150.0", Service: platform.Service{Running: true}}
	for _, tc := range []struct {
		name   string
		change func(facts, mac, agent)
		id     string
		level  Level
		title  string
		text   string
	}{
		{"13", func(f facts, _ mac, _ agent) { f.Version = "13.7.4" }, CheckSystem, LevelOK, "macOS 13.7.4 is supported", ""},
		{"14", func(f facts, _ mac, _ agent) { f.Version = "14.0" }, CheckSystem, LevelOK, "macOS 14.0", ""},
		{"15", func(facts, mac, agent) {}, CheckSystem, LevelOK, "macOS 15.1", ""},
		{"26", func(f facts, _ mac, _ agent) { f.Version = "26.1" }, CheckSystem, LevelWarn, "macOS 26.1", "list"},
		{"12", func(f facts, _ mac, _ agent) { f.Version = "12.7" }, CheckSystem, LevelBlock, "macOS 12.7", "macOS 13 to 15"},
		{"11", func(f facts, _ mac, _ agent) { f.Version = "11.7.10" }, CheckSystem, LevelBlock, "macOS 11.7.10", "macOS 13"},

		{"Rosetta", func(facts, mac, agent) {}, CheckRosetta, LevelOK, "Rosetta is there", ""},
		{"no Rosetta", func(f facts, _ mac, _ agent) { f.Rosetta = platform.No }, CheckRosetta, LevelWarn, "Rosetta is missing", "installed first"},
		{"Rosetta unread", func(f facts, _ mac, _ agent) { f.Rosetta = platform.Unknown }, CheckRosetta, LevelInfo, "could not be read", ""},

		{"own token", func(facts, mac, agent) {}, CheckSecureToken, LevelOK, "Administrators with a SecureToken: it-admin, nora", ""},
		{"another's token", func(f facts, _ mac, _ agent) { f.User = "guest-desk" }, CheckSecureToken, LevelWarn, "it-admin, nora can", "Ask one"},
		{"a token without rights", func(f facts, _ mac, _ agent) {
			f.Accounts = []platform.Account{{Name: "nora", SecureToken: platform.Yes}}
		}, CheckSecureToken, LevelWarn, "No administrator", "bootstrap token"},
		{"no token", func(f facts, m mac, _ agent) {
			tokens(f, platform.No)
			m.Bootstrap = platform.No
		}, CheckSecureToken, LevelWarn, "No administrator", "login window"},
		{"no token, kept by an MDM", func(f facts, _ mac, _ agent) { tokens(f, platform.No) }, CheckSecureToken, LevelWarn, "No administrator", "bootstrap token"},
		{"tokens unread", func(f facts, _ mac, _ agent) { tokens(f, platform.Unknown) }, CheckSecureToken, LevelInfo, "could not be read", ""},
		{"accounts unread", func(f facts, _ mac, _ agent) { f.Accounts = nil }, CheckSecureToken, LevelInfo, "could not be read", ""},

		{"FileVault on", func(facts, mac, agent) {}, CheckFileVault, LevelOK, "FileVault is on", ""},
		{"FileVault off", func(_ facts, m mac, _ agent) { m.FileVault = platform.No }, CheckFileVault, LevelInfo, "FileVault is off", "not encrypted"},
		{"FileVault unread", func(_ facts, m mac, _ agent) { m.FileVault = platform.Unknown }, CheckFileVault, LevelInfo, "could not be read", ""},

		{"access given", func(facts, mac, agent) {}, CheckFullDiskAccess, LevelOK, "allowed Full Disk Access beforehand", ""},
		{"access asked for", func(_ facts, m mac, _ agent) { m.FullDiskAccess = platform.No }, CheckFullDiskAccess, LevelInfo, "You will be asked", "five minutes"},
		{"access unread", func(_ facts, m mac, _ agent) { m.FullDiskAccess = "" }, CheckFullDiskAccess, LevelInfo, "You will be asked", ""},

		{"no MDM", func(_ facts, m mac, _ agent) { m.MDM = platform.MDM{Enrolled: platform.No} }, CheckMDM, LevelOK, "in no MDM", ""},
		{"MDM unread", func(_ facts, m mac, _ agent) { m.MDM = platform.MDM{} }, CheckMDM, LevelInfo, "could not be read", ""},
		{"JumpCloud's MDM", func(facts, mac, agent) {}, CheckMDM, LevelInfo, "JumpCloud's MDM manages", "upgrade"},
		{"JumpCloud's MDM by ABM on another system", func(f facts, _ mac, _ agent) { f.Version = "12.6" }, CheckMDM, LevelWarn, "Apple Business Manager", "hang"},
		{"JumpCloud's MDM by hand on another system", func(f facts, m mac, _ agent) {
			f.Version, m.MDM.Automated = "12.6", false
		}, CheckMDM, LevelInfo, "JumpCloud's MDM manages", ""},
		{"another MDM", func(_ facts, m mac, _ agent) { m.MDM.Server = "mdm.acme.example" }, CheckMDM, LevelWarn, "Another MDM manages this Mac: mdm.acme.example", "passwords"},
		{"a name like JumpCloud's", func(_ facts, m mac, _ agent) { m.MDM.Server = "notjumpcloud.com" }, CheckMDM, LevelWarn, "Another MDM", "passwords"},
		{"an MDM without a name", func(_ facts, m mac, _ agent) { m.MDM.Server = "" }, CheckMDM, LevelWarn, "An MDM manages", "passwords"},

		{"service account left", func(_ facts, m mac, _ agent) {
			m.Service = platform.ServiceAccount{Exists: platform.Yes, Token: platform.Yes}
		}, CheckServiceAccount, LevelWarn, "earlier agent is left", "password"},
		{"service account in use", func(_ facts, m mac, a agent) {
			m.Service, *a = platform.ServiceAccount{Exists: platform.Yes, Token: platform.Yes}, there
		}, CheckServiceAccount, LevelOK, "holds a SecureToken", ""},
		{"service account of no use", func(_ facts, m mac, a agent) {
			m.Service, *a = platform.ServiceAccount{Exists: platform.Yes, Token: platform.No}, there
		}, CheckServiceAccount, LevelWarn, "holds no SecureToken", "IT team"},
		{"service account unread", func(_ facts, m mac, a agent) {
			m.Service, *a = platform.ServiceAccount{Exists: platform.Yes}, there
		}, CheckServiceAccount, LevelInfo, "could not be read", ""},

		{"mains", func(_ facts, m mac, _ agent) { m.Power = platform.Power{Known: true} }, CheckPower, LevelOK, "mains", ""},
		{"battery low", func(_ facts, m mac, _ agent) {
			m.Power = platform.Power{Known: true, OnBattery: true, Percent: 12}
		}, CheckPower, LevelWarn, "12 %", "Plug"},

		{"earlier agent", func(_ facts, _ mac, a agent) { *a = there }, CheckAgent, LevelInfo, "2.150.0", ""},
		{"agent of another region", func(_ facts, m mac, a agent) {
			*a, m.Earlier.Server = there, "agent.eu.jumpcloud.com"
		}, CheckAgent, LevelBlock, "agent.eu.jumpcloud.com", ""},
		{"leftovers", func(_ facts, m mac, _ agent) { m.Earlier.Traces = []string{"/opt/jc"} }, CheckLeftovers, LevelWarn, "Something is left", "removed first"},
	} {
		f := onMac(tc.change)
		c := check(t, needs().Check(f), tc.id)
		if c.Level != tc.level || !strings.Contains(c.Title, tc.title) || !strings.Contains(c.Text, tc.text) {
			t.Errorf("%s: %+v", tc.name, c)
		}
		complete(t, c)
	}
}

// An admin sees from the list of checks alone who needs help.
func TestCheck_MacAccountsAreListed(t *testing.T) {
	f := onMac(func(f *platform.Facts, _ *platform.Mac, _ *platform.AgentState) { f.User = "guest-desk" })
	c := check(t, needs().Check(f), CheckSecureToken)
	if c.Detail != "guest-desk: SecureToken no\nit-admin: SecureToken yes, admin\nnora: SecureToken yes, admin\nbootstrap token: yes" {
		t.Errorf("%q", c.Detail)
	}
}

// A table of the profile replaces the built-in one, for older systems too, and what is missing is put right first.
func TestCheck_MacOverrides(t *testing.T) {
	n := needs()
	n.Limits.Systems = map[string][]string{"macos": {"12"}}
	f := onMac(func(f *platform.Facts, _ *platform.Mac, _ *platform.AgentState) {
		f.Version, f.Rosetta = "12.7.6", platform.No
	})
	checks := n.Check(f)
	if c := check(t, checks, CheckSystem); c.Level != LevelOK {
		t.Errorf("%+v", c)
	}
	if fixes := fixesOf(checks); !slices.Equal(fixes, []platform.Fix{platform.FixRosetta}) {
		t.Errorf("%v", fixes)
	}
	n.CanInstall = false
	if c := check(t, n.Check(f), CheckRosetta); c.Fix != "" || !strings.Contains(c.Text, "Ask an administrator") {
		t.Errorf("%+v", c)
	}
}

// Only what there is to say is said: no Rosetta on Intel, no service account where there is none.
func TestCheck_MacOrder(t *testing.T) {
	common := []string{
		CheckSystem, CheckArchitecture, CheckContainer, CheckRights, CheckDisk, CheckMemory, CheckPower, CheckClock, CheckNames, CheckHosts,
		CheckProxy, CheckInspection, CheckAgent, CheckLeftovers, CheckSecureToken, CheckFileVault, CheckFullDiskAccess, CheckMDM,
	}
	ids := func(f Findings) (ids []string) {
		for _, c := range needs().Check(f) {
			ids = append(ids, c.ID)
			complete(t, c)
		}
		return ids
	}
	arm := onMac(func(*platform.Facts, *platform.Mac, *platform.AgentState) {})
	if got, want := ids(arm), append(slices.Clone(common), CheckRosetta, CheckUser, CheckHostname); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	intel := onMac(func(f *platform.Facts, m *platform.Mac, _ *platform.AgentState) {
		f.Arch, m.Service.Exists = "x86_64", platform.Yes
	})
	intel.Agent, intel.AgentErr = nil, errors.New("x")
	if got, want := ids(intel), append(slices.Clone(common), CheckServiceAccount, CheckUser, CheckHostname); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
