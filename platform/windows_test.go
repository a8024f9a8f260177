package platform

import (
	"slices"
	"testing"
)

func TestWindowsAsking(t *testing.T) {
	for name, c := range map[string]struct {
		facts askingFacts
		can   Answer
		why   AskReason
	}{
		"an administrator with UAC":        {askingFacts{administrator: true, desktop: true, uac: Yes}, Yes, AskUAC},
		"another person's password":        {askingFacts{desktop: true, uac: Yes}, Yes, AskUAC},
		"UAC off, an administrator":        {askingFacts{rights: true, administrator: true, desktop: true, uac: No}, Yes, AskRoot},
		"UAC off, somebody else":           {askingFacts{desktop: true, uac: No}, No, AskNoUAC},
		"a policy refuses users":           {askingFacts{desktop: true, uac: Yes, userDenied: true}, No, AskUACDenies},
		"a policy refuses users, not me":   {askingFacts{administrator: true, desktop: true, uac: Yes, userDenied: true}, Yes, AskUAC},
		"over the network":                 {askingFacts{administrator: true, uac: Yes}, No, AskNoDesktop},
		"over the network, with rights":    {askingFacts{rights: true, uac: Yes}, Yes, AskRoot},
		"nobody may be asked":              {askingFacts{administrator: true, desktop: true, uac: Yes, silent: true}, No, AskUnasked},
		"nobody may be asked, with rights": {askingFacts{rights: true, silent: true}, Yes, AskRoot},
	} {
		if a := windowsAsking(c.facts); a.Can != c.can || a.Why != c.why {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestPowerStatus(t *testing.T) {
	for want, s := range map[Power]powerStatus{
		{}: {line: 255, flag: 255, percent: 255}, {Known: true, Percent: 80}: {line: 1, flag: 8, percent: 80}, {Known: true}: {line: 1, flag: 128, percent: 255},
		{Known: true, OnBattery: true, Percent: 12}: {line: 0, flag: 4, percent: 12},
	} {
		if got := s.power(); got != want {
			t.Errorf("%+v: %+v", s, got)
		}
	}
}

func TestEnrollmentManager(t *testing.T) {
	for want, e := range map[string]enrollment{
		"Microsoft Intune": {provider: "MS DM Server", server: "https://enrollment.manage.microsoft.com/enrollmentserver/discovery.svc", state: 1},
		"AirWatchMDM":      {provider: "AirWatchMDM", server: "https://ds.example/Discovery.aws", state: 1},
	} {
		if got := e.manager(); got != want {
			t.Errorf("%s, not %s", got, want)
		}
		e.state = 0
		if got := e.manager(); got != "" {
			t.Errorf("%s is not enrolled", got)
		}
	}
	if got := (enrollment{provider: "JumpCloud", state: 1}).manager(); got != "" {
		t.Errorf("JumpCloud itself: %s", got)
	}
	if got := (enrollment{state: 1}).manager(); got != "" {
		t.Errorf("nobody: %s", got)
	}
}

func TestWindowsProxy(t *testing.T) {
	for _, c := range [][4]string{
		{"proxy.acme.example:8080", "*.acme.example;10.0.0.1;<local>", "http://proxy.acme.example:8080", ".acme.example,10.0.0.1"},
		{"http=a:80;https=b:443;ftp=c:21", "", "http://b:443", ""},
		{"http=a:80", "x", "", ""}, {"", "", "", ""}, {"https=https://b:443", "*", "https://b:443", ""}, {"not a host", "", "", ""},
	} {
		if proxy, none := windowsProxy(c[0], c[1]); proxy != c[2] || none != c[3] {
			t.Errorf("%q %q: %q %q", c[0], c[1], proxy, none)
		}
	}
}

func TestMachineName(t *testing.T) {
	for machine, want := range map[uint16]string{0x8664: "x86_64", 0xaa64: "arm64", 0x14c: "i686", 1: "other"} {
		if got := machineName(machine, "other"); got != want {
			t.Errorf("%#x: %s", machine, got)
		}
	}
}

// As Windows tells them on a PC whose own Administrator is switched off, as it is delivered, that has joined a domain and then
// Entra, which lists two roles as numbers without names.
func TestAdministratorNames(t *testing.T) {
	got := administratorNames([]string{
		`LAPTOP-7\Administrator`, `LAPTOP-7\it-admin`, `ACME\Domain Admins`, `ACME\Administrator`, `S-1-12-1-2863311530-1145324612-858993459-1`, `laptop-7\nora`,
	}, "LAPTOP-7", func(name string) bool { return name == "Administrator" })
	if want := []string{"it-admin", `ACME\Domain Admins`, `ACME\Administrator`, "nora"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
