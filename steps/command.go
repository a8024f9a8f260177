package steps

import (
	"net/url"
	"path"
	"strings"
)

// This file reads the command that the User Portal shows for Linux, as a person pastes it:
//
//	curl --tlsv1.2 --silent --show-error --header 'x-connect-key: KEY' https://kickstart.jumpcloud.com/Kickstart | sudo bash
//
// It is never run. Only the value of the header and the host of the address are taken from it.

// keyHeader carries the connect key.
const keyHeader = "x-connect-key"

// looksLikeCommand tells a pasted command, or a part of one, from a key.
func looksLikeCommand(s string) bool {
	if strings.Contains(strings.ToLower(s), keyHeader) {
		return true
	}
	for _, word := range strings.Fields(s) {
		if path.Base(word) == "curl" || strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") {
			return true
		}
	}
	return false
}

// parseCommand takes the key and the host out of a command.
func parseCommand(s string) (Key, error) {
	values, addresses := readCommand(shellWords(s))
	switch {
	case len(values) == 0:
		return Key{}, keyNoHeader
	case len(values) > 1, len(addresses) > 1:
		return Key{}, keyTwo
	}
	k, err := parseValue(values[0])
	if err != nil || len(addresses) == 0 {
		return k, err
	}
	base, err := kickstartBase(addresses[0])
	if err != nil {
		return Key{}, keyAddress
	}
	if k.Tenant && k.KickstartURL != base {
		return Key{}, keyTwo
	}
	k.KickstartURL = base
	return k, nil
}

// kickstartBase gives the base URL of the address of a Kickstart command.
func kickstartBase(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", keyAddress
	}
	if u.Path == "/Kickstart" {
		u.Path = ""
	}
	return baseURL(u.String())
}

// readCommand finds the values of the header and the addresses among the words of a command; each different one once.
func readCommand(words []string) (values, addresses []string) {
	for i, w := range words {
		name, value, found := strings.Cut(w, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		for _, flag := range []string{"--header=", "-h"} { // curl takes -H'name: value' in one word
			name = strings.TrimPrefix(name, flag)
		}
		switch {
		case found && name == keyHeader:
			if value == "" && i+1 < len(words) { // without quotes the value is the next word
				value = words[i+1]
			}
			values = appendNew(values, strings.TrimSpace(value))
		case strings.HasPrefix(w, "https://"), strings.HasPrefix(w, "http://"):
			addresses = appendNew(addresses, w)
		}
	}
	return values, addresses
}

func appendNew(list []string, s string) []string {
	for _, old := range list {
		if old == s {
			return list
		}
	}
	return append(list, s)
}

// shellWords splits a command as a POSIX shell does, as far as quotes and backslashes go, and ends at the first
// unquoted pipe, semicolon or ampersand. A quote that is not closed ends with the text.
func shellWords(s string) []string {
	var l lexer
	for _, r := range s {
		if l.take(r) {
			break
		}
	}
	l.end()
	return l.words
}

// lexer is where shellWords stands.
type lexer struct {
	words   []string
	word    strings.Builder
	inWord  bool
	quote   rune // that is open; 0 for none
	escaped bool // the rune before was a backslash
}

// take reads one rune; true ends the command.
func (l *lexer) take(r rune) (ended bool) {
	switch {
	case l.escaped:
		l.escaped = false
		if r != '\n' { // backslash and line end join two lines
			l.add(r)
		}
	case r == '\\' && l.quote != '\'':
		l.escaped = true
	case l.quote != 0 && r == l.quote:
		l.quote = 0
	case l.quote != 0:
		l.add(r)
	case r == '\'' || r == '"':
		l.quote, l.inWord = r, true
	case strings.ContainsRune("|;&", r):
		return true
	case strings.ContainsRune(" \t\r\n", r):
		l.end()
	default:
		l.add(r)
	}
	return false
}

func (l *lexer) add(r rune) {
	l.word.WriteRune(r)
	l.inWord = true
}

// end ends the word, if one was begun.
func (l *lexer) end() {
	if l.inWord {
		l.words = append(l.words, l.word.String())
	}
	l.word.Reset()
	l.inWord = false
}
