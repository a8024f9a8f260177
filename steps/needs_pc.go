package steps

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// This file holds the checks of a PC with Windows, where Facts.Windows is there.

// checkWindows decides about what the facts alone tell of a PC, besides what they tell of every computer.
func (n Needs) checkWindows(f Findings) []Check {
	w := f.Facts.Windows
	checks := []Check{n.checkConsent(f, w.Asking), n.checkDisk(f), n.checkMemory(f), checkPower(w.Power), n.checkInstaller(w.Installer)}
	if w.Installer.Logs {
		text := "check.logging.on.text"
		if w.Installer.LogsHidden {
			text = "check.logging.hidden.text"
		}
		checks = append(checks, Check{ID: CheckLogging, Level: LevelWarn, Title: assets.Text("check.logging.on"), Text: assets.Text(text)})
	}
	return append(checks, checkRestart(w.Restart))
}

// checkInstaller tells whether the Windows Installer can do its part.
func (n Needs) checkInstaller(i platform.Installer) Check {
	c := Check{ID: CheckPackages, Level: LevelOK, Title: assets.Text("check.packages.ok"), Detail: "msi"}
	switch {
	case i.Disabled:
		c.Level, c.Code = LevelBlock, CodeBlocked
		c.Title, c.Text = assets.Text("check.packages.forbidden"), assets.Text("check.packages.forbidden.text")
	case i.Busy:
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.packages.locked"), assets.Text("check.packages.locked.waits")
	}
	return n.ofComputer(c)
}

// windowsManagers tells who else has a say on a PC. What today's agent does on one that has joined a domain is not public:
// an older one refused to start there. https://github.com/TheJumpCloud/jumpcloud-ADMU
func windowsManagers(w platform.Windows) Check {
	var directories []string
	for _, name := range []string{w.Domain, w.Entra} {
		if name != "" {
			directories = append(directories, name)
		}
	}
	c := checkManagers(directories, w.Managers)
	if len(directories) > 0 {
		c.Text = assets.Text("check.managers.domain.text")
	}
	return c
}
