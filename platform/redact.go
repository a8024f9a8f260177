package platform

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// secrets lists what must not appear in what a program printed: the key in each form that it takes, and a proxy's
// password.
func (w *wireJob) secrets() []string {
	var list []string
	add := func(s string) {
		if len(s) >= 4 {
			list = append(list, s)
		}
	}
	add(w.Key)
	if w.Account != nil {
		add(w.Account.Password)
	}
	if m := tenantKey.FindStringSubmatch(w.Key); m != nil {
		add(m[1])
		if raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(m[1], "=")); err == nil {
			if p, err := parsePayload(raw); err == nil {
				add(p.ConnectKey)
			}
		}
	}
	if u, err := url.Parse(w.Proxy); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			add(password)
		}
		add(u.User.String())
	}
	return list
}

// redact replaces the secrets in a line.
func redact(line string, secrets []string) string { return HideValues(line, hidden, secrets...) }

// formMin is the least length in bytes of a secret that is looked for in base64, as digits and over line ends: of a
// shorter one that would be found in anything.
const formMin = 8

// HideValues puts mark in the place of each value in text, whatever the case of its letters and also where it was
// escaped for JSON, an address or HTML, written in base64 or as hexadecimal digits, or broken over lines. A value of
// less than four bytes stays: taking it out would take words apart.
func HideValues(text, mark string, values ...string) string {
	var found [][2]int
	plain, squeezed := lower(text), squeeze(text)
	for _, v := range values {
		if len(v) < 4 {
			continue
		}
		for _, form := range formsOf(v) {
			if found = append(found, findAll(plain, lower(form), nil)...); len(v) >= formMin {
				found = append(found, findAll(squeezed.text, squeeze(form).text, squeezed.at)...)
			}
		}
	}
	return replaceAll(text, mark, found)
}

// formsOf gives the forms that a value takes in logs.
func formsOf(v string) []string {
	quoted, _ := json.Marshal(v) // a string always marshals
	inJSON := string(quoted[1 : len(quoted)-1])
	twice, _ := json.Marshal(inJSON)
	ascii := strconv.QuoteToASCII(v)
	forms := []string{v, inJSON, string(twice[1 : len(twice)-1]), ascii[1 : len(ascii)-1], url.QueryEscape(v), url.PathEscape(v),
		html.EscapeString(v)}
	if len(v) < formMin {
		return forms
	}
	forms = append(forms, hex.EncodeToString([]byte(v)))
	// In a longer text in base64 the value begins at any of three places; what also depends on its neighbours is left out.
	for lead := range 3 {
		padded := append(make([]byte, lead), v...)
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			from, to := (lead*8+5)/6, len(padded)*8/6
			forms = append(forms, enc.EncodeToString(padded)[from:to])
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// squeezedText is a text in small letters without blanks and line ends, and where each of its bytes was.
type squeezedText struct {
	text string
	at   []int
}

func squeeze(s string) squeezedText {
	out := squeezedText{at: make([]int, 0, len(s))}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsSpace(r) {
			b = append(b, lower(s[i:i+size])...)
			for n := range size {
				out.at = append(out.at, i+n)
			}
		}
		i += size
	}
	out.text = string(b)
	return out
}

// lower makes the letters of ASCII small; no byte moves.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// findAll gives where each v begins and ends in text; at, where it is given, says where text's bytes were.
func findAll(text, v string, at []int) [][2]int {
	var found [][2]int
	for from := 0; v != ""; {
		i := strings.Index(text[from:], v)
		if i < 0 {
			break
		}
		begin, last := from+i, from+i+len(v)-1
		from = last + 1
		if at != nil {
			begin, last = at[begin], at[last]
		}
		found = append(found, [2]int{begin, last + 1})
	}
	return found
}

// replaceAll puts mark in the place of each part; parts may overlap.
func replaceAll(text, mark string, parts [][2]int) string {
	slices.SortFunc(parts, func(a, b [2]int) int { return a[0] - b[0] })
	var b strings.Builder
	end := 0
	for _, p := range parts {
		if p[0] >= end {
			b.WriteString(text[end:p[0]])
			b.WriteString(mark)
		}
		end = max(end, p[1])
	}
	b.WriteString(text[end:])
	return b.String()
}
