package steps

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// windowsLines are the install of a PC with Windows.
func windowsLines(in planInput) []PlanLine {
	signer := in.profile.Windows.Signer
	if signer == "" {
		signer = platform.VendorSigner
	}
	return []PlanLine{
		downloadLine(in),
		{
			ID: "verify-package", Title: assets.Text("plan.verify-package"),
			Text: assets.Text("plan.verify-package.windows", "Signer", signer),
			Details: []string{
				"WinVerifyTrust PACKAGE: signer *" + signer + "*",
				assets.Text("plan.verify-package.twice"), assets.Text("plan.verify-package.not"),
			},
		},
		{
			ID: "install-package", Title: assets.Text("plan.install-package"), Text: assets.Text("plan.install-package.windows"), Rights: true,
			Details: append([]string{
				consentDetail(in),
				`C:\Windows\System32\ipconfig.exe /flushdns`,
				`C:\Windows\System32\msiexec.exe /i PACKAGE /quiet /norestart JCINSTALLERARGUMENTS="-k KEY"`,
				hostOf(kickstartOf(in.key, in.endpoints)), hostOf(in.endpoints.PrivateKickstart), hostOf(in.endpoints.Agent),
			}, windowsChanges...),
		},
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
