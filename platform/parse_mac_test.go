package platform

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// What macOS 13 to 26 answer. Where a tool's words were found in print, the place stands beside them.
const (
	// https://github.com/fleetdm/fleet/blob/main/orbit/pkg/profiles/profiles_darwin_test.go and
	// https://github.com/Mac-Nerd/Mac-scripts/blob/main/Mac-MDM-check.sh
	saidUnmanaged = "Enrolled via DEP: No\nMDM enrollment: No\n"
	saidManaged   = "Enrolled via DEP: Yes\nMDM enrollment: Yes (User Approved)\nMDM server: https://acme.jamfcloud.example/mdm/ServerURL\n"
	// profiles(1)
	saidToken   = "profiles: Bootstrap Token supported on server: YES\nprofiles: Bootstrap Token escrowed to server: YES\n"
	saidNoToken = "profiles: Bootstrap Token supported on server: NO\nprofiles: Bootstrap Token escrowed to server: NO\n"
	// https://github.com/aws/ec2-macos-init/blob/master/lib/ec2macosinit/usermanagement.go
	saidHolds   = "2026-09-23 10:10:38.619 sysadminctl[1053:11513] Secure token is ENABLED for user Nora Example\n"
	saidLacks   = "2026-09-23 09:41:40.102 sysadminctl[1290:12512] Secure token is DISABLED for user Sam Example\n"
	saidNoUser  = "2026-09-23 09:41:40.102 sysadminctl[1290:12512] Unknown user _jumpcloudserviceaccount\n"
	saidService = "2026-09-23 09:41:40.102 sysadminctl[1290:12512] Secure token is ENABLED for user JumpCloud\n"
	// https://apple.stackexchange.com/questions/404880
	saidCrypto = `Cryptographic users for disk3s1s1 (3 found)
|
+-- 2DB09770-999B-43FB-99AF-2B878E4FE971
|   Type: Local Open Directory User
|   Volume Owner: Yes
|
+-- EBC6C064-0000-11AA-AA11-00306543ECAC
|   Type: Personal Recovery User
|   Volume Owner: Yes
|
+-- 2457711A-523C-4604-B75A-F48A571D5036
    Type: MDM Bootstrap Token External Key
    Volume Owner: Yes
`
	saidUsers = "_amavisd                83\n_jumpcloudserviceaccount  499\n_mbsetupuser  248\ndaemon   1\nGuest  201\nnobody   -2\nnora     501\nroot     0\nsam   502\n_big 777\n"
	// pmset(1)
	saidPlugged = "Now drawing from 'AC Power'\n -InternalBattery-0 (id=4653155)\t83%; charging; 1:00 remaining present: true\n"
	saidBattery = "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t19%; discharging; 1:02 remaining present: true\n"
	saidDesktop = "Now drawing from 'AC Power'\n"
	// pkgutil(1). The package's name is not public; this one is made up.
	saidReceipt = "volume: /\npath: /opt/jc/bin/jumpcloud-agent\n\npkgid: com.example.old\npkg-version: 1.0\ninstall-time: 1600000000\nuid: 0\ngid: 0\nmode: 100755\n\n" +
		"pkgid: com.example.agent\npkg-version: 2.100.1\ninstall-time: 1750000000\nuid: 0\ngid: 0\nmode: 100755\n"
	saidNoReceipt = "volume: /\npath: /opt/jc/bin/jumpcloud-agent\n"
	// launchctl(1); parts have a tab more than the service.
	saidRunning = "system/com.jumpcloud.darwin-agent = {\n\tactive count = 1\n\tpath = /Library/LaunchDaemons/com.jumpcloud.darwin-agent.plist\n" +
		"\ttype = LaunchDaemon\n\tstate = running\n\n\tprogram = /opt/jc/bin/jumpcloud-agent\n\targuments = {\n\t\t/opt/jc/bin/jumpcloud-agent\n\t}\n\n" +
		"\tdefault environment = {\n\t\tPATH => /usr/bin:/bin:/usr/sbin:/sbin\n\t}\n\n\tdomain = system\n\tminimum runtime = 10\n\texit timeout = 5\n" +
		"\truns = 1\n\tpid = 4271\n\timmediate reason = speculative\n\tforks = 2\n\texecs = 1\n\tlast exit code = (never exited)\n\n" +
		"\tresource coalition = {\n\t\tID = 812\n\t\ttype = resource\n\t\tstate = active\n\t\tactive count = 1\n\t}\n\n\tproperties = keepalive | runatload\n}\n"
)

func TestParseEnrollment(t *testing.T) {
	for _, c := range []struct {
		what, text string
		want       MDM
	}{
		{"managed by Apple Business Manager", saidManaged, MDM{Yes, true, true, "acme.jamfcloud.example"}},
		{"approved by the person", "Enrolled via DEP: No\nMDM enrollment: Yes (User Approved)\nMDM server: https://emeia.jamfce.com/mdm/ServerURL\n", MDM{Yes, true, false, "emeia.jamfce.com"}},
		{"not approved", "Enrolled via DEP: No\nMDM enrollment: Yes\n", MDM{Enrolled: Yes}},
		{"not managed", saidUnmanaged, MDM{Enrolled: No}},
		{"a form of its own", "\nEnrolled via DEP: Yes\nMDM enrollment: Yes\nMDM server /  https://test.example.com\n", MDM{Enrolled: Yes, Automated: true}},
		{"an error", "profiles: this command requires root privileges\n", MDM{}},
		{"nothing", "", MDM{}},
	} {
		if got := parseEnrollment(c.text); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

func TestParseMacAnswers(t *testing.T) {
	for _, c := range []struct {
		what string
		got  Answer
		want Answer
	}{
		{"a bootstrap token", parseBootstrapToken(saidToken), Yes},
		{"no bootstrap token", parseBootstrapToken(saidNoToken), No},
		{"only for root", parseBootstrapToken("profiles: this command requires root privileges\n"), Unknown},
		{"FileVault on", parseFileVault("FileVault is On.\n"), Yes},
		{"FileVault off", parseFileVault("FileVault is Off.\n"), No},
		{"being encrypted", parseFileVault("FileVault is On.\nEncryption in progress: Percent completed = 35.42\n"), Yes},
		{"to come at the next sign-in", parseFileVault("FileVault is Off.\nDeferred enablement appears to be active for user 'nora'.\n"), No},
		{"to come at the next start", parseFileVault("FileVault is Off, but will be enabled after the next restart.\n"), No},
		{"no answer", parseFileVault("fdesetup: error\n"), Unknown},
		{"a token", parseTokenStatus(saidHolds).Token, Yes},
		{"no token", parseTokenStatus(saidLacks).Token, No},
		{"no account", parseTokenStatus(saidNoUser).Exists, No},
		{"an account", parseTokenStatus(saidLacks).Exists, Yes},
		{"other words", parseTokenStatus("sysadminctl: error").Exists, Unknown},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}

// Words that no parser knows say nothing: neither yes nor no. The translated ones are made up: the tools are asked
// in the C locale, and what they would say in another one is nowhere documented.
func TestParseMac_Unrecognised(t *testing.T) {
	for _, text := range []string{
		"", "\n", "\x00\xff\xfe", "<!DOCTYPE html><html><body>Yes</body></html>\n", "{\"error\": true}\n", "zsh: command not found\n", "Killed: 9\n",
		"Über DEP registriert: Ja\nMDM-Registrierung: Ja (vom Benutzer genehmigt)\n", "MDM enrollment: Ja (User Approved)\nEnrolled via DEP: Ja\n",
		"MDM enrollment: はい\n", "MDM enrollment:\n", "Bootstrap Token escrowed to server: JA\n", "Bootstrap Token escrowed to server: ДА\n",
		"FileVault ist aktiviert.\n", "FileVault est désactivé.\n", "FileVault はオンです。\n", "FileVault\n", " FileVault is Maybe.\n",
		"Sicheres Token ist AKTIVIERT für Benutzer nora\n", "Secure token is WORKING for user nora\n", "Unbekannter Benutzer nora\n",
		"Strom von: „Netzteil“\n -InternalBattery-0\t83 %; geladen\n", "Now drawing from 'Netzteil'\n", "Now drawing from \n",
		"Kryptografische Benutzer für disk3s1\n|\n+-- 2DB09770\n    Typ: Lokaler Benutzer\n", "nora; 2DB09770-999B-43FB-99AF-2B878E4FE971\n",
		"nora fünfhundert\n", "paket-id: com.example.agent\nversion: 1\n", "system/com.jumpcloud.darwin-agent = {\n\tZustand = läuft\n\tpid = 4\n}\n", "1 Tag 02:03\n",
	} {
		service, pid := parseLaunchctl(text)
		_, elapsed := parseElapsed(text)
		for what, zero := range map[string]bool{
			"enrollment": parseEnrollment(text).Enrolled == Unknown, "bootstrap token": parseBootstrapToken(text) == Unknown,
			"FileVault": parseFileVault(text) == Unknown, "FileVault users": parseFileVaultUsers(text) == nil,
			"token": parseTokenStatus(text) == ServiceAccount{}, "crypto users": parseCryptoUsers(text) == nil,
			"users": parseUsers(text) == nil, "power": !parsePmset(text).Known && !parsePmset(text).OnBattery,
			"receipt": parseFileInfo(text) == receipt{}, "service": service == Service{} && pid == 0, "elapsed": !elapsed,
			"profile access": parseProfileAccess(text) == Unknown, "signature": judgePKG(text, text, Trust{}) != nil,
		} {
			if !zero {
				t.Errorf("%s: %q is taken for an answer", what, text)
			}
		}
	}
}

// saidProxies is as scutil prints a dictionary: https://keith.github.io/xcode-man-pages/scutil.8.html
const (
	saidNoProxy = "<dictionary> {\n  ExceptionsList : <array> {\n    0 : *.local\n    1 : 169.254/16\n  }\n  FTPPassive : 1\n}\n"
	saidProxies = "<dictionary> {\n  ExceptionsList : <array> {\n    0 : *.local\n    1 : 169.254/16\n    2 : intranet.acme.example\n    3 : 10.0.0.0/8\n  }\n" +
		"  ExcludeSimpleHostnames : 1\n  HTTPEnable : 1\n  HTTPPort : 80\n  HTTPProxy : plain.acme.example\n  HTTPSEnable : 1\n  HTTPSPort : 8080\n" +
		"  HTTPSProxy : proxy.acme.example\n  ProxyAutoConfigEnable : 0\n  ProxyAutoConfigURLString : http://proxy.acme.example/old.pac\n}\n"
)

func TestParseProxies(t *testing.T) {
	with := func(from, to string) string { return strings.Replace(saidProxies, from, to, 1) }
	const except = ".local,10.0.0.0/8,intranet.acme.example"
	for _, c := range []struct {
		what, text string
		want       personProxy
	}{
		{"none", saidNoProxy, personProxy{}},
		{"one", saidProxies, personProxy{https: "http://proxy.acme.example:8080", except: except}},
		{"of version 6", with("HTTPSProxy : proxy.acme.example", "HTTPSProxy : 2001:db8::1"), personProxy{https: "http://[2001:db8::1]:8080", except: except}},
		{"switched off", with("HTTPSEnable : 1", "HTTPSEnable : 0"), personProxy{}},
		{"for plain HTTP alone", with("  HTTPSEnable : 1\n", ""), personProxy{}},
		{"without a port", with("HTTPSPort : 8080", "HTTPSPort : "), personProxy{}},
		{"no host", with("HTTPSProxy : proxy.acme.example", "HTTPSProxy : a b"), personProxy{}},
		{"a script", with("ProxyAutoConfigEnable : 0", "ProxyAutoConfigEnable : 1"), personProxy{https: "http://proxy.acme.example:8080", except: except, script: true}},
		{"nothing", "", personProxy{}},
		{"an error", "scutil: no value\n", personProxy{}},
	} {
		if got := parseProxies(c.text); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

func TestAdoptProxy(t *testing.T) {
	for _, c := range []struct{ own, no, wantOwn, wantNo string }{
		{"", "", "http://p:1", ".local"}, {"http://mine:2", "", "http://mine:2", ""}, {"", "b.example", "http://p:1", "b.example"},
	} {
		t.Setenv("https_proxy", "")
		t.Setenv("HTTPS_PROXY", c.own)
		t.Setenv("NO_PROXY", c.no)
		adoptProxy(personProxy{})
		adoptProxy(personProxy{https: "http://p:1", except: ".local"})
		if own, no := os.Getenv("HTTPS_PROXY"), os.Getenv("NO_PROXY"); own != c.wantOwn || no != c.wantNo {
			t.Errorf("%+v: %q, %q", c, own, no)
		}
	}
}

func TestParseMacLists(t *testing.T) {
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"who can unlock", parseFileVaultUsers("sam,2457711A-523C-4604-B75A-F48A571D5036\nnora,2DB09770-999B-43FB-99AF-2B878E4FE971\n"), []string{"nora", "sam"}},
		{"only for root", parseFileVaultUsers("fdesetup: You must be root, or the user\n"), nil},
		{"owners of the volume", parseCryptoUsers(saidCrypto), []string{"2DB09770-999B-43FB-99AF-2B878E4FE971"}},
		{"no owners", parseCryptoUsers("No cryptographic users for disk1s1\n"), nil},
		{"people", parseUsers(saidUsers), []string{"nora", "sam"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestParsePmset(t *testing.T) {
	for text, want := range map[string]Power{
		saidPlugged: {Known: true, Percent: 83}, saidBattery: {Known: true, OnBattery: true, Percent: 19}, saidDesktop: {Known: true},
		"Now drawing from 'UPS Power'\n -UPS A (id=1)\t64%; discharging; present: true\n": {Known: true, OnBattery: true, Percent: 64},
		"": {},
	} {
		if got := parsePmset(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestParseFileInfo(t *testing.T) {
	if got := parseFileInfo(saidReceipt); got != (receipt{"com.example.agent", "2.100.1"}) {
		t.Errorf("%+v", got)
	}
	if got := parseFileInfo(saidNoReceipt); got != (receipt{}) {
		t.Errorf("%+v", got)
	}
}

func TestParseLaunchctl(t *testing.T) {
	state := func(from, to string) string { return strings.Replace(saidRunning, from, to, 1) }
	gone := state("\tstate = running", "\tstate = not running")
	for _, c := range []struct {
		what, text string
		want       Service
		pid        int
	}{
		{"it runs", saidRunning, Service{Exists: true, Running: true, State: "running"}, 4271},
		{"it was started again", state("runs = 1", "runs = 4"), Service{Exists: true, Running: true, State: "running", Restarts: 3}, 4271},
		{"between two tries", strings.Replace(state("\tstate = running", "\tstate = spawn scheduled"), "\tpid = 4271\n", "", 1), Service{Exists: true, State: "spawn scheduled"}, 0},
		{"it ended well", strings.Replace(gone, "\tpid = 4271\n", "", 1), Service{Exists: true, State: "not running"}, 0},
		{"it ended badly", strings.Replace(strings.Replace(gone, "\tpid = 4271\n", "", 1), "(never exited)", "78: EX_CONFIG", 1),
			Service{Exists: true, State: "failed/not running, last exit code 78: EX_CONFIG"}, 0},
		{"launchd does not know it", "", Service{}, 0},
	} {
		if got, pid := parseLaunchctl(c.text); got != c.want || pid != c.pid {
			t.Errorf("%s: %+v, %d", c.what, got, pid)
		}
	}
}

func TestParseElapsed(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"      12:34\n": 12*time.Minute + 34*time.Second, "01:02:03": time.Hour + 2*time.Minute + 3*time.Second,
		"2-00:00:01": 48*time.Hour + time.Second, "00:00": 0,
	} {
		if got, ok := parseElapsed(text); !ok || got != want {
			t.Errorf("%q: %s, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "ELAPSED", "12", "1-2-3:4", "a:b", "1:2:3:4"} {
		if got, ok := parseElapsed(text); ok {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// TestParseInstaller reads lines in two languages: the words before the sentences are the same in all.
func TestParseInstaller(t *testing.T) {
	for line, want := range map[string]installerLine{
		"installer: Package name is JumpCloud Agent":      {text: "Package name is JumpCloud Agent"},
		"installer:PHASE:Writing files…":                  {text: "Writing files…", isPhase: true},
		"installer:PHASE:Dateien werden geschrieben …":    {text: "Dateien werden geschrieben …", isPhase: true},
		"installer:STATUS:":                               {},
		"installer:STATUS:Running installer actions…":     {text: "Running installer actions…", status: true},
		"installer:STATUS:Paketskripts werden ausgeführt": {text: "Paketskripts werden ausgeführt", status: true},
		"installer:%30.627893":                            {percent: 30.627893, isPercent: true},
		"installer:%100.000000":                           {percent: 100, isPercent: true},
		"installer:%12,5":                                 {},
		"installer: The install was successful.":          {text: "The install was successful."},
	} {
		if got := parseInstaller(line); got != want {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

// saidProfiles is what system_profiler -json tells of a profile with one payload.
func saidProfiles(payload string) string {
	return `{"SPConfigurationProfileDataType":[{"_name":"spconfigprofile_section_deviceconfigprofiles","_items":[{"_name":"jc-agent",` +
		`"spconfigprofile_profile_identifier":"com.jumpcloud.mdm.custom-policy","_items":[{"_name":"com.apple.TCC.configuration-profile-policy",` +
		`"spconfigprofile_payload_data":` + quoteJSON(payload) + `}]}]}]}`
}

// quoteJSON quotes a string.
func quoteJSON(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// saidGiven is the payload of the vendor's own profile as macOS prints it:
// https://github.com/TheJumpCloud/support, MDM/Custom Configuration Profiles/profiles/JumpCloud-Agent.mobileconfig
const saidGiven = `{
    PayloadVersion = 1;
    Services =     {
        Accessibility =         (
                        {
                Authorization = Allow;
                Identifier = "/opt/jc/bin/jumpcloud-agent";
                IdentifierType = path;
            }
        );
        SystemPolicyAllFiles =         (
                        {
                Authorization = Allow;
                CodeRequirement = "identifier \"jumpcloud-agent\" and anchor apple generic and certificate 1[field.1.2.840.113635.100.6.2.6] /* exists */ and certificate leaf[subject.OU] = N985MXSH85";
                Comment = "";
                Identifier = "/opt/jc/bin/jumpcloud-agent";
                IdentifierType = path;
            }
        );
    };
}`

func TestParseProfileAccess(t *testing.T) {
	with := func(from, to string) string { return saidProfiles(strings.ReplaceAll(saidGiven, from, to)) }
	for _, c := range []struct {
		what, text string
		want       Answer
	}{
		{"the vendor's profile", saidProfiles(saidGiven), Yes},
		{"by its signature alone", with(`Identifier = "/opt/jc/bin/jumpcloud-agent"`, `Identifier = "jumpcloud-agent"`), Yes},
		{"as before macOS 11", with("Authorization = Allow", "Allowed = 1"), Yes},
		{"a profile that denies it", with("Authorization = Allow", "Authorization = Deny"), No},
		{"both, of which the newer counts", with("Authorization = Allow", "Authorization = Deny;\nAllowed = 1"), No},
		{"denied as before macOS 11", with("Authorization = Allow", "Allowed = 0"), No},
		{"another program", with("jumpcloud-agent", "another-agent"), No},
		{"only the display", with("SystemPolicyAllFiles", "ScreenCapture"), No},
		{"another kind of payload", strings.Replace(saidProfiles(saidGiven), accessPayload, "com.apple.other", 1), No},
		{"a payload that is cut short", saidProfiles(saidGiven[:len(saidGiven)-40]), Unknown},
		{"without the outer braces", saidProfiles(strings.TrimSuffix(strings.TrimPrefix(saidGiven, "{"), "}")), Yes},
		{"no profiles", `{"SPConfigurationProfileDataType":[]}`, No},
		{"an error", "system_profiler: error", Unknown},
		{"nothing", "", Unknown},
	} {
		if got := parseProfileAccess(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// TestParseOldPlist: what is no such list is an error, never a panic and never for ever.
func TestParseOldPlist(t *testing.T) {
	for _, text := range []string{"{", "{a", "{a=", "{a=b", "{a=b;", "{a=(b", "{a=\"b", "{a=<00", "(a)", "{=b;}", "{a=b c;}", strings.Repeat("{a=", 100), strings.Repeat("(", 100)} {
		if m, err := parseOldPlist(text); err == nil {
			t.Errorf("%q: %v", text, m)
		}
	}
	m, err := parseOldPlist(`{ a = b; "c d" = ( e, <0fbd77>, { f = "g\"h"; } ); }`)
	if err != nil || m["a"] != "b" || len(m["c d"].([]any)) != 3 {
		t.Errorf("%v %v", m, err)
	}
}
