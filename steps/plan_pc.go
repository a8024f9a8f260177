package steps

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// windowsLines are the install of a PC with Windows. Who signed the package is checked, which proves less than a hash or
// a notarization: the title says no more than that.
func windowsLines(in planInput) []PlanLine {
	verify := PlanLine{
		ID: "verify-package", Title: assets.Text("plan.verify-package.signed"),
		Text:    assets.Text("plan.verify-package.like", "Signer", platform.VendorSigner),
		Details: []string{"WinVerifyTrust PACKAGE: O = *" + platform.VendorSigner + "*"},
	}
	if pinned := in.profile.Windows.Signer; pinned != "" {
		verify.Text = assets.Text("plan.verify-package.windows", "Signer", pinned)
		verify.Details = []string{"WinVerifyTrust PACKAGE: O = " + pinned}
	}
	verify.Details = append(verify.Details, assets.Text("plan.verify-package.twice"), assets.Text("plan.verify-package.not"))
	return []PlanLine{
		downloadLine(in), verify,
		{
			ID: "install-package", Title: assets.Text("plan.install-package"), Text: assets.Text("plan.install-package.windows"), Rights: true,
			Details: append([]string{
				consentDetail(in),
				`C:\Windows\System32\ipconfig.exe /flushdns`,
				`MsiInstallProduct(PACKAGE, JCINSTALLERARGUMENTS="-k KEY" REBOOT=ReallySuppress)`,
				"StartService jumpcloud-agent",
				hostOf(kickstartOf(in.key, in.endpoints)), hostOf(in.endpoints.PrivateKickstart), hostOf(in.endpoints.Agent),
			}, windowsChanges...),
		},
	}
}

// windowsLooks are what the watch asks of Windows, again and again, besides the files that it reads.
func windowsLooks() []string {
	return []string{
		"SetThreadExecutionState: " + assets.Text("plan.awake"),
		"QueryServiceStatusEx jumpcloud-agent: " + assets.Text("plan.read"),
		`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall: ` + assets.Text("plan.read"),
	}
}

// windowsChanges is what the vendor's package is known to change on a PC with Windows:
// https://github.com/TheJumpCloud/support/blob/master/scripts/windows/InstallWindowsAgent.ps1 and its neighbours.
var windowsChanges = []string{
	`C:\Program Files\JumpCloud\jumpcloud-agent.exe`,
	`C:\Program Files\JumpCloud\Plugins\Contrib: jcagent.conf, version.txt, managedUsers.json, lockoutCache.json`,
	`C:\ProgramData\JumpCloud\Tray`,
	`C:\Windows\Temp: jcagent.log, jcUpdate.log, jcagent_updater.log`,
	`HKLM\SOFTWARE\JumpCloud`,
	`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall: JumpCloud Agent`,
	"jumpcloud-agent",
}
