package steps

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// What must not come out of a report: values that it knows, and values that only their form gives away.
const (
	knownPassword = `Tr0ub4dor & "drei" ;straße`
	knownToken    = "9f2c4bd07a1e4c55-agent-token"
	ldapPassword  = "ldap#Bind/2026+x"
	unknownValue  = "Sw0rdfish-2026"
)

// redactionCase is a text in a log, what of it must be gone, and what a help desk still needs.
type redactionCase struct {
	what, text  string
	gone, stays []string
}

// redactionCases are texts as logs of the agent, of curl, of the installers and of this program have them.
func redactionCases() []redactionCase {
	pem := "-----BEGIN RSA PRIVATE KEY-----\n" + strings.Repeat("MIIEowIBAAKCAQEA+canary/Zm9v+YmFy/cGlu+a2V5/aGVsbG8+d29ybGQ/xx==\n", 4) + "-----END RSA PRIVATE KEY-----\n"
	half := len(knownToken) / 2
	key := func(text string, stays ...string) redactionCase {
		return redactionCase{text: text, gone: []string{goodKey, goodKey[:20], "jcc_", longKey[4:40]}, stays: stays}
	}
	value := func(text string, stays ...string) redactionCase {
		return redactionCase{text: text, gone: []string{unknownValue}, stays: stays}
	}
	known := func(form, text string, stays ...string) redactionCase {
		return redactionCase{text: text, gone: []string{form}, stays: stays}
	}
	named := func(c redactionCase, what string) redactionCase { c.what = what; return c }
	inJSON := func(s string) string { b, _ := json.Marshal(s); return string(b[1 : len(b)-1]) }
	b64 := base64.StdEncoding.EncodeToString
	return []redactionCase{
		// By form: keys.
		named(key("2026/11/23 09:52:45 [932] [INFO] using connect key "+goodKey+", service starts", "[INFO]", "service starts"), "a bare key"),
		named(key("payload "+longKey+" accepted", "payload", "accepted"), "a key of a tenant"),
		named(key("payload "+longKey[:60]+"\n"+longKey[60:]+"\nnext", "payload", "next"), "a key of a tenant on two lines"),
		named(key("curl --tlsv1.2 --header 'x-connect-key: "+goodKey+"' https://kickstart.jumpcloud.com/Kickstart | sudo bash", "curl --tlsv1.2"), "the command of the portal"),
		named(key("GET /k?connectKey="+url.QueryEscape(longKey)+" 401", "GET /k"), "a key in an address"),
		named(key(`msiexec.exe /i a.msi /quiet JCINSTALLERARGUMENTS="-k `+goodKey+` /VERYSILENT" exit 1603`, "msiexec.exe", "/VERYSILENT", "1603"), "arguments of the installer for Windows"),
		named(value("install.sh -k "+goodKey+" -u nora -p "+unknownValue+" -f", "install.sh", "-f"), "arguments of the installer for macOS"),
		named(redactionCase{text: `{"publicKickstartUrl":"https://kickstart.jumpcloud.com:443","connectKey":"` + goodKey + `"}`, gone: []string{goodKey}, stays: []string{"publicKickstartUrl", "kickstart.jumpcloud.com"}}, "agentBootstrap.json"),
		// By form: passwords, tokens, sessions.
		named(value(`{"systemKey":"64930a6d00466f31842811a1","systemToken":"`+unknownValue+`","local_ldap_bind_pwd":"`+unknownValue+`"}`, "64930a6d00466f31842811a1"), "jcagent.conf"),
		named(value("ldapBindPassword: "+unknownValue+"\nuri: ldaps://ldap.jumpcloud.com", "ldaps://ldap.jumpcloud.com"), "a password of LDAP in YAML"),
		named(value("proxy http://svc:"+unknownValue+"@proxy.acme.example:3128 answers 407", "proxy.acme.example:3128", "407"), "an address with user info"),
		named(value("> Authorization: Basic "+b64([]byte("nora:"+unknownValue))+"\n< HTTP/1.1 401", "Authorization", "401"), "an Authorization header"),
		named(value("sent Bearer "+unknownValue+" to the server", "to the server"), "a bearer's token elsewhere"),
		named(value(`{"password":"`+unknownValue+`","user":"kept"}`, `"user":"kept"`), "a password in JSON, and nothing else of it"),
		named(value("map[Authorization:[Bearer "+unknownValue+"] Accept:[*/*]]\nafter", "after"), "a header as Go prints it"),
		named(value(`Authorization: Signature keyId="system/64930a6d00466f31842811a1",signature="`+unknownValue+`"`, "Authorization"), "a signature of a device"),
		named(value("Set-Cookie: _jumpcloud_user_console_="+unknownValue+"; Path=/; HttpOnly\nnext", "next"), "a cookie of the portal"),
		named(value("jar has _jumpcloud_user_console_8443="+unknownValue+"; Secure", "jar has", "Secure"), "a cookie elsewhere"),
		named(value("curl -u nora:"+unknownValue+" -x proxy:3128 https://x", "curl", "proxy:3128"), "curl with a user"),
		named(value("dscl /Local/Default -authonly nora '"+unknownValue+"' gave eDSAuthFailed", "dscl", "eDSAuthFailed"), "a password for dscl"),
		named(value("<key>systemToken</key>\n<string>"+unknownValue+"</string>\n<key>version</key>", "<key>version</key>"), "a property list"),
		named(value(`<ldap password="`+unknownValue+`"/>`+"\n<next/>", "<next/>"), "an attribute of XML"),
		named(value(`{"body":"{\"password\":\"`+unknownValue+`\"}"}`, "body"), "JSON in JSON"),
		named(value("PASSWORD="+unknownValue+"\nTotpSecret = "+unknownValue, "PASSWORD"), "names in capital letters"),
		named(value("email=a&otp="+unknownValue+"&x=1\nnext", "next"), "a form"),
		// By form: private keys.
		named(redactionCase{text: "loading\n" + pem + "loaded", gone: []string{"MIIEowIB", "canary"}, stays: []string{"loading", "loaded"}}, "a private key over many lines"),
		named(redactionCase{text: "x " + inJSON(pem) + " y", gone: []string{"MIIEowIB", "canary"}, stays: []string{"x", "y"}}, "a private key in a string"),
		named(redactionCase{text: "before\n" + pem[:200], gone: []string{"MIIEowIB", "canary", "cGlu"}, stays: []string{"before"}}, "the beginning of a private key"),
		named(redactionCase{text: pem[200:] + "after", gone: []string{"canary", "cGlu"}, stays: []string{"after"}}, "the end of a private key"),
		// By value, in every form.
		named(known("Tr0ub4dor", "typed "+knownPassword+" twice", "typed", "twice"), "a password as it is"),
		named(known("Tr0ub4dor", `typed "`+inJSON(knownPassword)+`" twice`, "twice"), "a password escaped for JSON"),
		named(known("Tr0ub4dor", "?p="+url.QueryEscape(knownPassword)+"&next=1", "next=1"), "a password in an address"),
		named(known("Tr0ub4dor", "/p/"+url.PathEscape(knownPassword)+"/next", "next"), "a password in a path"),
		named(known("Tr0ub4dor", "<p>"+html.EscapeString(knownPassword)+"</p> next", "next"), "a password in HTML"),
		named(known(b64([]byte(knownToken))[:20], "blob "+b64([]byte(knownToken))+" next", "blob", "next"), "a token in base64"),
		named(known(b64([]byte("ab" + knownToken))[8:24], "blob "+b64([]byte("ab"+knownToken+"cd"))+" next", "blob", "next"), "a token within something in base64"),
		named(known(hex.EncodeToString([]byte(knownToken))[:20], "dump "+hex.EncodeToString([]byte(knownToken))+" next", "dump", "next"), "a token as digits"),
		named(known(strings.ToUpper(knownToken[:16]), "seen "+strings.ToUpper(knownToken)+" next", "seen", "next"), "a token in capital letters"),
		named(known(knownToken[half:], "seen "+knownToken[:half]+"\n   "+knownToken[half:]+" next", "seen", "next"), "a token on two lines"),
		named(known(knownToken[half:], "seen "+knownToken[:half]+"\x1b[0m\u200b"+knownToken[half:]+" next", "seen", "next"), "a token with a colour in it"),
		named(known(ldapPassword, "bind "+ldapPassword+" fails", "bind", "fails"), "a password that jcagent.conf holds"),
		named(known(knownToken, "wide "+knownToken+" next", "wide", "next"), "UTF-16"),
		// Names.
		named(known("nora", "session of nora on tty2, NORA's desktop", "session of", "on tty2"), "a user's name"),
		named(known("nora", "opening /home/nora.nguyen/.cache/x, C:\\Users\\nora.n\\AppData, /Users/nora/Library", "/.cache/x", "AppData", "/Library"), "home folders"),
		named(known("lee", "lists /home/lee/.cache/x and C:\\Users\\lee\\AppData", "/.cache/x", "AppData"), "home folders of others"),
		named(known("wong", "mail to lee.wong@acme.example failed; ?u=lee.wong%40acme.example", "failed"), "mail addresses of others"),
		named(known("nora-laptop", "host NORA-LAPTOP.corp.acme.example asks kickstart.jumpcloud.com", "kickstart.jumpcloud.com"), "the computer's name"),
		named(known("nora.nguyen", "mail to nora.nguyen@acme.example failed; ?u=nora.nguyen%40acme.example", "failed"), "mail addresses"),
		named(known("192.168.7.23", "dial from 192.168.7.23:50122 and [fe80::1c2d:3e4f%eth0]:443 at 09:52:45 with 2.166.2", "09:52:45", "2.166.2"), "addresses of networks"),
		named(known("3c:22:fb", "link 3c:22:fb:01:9a:0c is up; 3C-22-FB-01-9A-0C", "is up"), "addresses of hardware"),
		named(known("C02XK1ZGJGH5", "Serial Number: C02XK1ZGJGH5\n\"serialNumber\":\"C02XK1ZGJGH5\",\nmodel", "model"), "serial numbers"),
	}
}

// TestProve_Redaction writes each text into the agent's log, into this program's own logs and into the crash file, and
// looks for what must be gone in the report.
func TestProve_Redaction(t *testing.T) {
	tried, held := 0, 0
	t.Cleanup(func() { fmt.Printf("proof redaction tried=%d held=%d\n", tried, held) })
	for _, c := range redactionCases() {
		tried++
		ran := false
		ok := t.Run(c.what, func(t *testing.T) {
			ran = true
			c.hold(t)
		})
		if ok && ran {
			held++
		}
	}
}

// hold makes the report with the text in each place, one after the other.
func (c redactionCase) hold(t *testing.T) {
	cfg := config(t, fake.Ubuntu2404())
	cfg.Root = t.TempDir()
	cfg.Profile.ConnectKey = platform.NewSecret(goodKey)
	if strings.Contains(c.what, " key") { // by its form alone
		cfg.Profile.ConnectKey = platform.Secret{}
	}
	conf, err := json.Marshal(map[string]string{"systemToken": knownToken, "local_ldap_bind_pwd": ldapPassword, "systemKey": "64930a6d00466f31842811a1"})
	if err != nil {
		t.Fatal(err)
	}
	own, crash := filepath.Join(cfg.StateDir, "assistant.log"), filepath.Join(cfg.StateDir, "crash.txt")
	elevated := cfg.Root + platform.StateFolderOf("linux") + "/elevated.log"
	agent := platform.AgentLogs(cfg.Root)
	put(t, platform.AgentConfigs(cfg.Root)[0], conf)
	line, err := json.Marshal(map[string]string{"time": "2026-11-23T09:52:45Z", "level": "INFO", "msg": "output", "line": c.text})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string][]byte{own: append(line, '\n'), elevated: append(line, '\n'), crash: []byte(c.text), agent[0]: []byte(c.text), agent[1]: []byte(c.text)} {
		if c.what == "UTF-16" {
			text = wide(string(text))
		}
		put(t, path, text)
	}
	report := MakeReport(t.Context(), cfg, ReportInput{Log: own, Crash: crash, Secrets: []platform.Secret{platform.NewSecret(knownPassword)}})
	_, logs, found := strings.Cut(report, "\nLog, newest last\n")
	before, crashed, crashFound := strings.Cut(report, "\nWhat the window program said")
	crashed, _, _ = strings.Cut(crashed, "\n\n")
	if !found || !crashFound || strings.Contains(before, "output") {
		t.Fatalf("the parts are not there:\n%s", report)
	}
	for _, gone := range c.gone {
		if strings.Contains(strings.ToLower(logs+crashed), strings.ToLower(gone)) {
			t.Errorf("%q is in it:\n%s\n%s", gone, crashed, logs)
		}
	}
	for _, stays := range c.stays {
		// In our own log a line is one text, of which an unquoted value takes the rest.
		if n := strings.Count(logs+crashed, stays); n < 3 {
			t.Errorf("%q is there %d times:\n%s\n%s", stays, n, crashed, logs)
		}
	}
	for _, gone := range []string{knownToken, knownPassword, ldapPassword, unknownValue} {
		if strings.Contains(report, gone) {
			t.Errorf("%q is in the report", gone)
		}
	}
}

func put(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// wide is a text in UTF-16 with its mark of order, as PowerShell writes logs.
func wide(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}
