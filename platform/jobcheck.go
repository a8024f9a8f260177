package platform

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// A job comes from a process that anyone may have started, so the elevated side believes nothing in it. This file
// holds what it checks; all of it is pure.

// vendorDomain is the domain of the vendor's hosts.
const vendorDomain = "jumpcloud.com"

// plainKey is the form of connect keys that name no hosts: the vendor's own script checks the length alone, so any
// visible characters are taken; the service judges them.
var plainKey = regexp.MustCompile(`^[!-~]{40}$`)

// tenantKey is the form that does, as the vendor's own script has it:
// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/install_agent_and_serviceaccount.sh
var tenantKey = regexp.MustCompile(`^jcc_([0-9a-zA-Z+/]{4,}={0,3})$`)

// maxKey bounds a connect key, in bytes; real ones have 240.
const maxKey = 4096

var (
	hexSum       = regexp.MustCompile(`^[0-9a-f]{64}$`)
	languageName = regexp.MustCompile(`^[A-Za-z0-9_.@-]{0,40}$`)
)

// payload is what a tenant key holds.
type payload struct {
	PublicKickstartURL  string `json:"publicKickstartUrl"`
	PrivateKickstartURL string `json:"privateKickstartUrl"`
	ConnectKey          string `json:"connectKey"`
}

// checkForm refuses a job that is not well formed. It looks at no host.
func (w *wireJob) checkForm() error {
	if w == nil {
		return malformed("there is no job")
	}
	if err := w.checkCarried(); err != nil {
		return err
	}
	switch w.Verb {
	case VerbWatch:
		if w.Account != nil || w.Way != "" || w.Key != "" || w.Package != nil || len(w.Fixes) > 0 {
			return malformed("watching needs no key and no package, and changes nothing")
		}
		return nil
	case VerbInstall:
		return w.checkInstall()
	default:
		return malformed("the verb is unknown")
	}
}

// checkInstall refuses an install that is not well formed.
func (w *wireJob) checkInstall() error {
	switch w.Way {
	case WayScript:
		if w.Package != nil {
			return malformed("a script needs no package")
		}
		if w.Account != nil {
			return malformed("a script needs no account")
		}
	case WayPackage:
		if err := w.Package.check(); err != nil {
			return malformed(err.Error())
		}
		if err := w.Account.check(); err != nil {
			return malformed(err.Error())
		}
	default:
		return malformed("the way is unknown")
	}
	for i, f := range w.Fixes {
		if !slices.Contains(allFixes, f) || slices.Contains(w.Fixes[:i], f) {
			return malformed("a fix is unknown, or there twice")
		}
	}
	if len(w.Key) > maxKey || !plainKey.MatchString(w.Key) && !tenantKey.MatchString(w.Key) {
		return malformed("the key is not a connect key")
	}
	return nil
}

// checkCarried refuses what ends up in an environment or a path and cannot be there.
func (w *wireJob) checkCarried() error {
	switch {
	case !languageName.MatchString(w.Language):
		return malformed("the language is not one")
	case w.Proxy != "" && !isProxy(w.Proxy):
		return malformed("the proxy is not one")
	case strings.ContainsAny(w.NoProxy+w.Profile+w.Root, "\x00\n\r"):
		return malformed("a field has a line break")
	case w.Root != "" && (!filepath.IsAbs(w.Root) || filepath.Clean(w.Root) != w.Root):
		return malformed("the root is not an absolute path")
	default:
		return nil
	}
}

// malformed is a job that is not well formed.
func malformed(what string) error { return &JobError{JobMalformed, PhaseConsent, what} }

// check refuses a package that cannot be one.
func (p *wirePackage) check() error {
	switch {
	case p == nil:
		return errors.New("there is no package")
	case p.Size <= 0 || p.Size > MaxPackage:
		return errors.New("the package's size is not possible")
	case !hexSum.MatchString(p.SHA256):
		return errors.New("the package's hash is not one")
	case len(p.Signature) > MaxSignature:
		return errors.New("the package's signature is too long")
	default:
		return nil
	}
}

// maxCredential bounds the name and the password of an account, in bytes.
const maxCredential = 1024

// check refuses an account that the one line which the vendor's installer reads cannot hold: the first semicolon ends
// the name and a line break the password; =skip is its word for no account.
func (a *wireAccount) check() error {
	switch {
	case a == nil:
		return nil
	case a.Name == "" || len(a.Name) > maxCredential || strings.ContainsAny(a.Name, ";/\x00\r\n") || strings.ContainsAny(a.Name[:1], "=-"):
		return errors.New("the account's name is not one")
	case a.Password == "" || len(a.Password) > maxCredential || strings.ContainsAny(a.Password, "\x00\r\n"):
		return errors.New("the account's password cannot be handed on")
	default:
		return nil
	}
}

// isProxy tells whether s is the address of a proxy.
func isProxy(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(s, " \"'\n\r\t\\") {
		return false
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return true
	default:
		return false
	}
}

// checkHosts refuses a job that names a host which neither the built-in list nor the protected profile has.
func (w *wireJob) checkHosts(t Trust) error {
	bad := func(err error) error { return &JobError{JobUntrusted, PhaseConsent, err.Error()} }
	if w.Verb != VerbInstall {
		return nil
	}
	trusted := func(u *url.URL) bool { return t.allows(u) || builtIn(u) }
	if err := checkBase(w.KickstartURL, trusted); err != nil {
		return bad(fmt.Errorf("checking the kickstart address: %w", err))
	}
	if w.PrivateKickstartURL != "" || w.Way == WayPackage && !tenantKey.MatchString(w.Key) {
		if err := checkBase(w.PrivateKickstartURL, trusted); err != nil {
			return bad(fmt.Errorf("checking the private kickstart address: %w", err))
		}
	}
	if tenantKey.MatchString(w.Key) {
		if _, err := checkPayload(w.Key, t); err != nil {
			return bad(fmt.Errorf("checking the key's payload: %w", err))
		}
	}
	if w.Package == nil {
		return nil
	}
	if err := t.CheckProof(runtime.GOOS); err != nil {
		return err
	}
	if t.SHA256 != "" && !strings.EqualFold(t.SHA256, w.Package.SHA256) {
		return refuse(JobPinned, "the package is not the one that the profile pins")
	}
	return nil
}

// checkPayload decodes a tenant key and refuses a payload with other than its three fields, or with hosts that are
// neither the vendor's nor the profile's. It gives the payload's bytes, which are what an installer is given.
func checkPayload(key string, t Trust) ([]byte, error) {
	m := tenantKey.FindStringSubmatch(key)
	if m == nil {
		return nil, errors.New("it is not a key of that form")
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(m[1], "="))
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	p, err := parsePayload(raw)
	if err != nil {
		return nil, err
	}
	vendors := func(u *url.URL) bool { return t.allows(u) || belowVendor(u) }
	for _, address := range []string{p.PublicKickstartURL, p.PrivateKickstartURL} {
		if err := checkBase(address, vendors); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// parsePayload reads the payload. encoding/json takes keys in any case and the last of two equal ones, and another
// reader may not: so each of the three must be there once, spelled exactly.
func parsePayload(raw []byte) (payload, error) {
	var p payload
	fields := map[string]*string{
		"publicKickstartUrl": &p.PublicKickstartURL, "privateKickstartUrl": &p.PrivateKickstartURL, "connectKey": &p.ConnectKey,
	}
	wrong := errors.New("it is not an object with exactly the three fields")
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return payload{}, wrong
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return payload{}, wrong
		}
		key, _ := name.(string)
		field, known := fields[key]
		if !known {
			return payload{}, wrong
		}
		value, err := d.Token()
		text, isText := value.(string)
		if err != nil || !isText {
			return payload{}, wrong
		}
		*field = text
		delete(fields, key)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') || len(fields) > 0 {
		return payload{}, wrong
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return payload{}, wrong
	}
	if !plainKey.MatchString(p.ConnectKey) {
		return payload{}, errors.New("its key is not a connect key")
	}
	return p, nil
}
