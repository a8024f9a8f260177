package platform

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
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
			add(url.QueryEscape(password))
		}
		add(u.User.String())
	}
	// A secret that holds another is removed whole.
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// redact replaces the secrets in a line.
func redact(line string, secrets []string) string {
	for _, s := range secrets {
		line = strings.ReplaceAll(line, s, hidden)
	}
	return line
}
