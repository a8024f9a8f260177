package steps

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// pcChecks are the ids that a PC has, in their order.
var pcChecks = []string{
	CheckSystem, CheckArchitecture, CheckContainer, CheckRights, CheckConsent, CheckDisk, CheckMemory, CheckPower, CheckPackages, CheckRestart,
	CheckClock, CheckNames, CheckHosts, CheckProxy, CheckInspection, CheckAgent, CheckLeftovers, CheckManagers, CheckUser, CheckHostname,
}

// Each of a PC's variants differs from a healthy one by the check that is about it, and by nothing else.
func TestCheck_PC(t *testing.T) {
	for name, want := range map[string]struct {
		id    string
		level Level
		title string
		fix   platform.Fix
	}{
		"an administrator":   {CheckConsent, LevelOK, "Windows will ask you for consent", ""},
		"somebody else":      {CheckRights, LevelInfo, "", ""},
		"UAC off":            {CheckConsent, LevelOK, "Nobody has to be asked for consent", ""},
		"over the network":   {CheckConsent, LevelBlock, "Nobody can be asked for consent: there is no desktop", ""},
		"home":               {CheckSystem, LevelOK, "Windows 11 is supported", ""},
		"server":             {CheckSystem, LevelWarn, "Windows Server 10.0.20348 may not be supported", ""},
		"s-mode":             {CheckSystem, LevelBlock, "Windows is in S mode", ""},
		"domain":             {CheckManagers, LevelWarn, "ACME manages who signs in here", ""},
		"Entra":              {CheckManagers, LevelWarn, "Microsoft Entra ID (acme.example) manages who signs in here", ""},
		"other MDM":          {CheckManagers, LevelInfo, "This computer is also managed by Microsoft Intune", ""},
		"restart due":        {CheckRestart, LevelInfo, "A restart is due", ""},
		"another install":    {CheckPackages, LevelInfo, "Something else is being installed right now", ""},
		"installs logged":    {CheckLogging, LevelWarn, "Windows logs every install on this PC", ""},
		"hidden logged":      {CheckLogging, LevelWarn, "Windows logs every install on this PC", ""}, // in other words: below
		"installs forbidden": {CheckPackages, LevelBlock, "A policy forbids every install on this PC", ""},
		"low battery":        {CheckPower, LevelWarn, "The battery is low: 9 %", ""},
		"leftovers":          {CheckLeftovers, LevelWarn, "Something is left of an earlier agent", platform.FixLeftovers},
	} {
		t.Run(name, func(t *testing.T) {
			f := healthy()
			f.Facts = &fake.PCs()[name].Facts
			all := needs().Check(f)
			got := check(t, all, want.id)
			complete(t, got)
			if got.Level != want.level || want.title != "" && got.Title != want.title || got.Fix != want.fix {
				t.Errorf("%+v", got)
			}
			for _, c := range all {
				if c.ID != want.id && c.Level != LevelOK {
					t.Errorf("beside it: %+v", c)
				}
			}
		})
	}
	if got := slices.Sorted(maps.Keys(fake.PCs())); len(got) != 17 {
		t.Errorf("a variant has no case: %q", got)
	}
}

func TestCheck_PCOrder(t *testing.T) {
	f := healthy()
	f.Facts = &fake.Windows11().Facts
	var ids []string
	for _, c := range needs().Check(f) {
		ids = append(ids, c.ID)
	}
	if !slices.Equal(ids, pcChecks) {
		t.Errorf("%q", ids)
	}
}

// Every way in which consent can fail, and every reason for a restart, has its sentence.
func TestCheck_PCSentences(t *testing.T) {
	for _, why := range []platform.AskReason{platform.AskNoDesktop, platform.AskNoUAC, platform.AskUACDenies, platform.AskUnasked} {
		c := needs().checkConsent(healthy(), platform.Asking{Can: platform.No, Why: why})
		complete(t, c)
		if c.Level != LevelBlock || c.Code != CodeNeedsAdmin || c.Text == "" {
			t.Errorf("%s: %+v", why, c)
		}
	}
	complete(t, checkRestart([]platform.RestartReason{platform.RestartFiles}))
	for name, says := range map[string]string{"installs logged": "may stand in the log", "hidden logged": "will stand in the log"} {
		f := healthy()
		f.Facts = &fake.PCs()[name].Facts
		if c := check(t, needs().Check(f), CheckLogging); !strings.Contains(c.Text, says) {
			t.Errorf("%s: %+v", name, c)
		}
	}
	c := windowsManagers(platform.Windows{Domain: "ACME"})
	if complete(t, c); c.Text == check(t, needs().Check(healthy()), CheckManagers).Text {
		t.Errorf("%+v", c)
	}
}
