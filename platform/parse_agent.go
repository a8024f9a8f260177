package platform

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// This file holds parsers of what the vendor's agent writes, the same on every system.

// systemKeyPattern is how the vendor's own tools find the system's id:
// https://github.com/TheJumpCloud/MDM-Prestage-User-Enrollment
var systemKeyPattern = regexp.MustCompile(`"systemKey"\s*:\s*"([a-zA-Z0-9]{24})"`)

// parseSystemKey finds the system's id in jcagent.conf, "" when there is none yet.
func parseSystemKey(conf []byte) string {
	if m := systemKeyPattern.FindSubmatch(conf); m != nil {
		return string(m[1])
	}
	return ""
}

// serverPattern is the host that the agent reports to, in jcagent.conf.
var serverPattern = regexp.MustCompile(`"agentServerHost"\s*:\s*"([a-zA-Z0-9.-]{1,253})"`)

// parseServer finds that host, "" when there is none.
func parseServer(conf []byte) string {
	if m := serverPattern.FindSubmatch(conf); m != nil {
		return string(m[1])
	}
	return ""
}

// logTime is how the agent's log begins a line: 2026/11/23 09:52:45 [932] [INFO] poll ok. It is local time.
const logTime = "2006/01/02 15:04:05"

// logLine splits a line of the agent's log into its time and the rest.
func logLine(line string, zone *time.Location) (time.Time, string, bool) {
	line = strings.TrimSpace(line)
	if len(line) < len(logTime) {
		return time.Time{}, "", false
	}
	t, err := time.ParseInLocation(logTime, line[:len(logTime)], zone)
	if err != nil {
		return time.Time{}, "", false
	}
	return t, line[len(logTime):], true
}

// noContact matches what an agent logs when it does not reach the service. Its other errors are of policies, of
// updates, of anything.
var noContact = regexp.MustCompile(`(?i)\b(failed|unable) to (poll|connect|contact|reach)\b|\bcould not (poll|connect|contact|reach)\b`)

// parseContact gives the time of the log's last line that is not an error. Failing polls are logged as errors, so any
// other line shows that the agent works. lost tells that a later line says that the service was not reached.
func parseContact(log string, zone *time.Location) (last time.Time, lost bool) {
	for line := range strings.Lines(log) {
		t, rest, ok := logLine(line, zone)
		switch {
		case !ok:
		case !strings.Contains(rest, "[ERROR]"):
			last, lost = t, false
		case noContact.MatchString(rest):
			lost = true
		}
	}
	return last, lost
}

// refusal matches what an agent logs when the service does not take its key.
var refusal = regexp.MustCompile(`(?i)\brefused\b.*\b40[13]\b|\b(status=|error: |: )40[13]\b`)

// parseRefusal gives the last error line since a moment that says that the key was refused, "" when there is none.
func parseRefusal(log string, since time.Time, zone *time.Location) string {
	found := ""
	for _, line := range parseErrors(log, since, zone) {
		if refusal.MatchString(line) {
			found = line
		}
	}
	return found
}

// parseErrors gives the error lines since a moment, without their time.
func parseErrors(log string, since time.Time, zone *time.Location) []string {
	var found []string
	for line := range strings.Lines(log) {
		t, rest, ok := logLine(line, zone)
		// The log counts whole seconds.
		if ok && !t.Before(since.Truncate(time.Second)) && strings.Contains(rest, "[ERROR]") {
			found = append(found, strings.TrimSpace(rest))
		}
	}
	return found
}

// parseManagedUsers reads managedUsers.json: an array of names, or of objects that have one. What the vendor's agent
// writes is not public, so both are taken. At most 100 names are given.
func parseManagedUsers(b []byte) []string {
	var list []json.RawMessage
	if json.Unmarshal(b, &list) != nil {
		return nil
	}
	var names []string
	for _, raw := range list {
		var name string
		if json.Unmarshal(raw, &name) != nil {
			// encoding/json matches keys in any case, so this also takes userName.
			var o struct{ Username, Name string }
			if json.Unmarshal(raw, &o) != nil {
				continue
			}
			name = o.Username
			if name == "" {
				name = o.Name
			}
		}
		if name = printable(name); name != "" && len(names) < 100 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// compareVersions orders versions of packages as dpkg does: https://www.debian.org/doc/debian-policy/ch-controlfields.html#version
// It serves rpm's well enough: without a tilde both compare runs of digits and of letters in turn.
func compareVersions(a, b string) int {
	ea, ra := cutEpoch(a)
	eb, rb := cutEpoch(b)
	if c := compareRuns(ea, eb); c != 0 {
		return c
	}
	ua, da := cutLast(ra)
	ub, db := cutLast(rb)
	if c := compareRuns(ua, ub); c != 0 {
		return c
	}
	return compareRuns(da, db)
}

// cutEpoch splits "1:2.3" into "1" and "2.3".
func cutEpoch(v string) (epoch, rest string) {
	if e, r, ok := strings.Cut(v, ":"); ok {
		return e, r
	}
	return "0", v
}

// cutLast splits "2.3-1" into "2.3" and "1".
func cutLast(v string) (upstream, revision string) {
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return v[:i], v[i+1:]
	}
	return v, ""
}

// compareRuns compares runs of non-digits and runs of digits in turn.
func compareRuns(a, b string) int {
	for a != "" || b != "" {
		var ta, tb string
		ta, a = cutRun(a, false)
		tb, b = cutRun(b, false)
		if c := compareText(ta, tb); c != 0 {
			return c
		}
		ta, a = cutRun(a, true)
		tb, b = cutRun(b, true)
		ta, tb = strings.TrimLeft(ta, "0"), strings.TrimLeft(tb, "0")
		if len(ta) != len(tb) {
			return sign(len(ta) - len(tb))
		}
		if c := strings.Compare(ta, tb); c != 0 {
			return c
		}
	}
	return 0
}

// cutRun takes the leading run of digits, or of anything else, off s.
func cutRun(s string, digits bool) (run, rest string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9') == digits {
		i++
	}
	return s[:i], s[i:]
}

// compareText compares non-digits: a tilde sorts before the end, the end before letters, letters before all else.
func compareText(a, b string) int {
	rank := func(s string, i int) int {
		switch {
		case i >= len(s):
			return 0
		case s[i] == '~':
			return -1
		case s[i] >= 'a' && s[i] <= 'z', s[i] >= 'A' && s[i] <= 'Z':
			return int(s[i])
		default:
			return int(s[i]) + 256
		}
	}
	for i := 0; i < len(a) || i < len(b); i++ {
		if d := rank(a, i) - rank(b, i); d != 0 {
			return sign(d)
		}
	}
	return 0
}

// sign gives -1, 0 or 1.
func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	default:
		return 0
	}
}

// maxPrinted bounds one line of a program's output, in bytes.
const maxPrinted = 4 << 10

// printable removes what could fool a terminal or a window (control and format characters, such as escape sequences
// and right-to-left overrides) and bounds the length.
func printable(s string) string {
	if len(s) > maxPrinted {
		s = s[:maxPrinted]
	}
	s = escapes.ReplaceAllString(strings.ToValidUTF8(s, "?"), "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return -1
		default:
			return r
		}
	}, s))
}

// escapes are the control sequences of terminals that colour text or set a title.
var escapes = regexp.MustCompile(`\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?)`)
