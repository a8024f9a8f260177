package platform

import (
	"os"
	"strings"
)

// Languages gives the languages that this person wants programs to speak, as BCP 47 tags, the dearest one first. What
// the environment says counts, which a terminal sets on every system, then what the person chose in the system's
// settings. There may be none.
func Languages() []string {
	if tags := environmentLanguages(os.Getenv); len(tags) > 0 {
		return tags
	}
	return settingsLanguages()
}

// environmentLanguages reads the variables that POSIX programs go by. The first of the three that is set is the
// locale; C and POSIX say nothing. The list in LANGUAGE goes before any other locale:
// https://www.gnu.org/software/gettext/manual/html_node/The-LANGUAGE-variable.html
func environmentLanguages(get func(string) string) []string {
	locale := get("LC_ALL")
	for _, name := range []string{"LC_MESSAGES", "LANG"} {
		if locale == "" {
			locale = get(name)
		}
	}
	first := languageTag(locale)
	if first == "" {
		return nil
	}
	var tags []string
	for name := range strings.SplitSeq(get("LANGUAGE"), ":") {
		if tag := languageTag(name); tag != "" {
			tags = append(tags, tag)
		}
	}
	return append(tags, first)
}

// languageTag is the BCP 47 tag of a locale such as de_AT.UTF-8@euro; "" of one that names no language.
func languageTag(locale string) string {
	tag, _, _ := strings.Cut(locale, ".")
	tag, _, _ = strings.Cut(tag, "@")
	if tag == "C" || tag == "POSIX" {
		return ""
	}
	return strings.ReplaceAll(tag, "_", "-")
}

// parseAppleLanguages reads the property list that macOS prints for its list of languages, one a line in brackets:
// names with a hyphen stand in quotes, and each but the last has a comma.
func parseAppleLanguages(text string) []string {
	var tags []string
	for line := range strings.Lines(text) {
		if tag := strings.Trim(line, " \t\r\n\"(),"); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}
