package steps

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// input is a plan for a computer on the US hosts.
func input(c *fake.Computer) planInput {
	e, _ := platform.EndpointsOf(platform.RegionUS)
	return planInput{endpoints: e, facts: c.Facts}
}

func ids(p InstallPlan) []string {
	var all []string
	for _, l := range p.Lines {
		all = append(all, l.ID)
	}
	return all
}

// text is everything that a plan says.
func text(t *testing.T, p InstallPlan) string {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); strings.Contains(s, "[plan") || strings.Contains(s, "no value") {
		t.Errorf("a sentence is missing: %s", s)
	}
	return string(b)
}

func TestPlan_Script(t *testing.T) {
	in := input(fake.Ubuntu2404())
	in.key = Key{Value: platform.NewSecret(goodKey), KickstartURL: "https://kickstart.eu.jumpcloud.com"}
	p := planOf(in)
	if !slices.Equal(ids(p), []string{"fetch-script", "run-script", "wait"}) || p.Way != platform.WayScript || p.Upgrade {
		t.Errorf("%+v", p)
	}
	all := text(t, p)
	for _, want := range []string{
		"GET https://kickstart.eu.jumpcloud.com/Kickstart", "does not sign it", "assistant-cli elevated ADDRESS", "/etc/ssh/sshd_config",
		"shows it to other users of this computer for a moment", "no profile",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the plan lacks %q: %s", want, all)
		}
	}
	if strings.Contains(all, "CANARY") {
		t.Error("the plan shows the key")
	}
	for _, l := range p.Lines {
		if !l.Rights || l.Text == "" || len(l.Details) == 0 {
			t.Errorf("%+v", l)
		}
	}
}

func TestPlan_Package(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*planInput)
		want   []string
	}{
		{"deb", func(*planInput) {}, []string{"/production/jcagent-linux-deb-x86_64.deb", "dpkg -i PACKAGE", "neither which file it must be nor who", "systemctl restart jcagent", "/opt/jc/agentBootstrap.json (0600)"}},
		{"rpm on ARM", func(in *planInput) { in.facts.Distribution, in.facts.Arch = "fedora", "aarch64" }, []string{"/production/jcagent-linux-rpm-aarch64.rpm", "rpm -U --replacepkgs PACKAGE"}},
		{"pinned", func(in *planInput) { in.profile.Protected, in.profile.Linux.SHA256 = true, zeros }, []string{"SHA-256 " + zeros, "that your organization chose"}},
		{"signed", func(in *planInput) {
			in.profile.Protected, in.profile.Linux.Publisher = true, Publisher{Key: "a key", Signature: ".asc"}
		}, []string{"GET https://cdn02.jumpcloud.com/production/jcagent-linux-deb-x86_64.deb.asc", "OpenPGP " + platform.VendorFingerprint, "that its publisher signed"}},
		{"own address", func(in *planInput) { in.profile.Linux.Package = "https://acme.example/a.rpm" }, []string{"GET https://acme.example/a.rpm", "rpm -U"}},
		{"sandbox", func(in *planInput) { in.root = "/tmp/x" }, []string{"dpkg-deb -x PACKAGE /tmp/x", "/tmp/x/opt/jc", "This is a test"}},
		{"upgrade", func(in *planInput) { in.agent = platform.AgentState{Installed: true, Version: "2.160.0"} }, []string{"2.160.0", "no mail is sent"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := input(fake.Ubuntu2404())
			in.profile.Linux.Install = platform.WayPackage
			tc.change(&in)
			p := planOf(in)
			if !slices.Equal(ids(p), []string{"download", "write-bootstrap", "install-package", "start-service", "wait"}) || p.Way != platform.WayPackage {
				t.Errorf("%+v", p)
			}
			if p.Lines[0].Rights {
				t.Error("the download needs no rights")
			}
			all := text(t, p)
			for _, want := range tc.want {
				if !strings.Contains(all, want) {
					t.Errorf("the plan lacks %q: %s", want, all)
				}
			}
			if strings.Contains(all, "for a moment") {
				t.Error("the key is on nobody's command line here")
			}
		})
	}
}

// mac is a plan for the Mac of the tests, whose account was named.
func mac() planInput {
	in := input(fake.MacOS15())
	in.verifies, in.token = true, tokenChoice{asked: true, name: "nora"}
	return in
}

// ofLinux is what no plan of another system says.
var ofLinux = []string{"Linux", "dpkg", "rpm -", "systemctl", "pkexec", "jcagent.service", "/etc/ssh", "/var/lib/enrollment-assistant"}

func TestPlan_Mac(t *testing.T) {
	usual := []string{"download", "verify-package", "write-bootstrap", "write-credentials", "install-package", "full-disk-access", "wait"}
	for _, tc := range []struct {
		name   string
		change func(*planInput)
		ids    []string
		want   []string
		not    string
	}{
		{"as usual", func(*planInput) {}, usual, []string{
			"GET https://cdn02.jumpcloud.com/production/jumpcloud-agent.pkg", "signed by JUMPCLOUD INC. (N985MXSH85)", "pkgutil --check-signature PACKAGE",
			"spctl --assess", "checked again with administrator rights", "/usr/bin/osascript", "/opt/jc/agentBootstrap.json (0600)",
			"Name and password of nora", "/var/run/JumpCloud-SecureToken-Creds.txt (0600): written just before the install, removed after it",
			"/usr/sbin/installer -pkg PACKAGE -target /", "_jumpcloudserviceaccount", "com.jumpcloud.darwin-agent", "within five minutes",
			"sees this Mac", "kickstart.jumpcloud.com", "never puts your key in a command line", "/var/db/enrollment-assistant",
		}, "Rosetta"},
		{"without Rosetta", func(in *planInput) { in.fixes = []platform.Fix{platform.FixRosetta} },
			slices.Insert(slices.Clone(usual), 2, "fix-rosetta"), []string{"softwareupdate --install-rosetta --agree-to-license", "license"}, "[plan"},
		{"Intel", func(in *planInput) { in.facts.Rosetta, in.facts.Arch = platform.No, "x86_64" }, usual, nil, "Rosetta"},
		{"no account given", func(in *planInput) { in.token.name = "" }, usual, []string{"sets up no service account"}, "Name and password"},
		{"account not asked yet", func(in *planInput) { in.token = tokenChoice{} }, usual, []string{"the account that you name"}, "sets up no service account"},
		{"nobody to verify it", func(in *planInput) { in.token, in.verifies = tokenChoice{}, false }, usual, []string{"sets up no service account"}, "Name and password"},
		{"semicolon", func(in *planInput) { in.token.semicolon = true }, usual, []string{"The password has a semicolon"}, "[note"},
		{"other publisher", func(in *planInput) { in.profile.MacOS.TeamID = "ABCDE12345" }, usual, []string{"signed by ABCDE12345 "}, "JUMPCLOUD INC"},
		{"upgrade", func(in *planInput) { in.agent = platform.AgentState{Installed: true, Version: "2.160.0"} }, usual, []string{"2.160.0"}, "[plan"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := mac()
			tc.change(&in)
			p := planOf(in)
			says(t, p, tc.ids, tc.want, append([]string{tc.not}, ofLinux...))
			for _, l := range p.Lines {
				if free := l.ID == "download" || l.ID == "verify-package" || l.ID == "full-disk-access"; l.Rights == free {
					t.Errorf("rights of %s: %v", l.ID, l.Rights)
				}
			}
		})
	}
}

func TestPlan_Windows(t *testing.T) {
	usual := []string{"download", "verify-package", "install-package", "wait"}
	in := input(fake.Windows11())
	says(t, planOf(in), usual, []string{
		"GET https://cdn02.jumpcloud.com/production/jcagent-msi-signed.msi", "WinVerifyTrust PACKAGE: O = *JumpCloud*", "with JumpCloud in its name", "Check who signed it",
		"UAC (ShellExecute runas)", `MsiInstallProduct(PACKAGE, JCINSTALLERARGUMENTS=\"-k KEY\" REBOOT=ReallySuppress)`, "ipconfig.exe /flushdns", "StartService jumpcloud-agent", `C:\\Program Files\\JumpCloud\\jumpcloud-agent.exe`,
		`CurrentVersion\\Uninstall: JumpCloud Agent`, "service jumpcloud-agent", "hands it to the Windows Installer", "SetThreadExecutionState", "sees this PC", `C:\\ProgramData\\enrollment-assistant`,
	}, append([]string{"/opt/jc", "/var/", "osascript", "Mac", "Prove"}, ofLinux...))
	in.profile.Windows.Signer = "Acme Packaging"
	in.fixes = []platform.Fix{platform.FixLeftovers}
	says(t, planOf(in), []string{"download", "verify-package", "fix-leftovers", "install-package", "wait"},
		[]string{"O = Acme Packaging", "by exactly Acme Packaging", `C:\\Program Files\\JumpCloud: removed`}, []string{"in its name", "/opt/jc"})
}

// says compares a plan's lines, what it says and what it does not.
func says(t *testing.T, p InstallPlan, wantIDs, want, not []string) {
	t.Helper()
	if !slices.Equal(ids(p), wantIDs) || p.Way != platform.WayPackage {
		t.Errorf("%s: lines %v, want %v", p.Way, ids(p), wantIDs)
	}
	all := text(t, p)
	for _, s := range want {
		if !strings.Contains(all, s) {
			t.Errorf("the plan lacks %q: %s", s, all)
		}
	}
	for _, s := range not {
		if strings.Contains(all, s) {
			t.Errorf("the plan says %q: %s", s, all)
		}
	}
	for _, l := range p.Lines {
		if l.Title == "" || l.Text == "" || len(l.Details) == 0 {
			t.Errorf("%+v", l)
		}
	}
}

// The plan that the command line shows, and the requirements, over whole computers.
func TestMakePlan_OtherSystems(t *testing.T) {
	for name, c := range map[string]*fake.Computer{"Mac": fake.MacOS15(), "PC": fake.Windows11()} {
		conf := Config{Host: c.Host()}
		p, err := MakePlan(t.Context(), conf, platform.RegionUS)
		if err != nil {
			t.Fatal(err)
		}
		said := []string{text(t, p)}
		for _, check := range CheckComputer(t.Context(), conf, platform.RegionUS, nil) {
			if check.Level != LevelOK && check.ID != CheckUser && check.ID != CheckMDM { // nobody has signed in
				t.Errorf("%s: %+v", name, check)
			}
			said = append(said, check.Title, check.Text)
		}
		all := strings.Join(said, " ")
		if !strings.Contains(all, "sees this "+name) || strings.Contains(all, "Linux") {
			t.Errorf("%s: %s", name, all)
		}
		if name == "PC" && !strings.Contains(all, "Windows 11") {
			t.Errorf("no name of the system: %s", all)
		}
	}
}

func TestPlan_Source(t *testing.T) {
	for _, tc := range []struct {
		profile Profile
		want    string
	}{
		{Profile{}, "There is no profile"},
		{Profile{Source: "/etc/p.json", Protected: true}, "/etc/p.json, which only administrators can change"},
		{Profile{Source: "/home/p.json"}, "/home/p.json."},
		{Profile{Source: "/home/p.json", Ignored: []string{"/ca", "/connectKey"}}, "these are ignored: /ca, /connectKey"},
	} {
		if platform.Sandbox && tc.profile.Source != "" {
			tc.want = tc.profile.Source + ". This is a test build"
		}
		if got := sourceText(tc.profile); !strings.Contains(got, tc.want) {
			t.Errorf("%q lacks %q", got, tc.want)
		}
	}
}

func TestMakePlan(t *testing.T) {
	computer := fake.Ubuntu2404()
	p, err := MakePlan(t.Context(), Config{Host: computer.Host()}, platform.RegionEU)
	if err != nil || !strings.Contains(text(t, p), "https://kickstart.eu.jumpcloud.com/Kickstart") {
		t.Errorf("%+v, %v", p, err)
	}
	if len(computer.Jobs()) != 0 {
		t.Error("a plan does nothing")
	}
}

func TestCheckComputer(t *testing.T) {
	computer := fake.Ubuntu2404()
	computer.Answers = map[string]platform.HostAnswer{"https://agent.in.jumpcloud.com": {Failure: platform.FailConnect}}
	last := map[string]Check{}
	checks := CheckComputer(t.Context(), Config{Host: computer.Host()}, platform.RegionIndia, func(c Check) { last[c.ID] = c })
	if c := check(t, checks, CheckHosts); c.Level != LevelBlock || !strings.Contains(c.Title, "agent.in.jumpcloud.com") {
		t.Errorf("%+v", c)
	}
	for _, c := range checks {
		if last[c.ID] != c {
			t.Errorf("told %+v, found %+v", last[c.ID], c)
		}
	}
	if got := CheckComputer(t.Context(), Config{Host: computer.Host()}, "", nil); check(t, got, CheckHosts).Level != LevelOK {
		t.Errorf("%+v", got)
	}
}

func TestLanguage(t *testing.T) {
	for _, tc := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"LANG": "de_AT.UTF-8"}, "de_AT.UTF-8"},
		{map[string]string{"LANG": "C", "LC_ALL": "fr_FR@euro"}, "fr_FR@euro"},
		{map[string]string{"LANG": "x; rm -rf /"}, ""},
		{map[string]string{}, ""},
	} {
		if got := language(func(name string) string { return tc.env[name] }); got != tc.want {
			t.Errorf("%v: %q", tc.env, got)
		}
	}
}
