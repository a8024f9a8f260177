package steps

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// macCredentials is where the vendor's package looks for the account that grants the SecureToken:
// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/install_agent_and_serviceaccount.sh
const macCredentials = "/var/run/JumpCloud-SecureToken-Creds.txt" //nolint:gosec // a path

// macLines are the install of a Mac.
func macLines(in planInput) []PlanLine {
	team, signer := in.profile.MacOS.TeamID, in.profile.MacOS.TeamID
	if team == "" {
		team, signer = platform.VendorTeam, "JUMPCLOUD INC. ("+platform.VendorTeam+")"
	}
	lines := []PlanLine{
		downloadLine(in),
		{
			ID: "verify-package", Title: assets.Text("plan.verify-package"),
			Text: assets.Text("plan.verify-package.mac", "Signer", signer),
			Details: []string{
				"/usr/sbin/pkgutil --check-signature PACKAGE: Developer ID Installer (" + team + ")",
				"/usr/sbin/spctl --assess --type install --verbose=2 PACKAGE",
				assets.Text("plan.verify-package.twice"), assets.Text("plan.verify-package.not"),
			},
		},
	}
	return append(lines,
		PlanLine{
			ID: "write-bootstrap", Title: assets.Text("plan.write-bootstrap"), Text: assets.Text("plan.write-bootstrap.text"), Rights: true,
			Details: []string{consentDetail(in), "/opt/jc/agentBootstrap.json (0600)"},
		},
		credentialsLine(in),
		PlanLine{
			ID: "install-package", Title: assets.Text("plan.install-package"), Text: assets.Text("plan.install-package.mac"), Rights: true,
			Details: append([]string{
				"/usr/sbin/installer -pkg PACKAGE -target / -verboseR",
				"/usr/bin/caffeinate -dims: " + assets.Text("plan.awake"),
				"/bin/launchctl bootstrap system " + macDaemon + ": " + assets.Text("plan.where-needed"),
				"/bin/launchctl kickstart system/" + agentServices["darwin"] + ": " + assets.Text("plan.where-needed"),
				hostOf(kickstartOf(in.key, in.endpoints)), hostOf(in.endpoints.PrivateKickstart), hostOf(in.endpoints.Agent),
			}, macChanges...),
		},
		PlanLine{
			ID: "full-disk-access", Title: assets.Text("plan.full-disk-access"), Text: assets.Text("plan.full-disk-access.text"),
			Details: []string{assets.Text("plan.full-disk-access.where"), assets.Text("plan.full-disk-access.mdm")},
		},
	)
}

// macDaemon is how launchd knows the agent.
const macDaemon = "/Library/LaunchDaemons/com.jumpcloud.darwin-agent.plist"

// macLooks are what the elevated side asks of a Mac, again and again, besides the files that it reads.
func macLooks() []string {
	looks := []string{
		"/usr/sbin/pkgutil --file-info /opt/jc/bin/jumpcloud-agent", "/bin/launchctl print system/" + agentServices["darwin"], "/bin/ps -o etime= -p PID",
		"/usr/sbin/sysadminctl -secureTokenStatus _jumpcloudserviceaccount", "/usr/bin/profiles status -type enrollment",
		"/usr/sbin/system_profiler -json SPConfigurationProfileDataType",
		"/usr/bin/sqlite3 -readonly '/Library/Application Support/com.apple.TCC/TCC.db' (sudo)",
	}
	for i := range looks {
		looks[i] += ": " + assets.Text("plan.read")
	}
	return looks
}

// macChanges is what the vendor's package is known to change on a Mac.
var macChanges = []string{
	"/opt/jc", "/var/log/jcagent.log", "/var/log/jumpcloud-loginwindow", "~/Library/Logs/JumpCloud",
	"launchd: com.jumpcloud.darwin-agent, com.jumpcloud.agent-updater",
	"launchd: com.jumpcloud.jcagent-tray, com.jumpcloud.user-agent, com.jumpcloud.JumpCloudGo",
	"_jumpcloudserviceaccount",
}

// credentialsLine is the hand-over of the account that grants the SecureToken, or of the word that there is none.
func credentialsLine(in planInput) PlanLine {
	l := PlanLine{ID: "write-credentials", Title: assets.Text("plan.write-credentials"), Rights: true}
	switch {
	case in.token.name != "":
		l.Text = assets.Text("plan.write-credentials.text", "Name", in.token.name)
	case in.verifies && !in.token.asked:
		l.Text = assets.Text("plan.write-credentials.ask")
	default:
		l.Text = assets.Text("plan.write-credentials.skip")
		l.Title = assets.Text("plan.write-credentials.none")
	}
	l.Details = []string{macCredentials + " (0600): " + assets.Text("plan.removed")}
	return l
}

// isARM tells Apple silicon from Intel.
func isARM(f platform.Facts) bool { return f.Arch == "arm64" || f.Arch == "aarch64" }
