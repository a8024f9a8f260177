package platform

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file holds parsers of what macOS' tools print. They touch nothing, so every system tests them. The tools are run
// in the C locale; of what is in the person's language all the same, nothing is read.

// fields reads lines of "key: value".
func fields(text string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			m[key] = strings.TrimSpace(value)
		}
	}
	return m
}

// yesNo reads an answer that begins with yes or no, in any case.
func yesNo(s string) Answer {
	switch word, _, _ := strings.Cut(strings.ToLower(s), " "); word {
	case "yes":
		return Yes
	case "no":
		return No
	default:
		return Unknown
	}
}

// parseEnrollment reads `profiles status -type enrollment`: profiles(1).
func parseEnrollment(text string) MDM {
	f := fields(text)
	m := MDM{Enrolled: yesNo(f["MDM enrollment"])}
	if m.Enrolled != Yes {
		return m
	}
	m.UserApproved = strings.Contains(f["MDM enrollment"], "User Approved")
	m.Automated = yesNo(f["Enrolled via DEP"]) == Yes
	if u, err := url.Parse(f["MDM server"]); err == nil {
		m.Server = printable(u.Hostname())
	}
	return m
}

// parseBootstrapToken reads `profiles status -type bootstraptoken`. Some versions want root for it, and say that
// instead.
func parseBootstrapToken(text string) Answer {
	return yesNo(fields(strings.ReplaceAll(text, "profiles: ", ""))["Bootstrap Token escrowed to server"])
}

// parseFileVault reads `fdesetup status`: fdesetup(8). While the disk is being encrypted it already says On, while it is
// being decrypted Off, and after either come lines about that.
func parseFileVault(text string) Answer {
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "FileVault is On"):
			return Yes
		case strings.HasPrefix(line, "FileVault is Off"):
			return No
		}
	}
	return Unknown
}

// parseFileVaultUsers reads `fdesetup list`: a name and a UUID a line.
func parseFileVaultUsers(text string) []string {
	var names []string
	for line := range strings.Lines(text) {
		name, id, ok := strings.Cut(strings.TrimSpace(line), ",")
		if ok && isUUID(id) && name != "" {
			names = append(names, printable(name))
		}
	}
	slices.Sort(names)
	return names
}

// isUUID tells whether s has the form of one.
func isUUID(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && strings.Trim(s, "0123456789ABCDEFabcdef-") == ""
}

// parseTokenStatus reads `sysadminctl -secureTokenStatus NAME`. It answers on stderr, ends with 0 for an account that
// does not exist, and names the account by its full name:
// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/verify_serviceaccount.sh
func parseTokenStatus(stderr string) ServiceAccount {
	switch {
	case strings.Contains(stderr, "Secure token is ENABLED for user"):
		return ServiceAccount{Exists: Yes, Token: Yes}
	case strings.Contains(stderr, "Secure token is DISABLED for user"):
		return ServiceAccount{Exists: Yes, Token: No}
	case strings.Contains(stderr, "Unknown user "):
		return ServiceAccount{Exists: No, Token: No}
	default:
		return ServiceAccount{}
	}
}

// parseCryptoUsers reads `diskutil apfs listUsers /`: who can unlock the volume, by the UUID of the account.
func parseCryptoUsers(text string) []string {
	var ids []string
	id := ""
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, "|+- ")
		switch word := strings.TrimSpace(line); {
		case isUUID(word):
			id = word
		case word == "Type: Local Open Directory User" && id != "":
			ids = append(ids, id)
		}
	}
	return ids
}

// firstPerson is the first number that macOS gives to people.
const firstPerson = 500

// parseUsers reads `dscl /Local/Default -list /Users UniqueID` and gives the accounts of people: services have numbers
// below, and a name that begins with an underscore.
func parseUsers(text string) []string {
	var names []string
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) != 2 || strings.HasPrefix(f[0], "_") {
			continue
		}
		if uid, err := strconv.Atoi(f[1]); err == nil && uid >= firstPerson {
			names = append(names, f[0])
		}
	}
	slices.Sort(names)
	return names
}

// parsePmset reads `pmset -g batt`: pmset(1). A Mac without a battery names the source alone.
func parsePmset(text string) Power {
	var p Power
	for line := range strings.Lines(text) {
		if _, source, ok := strings.Cut(line, "Now drawing from '"); ok {
			source, _, _ = strings.Cut(source, "'")
			p.OnBattery = source == "Battery Power" || source == "UPS Power"
			p.Known = p.OnBattery || source == "AC Power"
		}
		before, _, ok := strings.Cut(line, "%;")
		if !ok {
			continue
		}
		if n, err := strconv.Atoi(before[strings.LastIndexAny(before, "\t ")+1:]); err == nil {
			p.Percent = max(p.Percent, n)
		}
	}
	return p
}

// parseProxies reads `scutil --proxy`: scutil(8); the keys are those of
// https://developer.apple.com/documentation/systemconfiguration/network-proxy-keys. Lists and what lies in them are
// indented by more.
func parseProxies(text string) (p personProxy) {
	own, in := map[string]string{}, ""
	var except []string
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), " : ")
		switch {
		case !ok:
		case strings.HasPrefix(line, "    "):
			if in == "ExceptionsList" {
				except = append(except, value)
			}
		default:
			own[key], in = value, key
		}
	}
	p.script = own["ProxyAutoConfigEnable"] == "1"
	if port, err := strconv.ParseUint(own["HTTPSPort"], 10, 16); err == nil && own["HTTPSEnable"] == "1" {
		p.https = "http://" + net.JoinHostPort(own["HTTPSProxy"], strconv.FormatUint(port, 10))
	}
	if !isProxy(p.https) {
		p.https = ""
		return p
	}
	p.except = exceptions(except)
	return p
}

// receipt is the package that a file came with, as the package database knows it.
type receipt struct{ id, version string }

// parseFileInfo reads `pkgutil --file-info PATH`: after the path, a block for each package that installed it. The last
// one to do so counts.
func parseFileInfo(text string) receipt {
	var r, now receipt
	last := int64(-1)
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "pkgid":
			now = receipt{id: printable(value)}
		case "pkg-version":
			now.version = printable(value)
		case "install-time":
			if t, err := strconv.ParseInt(value, 10, 64); err == nil && t > last && now.id != "" {
				last, r = t, now
			}
		}
	}
	return r
}

// parseLaunchctl reads `launchctl print system/LABEL` and gives the service, and its process. The manual says that the
// output is no interface, so what is not understood leaves its field empty. Only lines with one tab are of the service
// itself; those with more are of its parts, which have states too.
func parseLaunchctl(text string) (s Service, pid int) {
	p := map[string]string{}
	for line := range strings.Lines(text) {
		own, ok := strings.CutPrefix(line, "\t")
		if !ok || strings.HasPrefix(own, "\t") {
			continue
		}
		if key, value, ok := strings.Cut(strings.TrimSpace(own), " = "); ok {
			p[key] = value
		}
	}
	if s.State = printable(p["state"]); s.State == "" {
		return s, 0
	}
	s.Exists = true
	pid, _ = strconv.Atoi(p["pid"])
	s.Running = s.State == "running" && pid > 0
	if runs, err := strconv.Atoi(p["runs"]); err == nil {
		s.Restarts = max(0, runs-1)
	}
	// "0", "3", "78: EX_CONFIG" or "(never exited)".
	code, _, _ := strings.Cut(p["last exit code"], ":")
	if n, err := strconv.Atoi(code); err == nil && n != 0 && s.State == "not running" || s.State == "spawn failed" {
		s.State = "failed/" + s.State + ", last exit code " + printable(p["last exit code"])
	}
	return s, pid
}

// parseElapsed reads `ps -o etime= -p PID`: [[days-]hours:]minutes:seconds.
func parseElapsed(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	days := 0
	if d, rest, ok := strings.Cut(text, "-"); ok {
		n, err := strconv.Atoi(d)
		if err != nil {
			return 0, false
		}
		days, text = n, rest
	}
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	seconds := 0
	for _, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return 0, false
		}
		seconds = 60*seconds + n
	}
	return time.Duration(24*60*60*days+seconds) * time.Second, true
}

// installerLine is one line of `installer -verboseR`: installer(8).
type installerLine struct {
	percent float64 // when isPercent
	text    string  // what a person may read
	status  bool    // what the installer does within a phase: it runs the package's own programs
	isPercent,
	isPhase bool
}

// parseInstaller reads one. The sentences are in the person's language; the words before them are not.
func parseInstaller(line string) installerLine {
	line = strings.TrimSpace(line)
	if number, ok := strings.CutPrefix(line, "installer:%"); ok {
		if n, err := strconv.ParseFloat(number, 64); err == nil && n >= 0 {
			return installerLine{percent: min(n, 100), isPercent: true}
		}
		return installerLine{}
	}
	if text, ok := strings.CutPrefix(line, "installer:STATUS:"); ok {
		return installerLine{text: text, status: text != ""}
	}
	if text, ok := strings.CutPrefix(line, "installer:PHASE:"); ok {
		return installerLine{text: text, isPhase: true}
	}
	return installerLine{text: strings.TrimPrefix(line, "installer: ")}
}
