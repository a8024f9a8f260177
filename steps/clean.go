package steps

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/enrollment-assistant/platform"
)

// This file makes a text fit to be handed on: no secret by value or by structure, and nothing that a terminal or a
// reader would take for more than text. What is taken out is replaced, so that a reader sees that something was there.

// hidden stands for what was taken out.
const hidden = "[secret]"

// secretNames are names whose values are secrets, wherever they stand. Some are so also at the end of a longer name,
// such as ldapBindPassword.
const secretNames = `(?:[a-z][0-9a-z_-]*[_-]?)?(?:pass(?:word|phrase|wd)|secret|token|cookie|api_?key|session)|pass|[0-9a-z_]*pwd|pin|otp|totp|` +
	`authorization|x-connect-key|connect_?key|x-api-key|x-xsrftoken|xsrf`

// The forms in which secrets appear in logs. Each takes rather too much than too little.
var (
	privateKeys = regexp.MustCompile(`(?s)-----BEGIN[^-]*PRIVATE KEY-----.*?(?:-----END[^-]*PRIVATE KEY-----|$)`)
	// A log that begins within one has its end only.
	keyEnds     = regexp.MustCompile(`[0-9A-Za-z+/=\s\\]*-----END[^-]*PRIVATE KEY-----`)
	userInfo    = regexp.MustCompile(`://[^/\s"']+@`)
	sessions    = regexp.MustCompile(`(?i)_jumpcloud_[0-9a-z_]*=[^;\s"]*`)
	jsonValues  = regexp.MustCompile(`(?i)"(` + secretNames + `)"(\s*:\s*)"(?:\\.|[^"\\])*"`)
	xmlValues   = regexp.MustCompile(`(?i)(<(?:key>\s*)?(?:` + secretNames + `)(?:\s*</key)?>\s*(?:<string>)?)[^<\n]+`)
	otherValues = regexp.MustCompile(`(?i)\b(` + secretNames + `)(?:\\*["'])?\s*[:=]\s*`)
	// Arguments of curl, dscl, sysadminctl and of the vendor's installers, -k KEY and -p PASSWORD among them.
	arguments = regexp.MustCompile(`(?i)((?:^|[\s"'\x60])(?:-[ukp]|-{1,2}(?:user|proxy-user|` + secretNames + `)|-authonly\s+\S+)\s+\\?)` +
		`(?:"[^"\n]*"|'[^'\n]*'|[^\s"'\\]+)`)
	credentials = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[0-9a-z+/=._~-]{8,}`)
	// A long key may be broken over lines.
	tenantKeys = regexp.MustCompile(`jcc_[0-9A-Za-z+/=%\\_-]*(?:\s*\n\s*[0-9A-Za-z+/=%]{16,})*`)
	longWords  = regexp.MustCompile(`[0-9A-Za-z]{40,}`)
	hashes     = regexp.MustCompile(`^[0-9a-f]{64}$`)
	escapes    = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[ -/]*[0-~])")
)

// secretName is a whole name that is one of secretNames.
var secretName = regexp.MustCompile(`(?i)^(?:` + secretNames + `)$`)

// notSecret are names that end like one of secretNames and whose values say nothing.
var notSecret = regexp.MustCompile(`(?i)^(?:has|holds|no)?[_-]?secure[_-]?token$`)

// Redact makes a text fit to be handed on: it takes out what is no text, the secrets given in all the forms that they
// take, and whatever looks like a secret. Line ends and tabs stay.
func Redact(text string, known ...platform.Secret) string {
	s := plain(text) // first: a character that hides inside a secret would hide the secret
	values := make([]string, len(known))
	for i, k := range known {
		values[i] = k.Reveal()
	}
	s = platform.HideValues(s, hidden, values...)
	s = privateKeys.ReplaceAllString(s, hidden)
	s = keyEnds.ReplaceAllString(s, "\n"+hidden)
	s = jsonValues.ReplaceAllString(s, `"$1"$2"`+hidden+`"`)
	s = xmlValues.ReplaceAllString(s, "${1}"+hidden)
	s = arguments.ReplaceAllString(s, "${1}"+hidden)
	s = hideValues(s)
	s = userInfo.ReplaceAllString(s, "://"+hidden+"@")
	s = sessions.ReplaceAllString(s, hidden)
	s = credentials.ReplaceAllString(s, "$1 "+hidden)
	s = tenantKeys.ReplaceAllString(s, hidden)
	return longWords.ReplaceAllStringFunc(s, func(w string) string {
		if hashes.MatchString(w) { // SHA-256 of an installer; a key of that length does not exist
			return w
		}
		return hidden
	})
}

// hideValues takes out what follows a name of secretNames, to the end of the line: where a value without quotes ends is
// not known.
func hideValues(s string) string {
	var b strings.Builder
	for {
		at := otherValues.FindStringSubmatchIndex(s)
		if at == nil {
			b.WriteString(s)
			return b.String()
		}
		name := s[at[2]:at[3]]
		b.WriteString(s[:at[1]])
		s = s[at[1]:]
		if notSecret.MatchString(name) {
			continue
		}
		value := strings.IndexByte(s+"\n", '\n')
		gone := hidden
		for _, taken := range []string{`"` + hidden + `"`, hidden} { // an earlier rule took the value alone
			if strings.HasPrefix(s, taken) {
				value, gone = len(taken), taken
				break
			}
		}
		b.WriteString(gone)
		s = s[value:]
	}
}

// plain takes out what is no text: escape sequences, control characters, what reorders or hides letters. Line ends and
// tabs stay.
func plain(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	s = escapes.ReplaceAllString(s, "")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, s)
}

// inLine is a value on a line of its own: it can neither begin another line nor be longer than people read.
func inLine(s string) string {
	s = strings.Join(strings.Fields(plain(s)), " ")
	const longest = 2000
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
