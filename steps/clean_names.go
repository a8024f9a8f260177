package steps

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands for the name of a person or a computer that was taken out of a log.
const (
	hiddenName    = "[name]"
	hiddenMail    = "[email]"
	hiddenAddress = "[address]"
	hiddenSerial  = "[serial]"
)

// The forms in which persons and computers are named in logs. A folder below the one of all homes is named after its
// owner on Linux, macOS and Windows.
var (
	mails     = regexp.MustCompile(`(?i)[\pL\pN._%+-]+(?:@|%40)[\pL\pN-]+(?:\.[\pL\pN-]+)+`)
	homes     = regexp.MustCompile(`(?i)((?:/home|/Users|[a-z]:[\\/]+Users)[\\/]+)([^\\/\s"':;,]+)`)
	hardware  = regexp.MustCompile(`(?i)\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b`)
	serials   = regexp.MustCompile(`(?i)\b((?:serial|asset)(?:[ _-]?(?:no|nr|number|tag))?|(?:machine|hardware|product)[ _-]?(?:id|uuid))(\.?\\*["']?\s*[:=]\s*\\*["']?)[^\s"',;\\]+`)
	addresses = regexp.MustCompile(`\[?[0-9A-Fa-f:]*[.:][0-9A-Fa-f:.]*[0-9A-Fa-f:](?:%[0-9A-Za-z.]+)?(?:\]:[0-9]+)?`)
)

// nobody are names that every computer has, or whose words stand for themselves.
var nobody = []string{"root", "admin", "administrator", "administrators", "user", "users", "localhost", "nobody", "system", "shared", "public"}

// HideNames takes out of a text who and which computer it is about: the names given, as whole words in any case, and what
// looks like a mail address, a home folder, a serial number, or an address in a network. Names of servers stay.
func HideNames(text string, names ...string) string {
	s := mails.ReplaceAllString(text, hiddenMail)
	s = homes.ReplaceAllStringFunc(s, func(found string) string {
		m := homes.FindStringSubmatch(found)
		if slices.Contains(nobody, strings.ToLower(m[2])) {
			return found
		}
		return m[1] + hiddenName
	})
	s = serials.ReplaceAllString(s, "${1}${2}"+hiddenSerial)
	s = hardware.ReplaceAllString(s, hiddenAddress)
	s = addresses.ReplaceAllStringFunc(s, hideAddress)
	for _, name := range names {
		name, _, _ = strings.Cut(name, ".") // of a computer: its own part of a longer name
		_, person, of := strings.Cut(name, `\`)
		if of { // of a domain
			name = person
		}
		if utf8.RuneCountInString(name) < 2 || slices.Contains(nobody, strings.ToLower(name)) {
			continue
		}
		s = hideWord(s, name)
	}
	return s
}

// hideAddress hides an address that is not this computer's to itself. A version or a time is none.
func hideAddress(found string) string {
	end := strings.TrimRight(found, ".:")
	address, err := netip.ParseAddr(end)
	if port, portErr := netip.ParseAddrPort(end); err != nil && portErr == nil {
		address, err = port.Addr(), nil
	}
	if err != nil || address.IsLoopback() || address.IsUnspecified() {
		return found
	}
	return hiddenAddress + found[len(end):]
}

// hideWord hides a name where no letter or digit is before or behind it.
func hideWord(s, name string) string {
	word := regexp.MustCompile(`(?i)` + regexp.QuoteMeta(name))
	var parts []string
	end := 0
	for _, at := range word.FindAllStringIndex(s, -1) {
		before, _ := utf8.DecodeLastRuneInString(s[:at[0]])
		behind, _ := utf8.DecodeRuneInString(s[at[1]:])
		if letter(before) || letter(behind) {
			continue
		}
		parts = append(parts, s[end:at[0]], hiddenName)
		end = at[1]
	}
	return strings.Join(append(parts, s[end:]), "")
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
