package steps

import (
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// This file holds the lines of the two ways on Linux: the vendor's script, and its package.

// scriptLines are the vendor's documented way on Linux.
func scriptLines(in planInput) []PlanLine {
	kickstart := kickstartOf(in.key, in.endpoints)
	return []PlanLine{
		{
			ID: "fetch-script", Title: assets.Text("plan.fetch-script"), Rights: true,
			Text: assets.Text("plan.fetch-script.text", "Host", hostOf(kickstart)),
			Details: []string{
				consentDetail(in), "GET " + kickstart + "/Kickstart", keyHeader + ": " + assets.Text("plan.the-key"),
				"bash -n < Kickstart: " + assets.Text("plan.read"),
			},
		},
		{
			ID: "run-script", Title: assets.Text("plan.run-script"), Rights: true,
			Text:    assets.Text("plan.run-script.text"),
			Details: append([]string{"bash < Kickstart", hostOf(in.endpoints.PrivateKickstart), hostOf(in.endpoints.Packages)}, agentChanges(in.root)...),
		},
	}
}

// downloadLine is the download of a package whose publisher is proved after it.
func downloadLine(in planInput) PlanLine {
	return PlanLine{
		ID: "download", Title: assets.Text("plan.download"),
		Text:    assets.Text("plan.download.kept", "Host", hostOf(in.endpoints.Packages)),
		Details: []string{"GET " + packageURL(in.profile, in.endpoints, in.facts)},
	}
}

// packageLines are the way with the vendor's package on Linux.
func packageLines(in planInput) []PlanLine {
	address := packageURL(in.profile, in.endpoints, in.facts)
	pinned := in.profile.Trust()
	proof := "plan.download.unpinned"
	switch {
	case pinned.SHA256 != "":
		proof = "plan.download.pinned"
	case pinned.PublisherKey != "":
		proof = "plan.download.signed"
	}
	download := PlanLine{
		ID: "download", Title: assets.Text("plan.download"),
		Text:    assets.Text(proof, "Host", hostOf(in.endpoints.Packages)),
		Details: []string{"GET " + address},
	}
	if pinned.SHA256 != "" {
		download.Details = append(download.Details, "SHA-256 "+pinned.SHA256)
	}
	if pinned.PublisherKey != "" {
		download.Details = append(download.Details, "GET "+signatureURL(in.profile, address), "OpenPGP "+pinned.PublisherPin())
	}
	bootstrap := []string{consentDetail(in), in.root + "/opt/jc/agentBootstrap.json (0600)"}
	if in.agent.Installed {
		bootstrap = append(bootstrap, in.root+"/opt/jc/jcagent.conf: "+assets.Text("plan.remove.unreadable"))
	}
	return []PlanLine{
		download,
		{
			ID: "write-bootstrap", Title: assets.Text("plan.write-bootstrap"), Rights: true,
			Text:    assets.Text("plan.write-bootstrap.text"),
			Details: bootstrap,
		},
		{
			ID: "install-package", Title: assets.Text("plan.install-package"), Rights: true,
			Text:    assets.Text("plan.install-package.text"),
			Details: append(installCommands(in), agentChanges(in.root)...),
		},
		{
			ID: "start-service", Title: assets.Text("plan.start-service"), Rights: true,
			Text:    assets.Text("plan.start-service.text"),
			Details: []string{serviceCommand(in, "restart"), hostOf(in.endpoints.Kickstart), hostOf(in.endpoints.PrivateKickstart)},
		},
	}
}

// installCommands are what reads a package and installs it; an rpm is read without a command.
func installCommands(in planInput) []string {
	command, halfway := installCommand(in), ": "+assets.Text("plan.halfway")
	commands := []string{command}
	undo := "dpkg --remove --force-remove-reinstreq jcagent"
	if strings.HasPrefix(command, "rpm ") {
		undo = "rpm -e jcagent"
	} else {
		commands = []string{"dpkg-deb -f PACKAGE Package Version: " + assets.Text("plan.read"), command}
	}
	switch {
	case in.root != "" || in.agent.Installed && !in.agent.Service.Running:
		return commands
	case in.agent.Service.Running:
		undo = serviceCommand(in, "start")
	}
	return append(commands, undo+halfway)
}

// installCommand is what installs a package on this kind of Linux.
func installCommand(in planInput) string {
	switch {
	case in.root != "":
		return "dpkg-deb -x PACKAGE " + in.root
	case strings.HasSuffix(packageURL(in.profile, in.endpoints, in.facts), ".rpm"):
		return "rpm -U --replacepkgs PACKAGE"
	}
	return "dpkg -i PACKAGE"
}

func serviceCommand(in planInput, verb string) string {
	if in.root != "" {
		return in.root + "/opt/jc/bin/jumpcloud-agent run --root " + in.root
	}
	return "systemctl " + verb + " jcagent.service"
}

// agentChanges is what the vendor's script or package is known to change on Linux. The vendor publishes no such list;
// this one is from what was seen on enrolled computers.
func agentChanges(root string) []string {
	names := []string{
		"/opt/jc", "/opt/jc_user_ro", "/etc/cron.d/jumpcloud-updater", "/var/run/jcagent.pid", "/var/log/jcagent.log",
		"/etc/ssh/sshd_config (.orig)", "/etc/pam.d: sshd, gdm-password, lightdm, login", "/etc/login.defs (.orig)",
		"/etc/sudoers.d/00-*-jumpcloud", "/etc/rsyslog.d/jumpcloud.conf", "jcagent.service",
	}
	if root == "" {
		return names
	}
	return []string{root + "/opt/jc", root + "/var/run/jcagent.pid", root + "/var/log/jcagent.log"}
}

// packageURL is where the agent's package lies: the profile's, else the vendor's newest generic one. Names:
// https://github.com/TheJumpCloud/support and the packages that distributions build from them.
func packageURL(p Profile, e platform.Endpoints, f platform.Facts) string {
	name := "jcagent-linux-deb-"
	end := ".deb"
	switch {
	case f.OS == "darwin":
		return e.Packages + "/production/jumpcloud-agent.pkg"
	case f.OS == "windows":
		return e.Packages + "/production/jcagent-msi-signed.msi"
	case p.Linux.Package != "":
		return p.Linux.Package
	case packagedAsRPM[systemID(f)]:
		name, end = "jcagent-linux-rpm-", ".rpm"
	}
	arch := "x86_64"
	if strings.HasPrefix(f.Arch, "a") && f.Arch != "amd64" { // aarch64, arm64
		arch = "aarch64"
	}
	return e.Packages + "/production/" + name + arch + end
}
