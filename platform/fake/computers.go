package fake

import "example.com/enrollment-assistant/platform"

// Ubuntu2404 is a laptop with Ubuntu 24.04 whose user is an administrator.
func Ubuntu2404() *Computer {
	return &Computer{
		Facts: platform.Facts{
			OS: "linux", Distribution: "ubuntu", Name: "Ubuntu", Version: "24.04", Arch: "x86_64",
			Hostname: "nora-laptop", User: "nora", Admin: platform.AdminYou, AdminNames: []string{"nora"},
			DiskPath: "/opt", DiskFree: 84 << 30, Memory: 16 << 30,
			Linux: &platform.Linux{
				Systemd:   true,
				Asking:    platform.Asking{Consent: platform.ConsentDialog, Can: platform.Yes, Why: platform.AskAgent, Agent: "gnome-shell"},
				Disks:     []platform.Disk{{Path: "/opt", Free: 84 << 30}},
				Power:     platform.Power{Known: true, Percent: 80},
				Sync:      platform.TimeSync{Can: platform.Yes, On: platform.Yes, Synced: platform.Yes},
				Packages:  platform.Packages{Kind: "dpkg"},
				Resolvers: []string{"127.0.0.53"},
			},
		},
		AgentVersion: "2.166.2",
		SystemKey:    "64930a6d00466f31842811a1",
		Output: []string{
			"Checking for necessary install commands...",
			"Checking system compatibility...",
			"Checking local system time...",
		},
	}
}

// MacOS15 is a laptop with macOS 15 on Apple silicon whose user is an administrator. It belongs to an organization with
// an MDM, which gave the agent Full Disk Access beforehand. The accounts' passwords are "nora's" and "it-admin's".
func MacOS15() *Computer {
	c := Ubuntu2404()
	c.Facts.Linux = nil
	c.Facts.OS, c.Facts.Distribution, c.Facts.Name, c.Facts.Version, c.Facts.Arch = "darwin", "", "macOS", "15.1", "arm64"
	c.Facts.Hostname, c.Facts.DiskPath = "Noras-MacBook-Air.local", "/"
	c.Facts.AdminNames = []string{"it-admin", "nora"}
	c.Facts.Accounts = []platform.Account{
		{Name: "guest-desk", SecureToken: platform.No},
		{Name: "it-admin", Admin: true, SecureToken: platform.Yes},
		{Name: "nora", Admin: true, SecureToken: platform.Yes},
	}
	c.Facts.Rosetta = platform.Yes
	c.Facts.Mac = &platform.Mac{
		MDM:       platform.MDM{Enrolled: platform.Yes, UserApproved: true, Automated: true, Server: "acme.jumpcloud.com"},
		FileVault: platform.Yes, FileVaultUsers: []string{"it-admin", "nora"}, Bootstrap: platform.Yes,
		FullDiskAccess: platform.Yes, Power: platform.Power{Known: true, Percent: 80},
		Service: platform.ServiceAccount{Exists: platform.No},
	}
	c.Agent.ServiceAccount = c.Facts.Mac.Service
	c.Passwords = map[string]string{"nora": "nora's", "it-admin": "it-admin's"}
	c.Output = []string{"installer: Package name is JumpCloud Agent", "installer: The install was successful."}
	return c
}

// Macs are variants of MacOS15, by what is different.
func Macs() map[string]*Computer {
	macs := make(map[string]*Computer)
	for name, change := range map[string]func(*Computer){
		"admin":         func(*Computer) {},
		"standard user": standardUser,
		"no token": func(c *Computer) {
			for i := range c.Facts.Accounts {
				c.Facts.Accounts[i].SecureToken = platform.No
			}
			c.Facts.Mac.FileVault, c.Facts.Mac.FileVaultUsers, c.Facts.Mac.Bootstrap = platform.No, nil, platform.No
		},
		"FileVault off": func(c *Computer) { c.Facts.Mac.FileVault, c.Facts.Mac.FileVaultUsers = platform.No, nil },
		"no Rosetta":    func(c *Computer) { c.Facts.Rosetta = platform.No },
		"Intel":         func(c *Computer) { c.Facts.Arch, c.Facts.Rosetta = "x86_64", platform.Unknown },
		"no MDM": func(c *Computer) {
			c.Facts.Mac.MDM = platform.MDM{Enrolled: platform.No}
			c.Facts.Mac.FullDiskAccess, c.Facts.Mac.Bootstrap = platform.No, platform.No
			c.Access = make(chan struct{})
		},
		"other MDM": func(c *Computer) {
			c.Facts.Mac.MDM.Server = "mdm.acme.example"
			c.Unready = true
		},
		"earlier agent": earlierAgent,
	} {
		c := MacOS15()
		change(c)
		macs[name] = c
	}
	return macs
}

// standardUser makes the person one who can neither install nor set up the service account; it-admin can.
func standardUser(c *Computer) {
	c.Facts.User, c.Facts.Admin, c.Facts.AdminNames = "guest-desk", platform.AdminAnother, []string{"it-admin", "nora"}
}

// earlierAgent puts an agent there that has all that it needs.
func earlierAgent(c *Computer) {
	c.Facts.Mac.Service = platform.ServiceAccount{Exists: platform.Yes, Token: platform.Yes}
	c.Agent = platform.AgentState{
		Installed: true, Version: "2.150.0", ServiceAccount: c.Facts.Mac.Service,
		Service: platform.Service{Exists: true, Running: true, State: "running", Since: c.now().Add(-platform.ActiveFor)},
	}
}

// Windows11 is a laptop with Windows 11 Pro whose user is an administrator. Nothing but its organization manages it.
func Windows11() *Computer {
	c := Ubuntu2404()
	c.Facts.Linux = nil
	c.Facts.OS, c.Facts.Distribution, c.Facts.Name, c.Facts.Version = "windows", "", "Windows", "10.0.26100"
	c.Facts.Hostname, c.Facts.User, c.Facts.DiskPath = "NORA-LAPTOP", `NORA-LAPTOP\nora`, `C:\`
	c.Facts.Windows = &platform.Windows{
		Edition: "Professional", Release: "24H2", Build: "26100.2033", UAC: platform.Yes,
		Asking: platform.Asking{Consent: platform.ConsentDialog, Can: platform.Yes, Why: platform.AskUAC},
		Power:  platform.Power{Known: true, Percent: 80},
	}
	c.Output = []string{"InstallFiles: Copying new files", "StartServices: Starting services"}
	return c
}

// PCs are variants of Windows11, by what is different.
func PCs() map[string]*Computer {
	pcs := make(map[string]*Computer)
	for name, change := range map[string]func(*platform.Facts){
		"an administrator": func(*platform.Facts) {},
		"somebody else":    func(f *platform.Facts) { f.Admin, f.AdminNames = platform.AdminAnother, nil },
		"UAC off":          func(f *platform.Facts) { f.Windows.UAC, f.Windows.Asking.Why = platform.No, platform.AskRoot },
		"over the network": func(f *platform.Facts) {
			f.Windows.Asking.Can, f.Windows.Asking.Why = platform.No, platform.AskNoDesktop
		},
		"home": func(f *platform.Facts) { f.Windows.Edition = "Core" },
		"server": func(f *platform.Facts) {
			f.Windows.Edition, f.Windows.Server, f.Version = "ServerStandard", true, "10.0.20348"
		},
		"s-mode":             func(f *platform.Facts) { f.Windows.SMode = true },
		"domain":             func(f *platform.Facts) { f.Windows.Domain = "ACME" },
		"Entra":              func(f *platform.Facts) { f.Windows.Entra = "Microsoft Entra ID (acme.example)" },
		"other MDM":          func(f *platform.Facts) { f.Windows.Managers = []string{"Microsoft Intune"} },
		"restart due":        func(f *platform.Facts) { f.Windows.Restart = []platform.RestartReason{platform.RestartRequired} },
		"another install":    func(f *platform.Facts) { f.Windows.Installer.Busy = true },
		"installs logged":    func(f *platform.Facts) { f.Windows.Installer.Logs = true },
		"hidden logged":      func(f *platform.Facts) { f.Windows.Installer = platform.Installer{Logs: true, LogsHidden: true} },
		"installs forbidden": func(f *platform.Facts) { f.Windows.Installer.Disabled = true },
		"low battery":        func(f *platform.Facts) { f.Windows.Power = platform.Power{Known: true, OnBattery: true, Percent: 9} },
		"leftovers":          func(f *platform.Facts) { f.Windows.Earlier.Traces = []string{platform.WindowsAgentFolder} },
	} {
		c := Windows11()
		change(&c.Facts)
		pcs[name] = c
	}
	return pcs
}
