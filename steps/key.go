package steps

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"unicode"

	"example.com/enrollment-assistant/platform"
)

// Key is a connect key that is well formed. Only the server makes it valid.
type Key struct {
	Value  platform.Secret // as it goes into the x-connect-key header
	Tenant bool            // the jcc_ form, which names its hosts
	// KickstartURL and PrivateKickstartURL are base URLs: those of a jcc_ payload, or of the pasted command; empty
	// for a bare key of 40 characters. The second is known of a jcc_ payload only.
	KickstartURL        string
	PrivateKickstartURL string
}

// The forms of a key. The vendor's own script asks for 40 characters or the pattern ^jcc_([0-9a-zA-Z+/]{4,}={0,3})$:
// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/install_agent_and_serviceaccount.sh
const (
	bareKeyLength = 40
	tenantPrefix  = "jcc_"
	maxPasted     = 16 << 10 // bytes; the User Portal's command has about 400
)

// keyError is why a text is no connect key. Its word is a part of the translations' keys ("problem.key.blank").
type keyError string

// The ways in which a text fails to be a key.
const (
	keyEmpty      keyError = "empty"
	keyBlank      keyError = "blank"      // white space inside
	keyLength     keyError = "length"     // not 40 characters
	keyCharacters keyError = "characters" // 40, but others than letters and digits
	keyPayload    keyError = "payload"    // what follows jcc_ cannot be read
	keyNoHeader   keyError = "no-header"  // a command without the key
	keyTwo        keyError = "two"        // a command with two keys or two addresses
	keyAddress    keyError = "address"    // the command's address is none that a key is sent to
	keyTooLong    keyError = "too-long"
)

// Error implements error.
func (e keyError) Error() string { return "connect key: " + string(e) }

// ParseConnectKey reads what a person has: a key of 40 characters, a jcc_ key, or the whole command of the User
// Portal, of which only the header's value and the host are read; nothing pasted is ever run. It is pure and offline;
// its error is a *Problem.
func ParseConnectKey(s string) (Key, error) {
	k, err := parseKey(s)
	if err != nil {
		return Key{}, malformed(err, s)
	}
	return k, nil
}

// malformed says what is wrong with a pasted text without repeating it.
func malformed(err error, s string) *Problem {
	var why keyError
	if !errors.As(err, &why) {
		why = keyPayload
	}
	n := len([]rune(trimPasted(s)))
	p := &Problem{Code: CodeKeyMalformed, Step: ConnectKey, Retry: true, Err: err, Link: LinkAgent}
	return p.say("problem.key."+string(why), "problem.key."+string(why)+".hint", "Count", n)
}

// trimPasted removes what copying adds at both ends: blanks, byte order marks, zero-width spaces.
func trimPasted(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' })
}

// parseKey tells a key from a command; its error is a keyError.
func parseKey(s string) (Key, error) {
	if len(s) > maxPasted {
		return Key{}, keyTooLong
	}
	s = trimPasted(s)
	if looksLikeCommand(s) {
		return parseCommand(s)
	}
	return parseValue(s)
}

// parseValue reads the value of the x-connect-key header.
func parseValue(s string) (Key, error) {
	switch {
	case s == "":
		return Key{}, keyEmpty
	case strings.ContainsFunc(s, unicode.IsSpace):
		return Key{}, keyBlank
	case strings.HasPrefix(s, tenantPrefix):
		return parseTenant(s)
	case len([]rune(s)) != bareKeyLength:
		return Key{}, keyLength
	case !isBare(s):
		return Key{}, keyCharacters
	}
	return Key{Value: platform.NewSecret(s)}, nil
}

// isBare tells a key of 40 letters and digits.
func isBare(s string) bool {
	return len(s) == bareKeyLength && !strings.ContainsFunc(s, func(r rune) bool { return !isAlphanumeric(r) })
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// parseTenant reads a jcc_ key. Its payload is data of somebody else: exactly three string fields, both addresses
// https, nothing in them but host and port.
func parseTenant(s string) (Key, error) {
	body := strings.TrimPrefix(s, tenantPrefix)
	digits := strings.TrimRight(body, "=")
	if len(digits) < 4 || len(body)-len(digits) > 3 {
		return Key{}, keyPayload
	}
	raw, err := base64.RawStdEncoding.DecodeString(digits)
	if err != nil {
		return Key{}, keyPayload
	}
	fields, err := stringFields(raw)
	public, private := fields["publicKickstartUrl"], fields["privateKickstartUrl"]
	if err != nil || len(fields) != 3 || public == "" || private == "" || !isBare(fields["connectKey"]) {
		return Key{}, keyPayload
	}
	k := Key{Value: platform.NewSecret(s), Tenant: true}
	if k.KickstartURL, err = baseURL(public); err != nil {
		return Key{}, keyPayload
	}
	if k.PrivateKickstartURL, err = baseURL(private); err != nil {
		return Key{}, keyPayload
	}
	return k, nil
}

// stringFields reads one flat JSON object of strings. A name that stands twice is refused: readers differ in which one
// they take, and the payload is handed on to another reader verbatim.
func stringFields(object []byte) (map[string]string, error) {
	bad := errors.New("not a flat object of strings")
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, bad
	}
	fields := make(map[string]string)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, bad
		}
		value, err := d.Token()
		if err != nil {
			return nil, bad
		}
		n, ok1 := name.(string)
		v, ok2 := value.(string)
		if _, twice := fields[n]; !ok1 || !ok2 || twice {
			return nil, bad
		}
		fields[n] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, bad
	}
	if _, err := d.Token(); err != io.EOF { //nolint:errorlint // a Decoder gives io.EOF itself
		return nil, bad
	}
	return fields, nil
}

// baseURL gives scheme, host and port of an https address that has nothing else; port 443 is left out.
func baseURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "", errors.New("parsing an address of the key") // the cause would repeat what was pasted
	case u.Scheme != "https", u.Hostname() == "", u.User != nil, u.Opaque != "":
		return "", errors.New("the key names an address that is not https and a host")
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return "", errors.New("the key names an address with more than a host")
	}
	host := strings.ToLower(u.Host)
	return "https://" + strings.TrimSuffix(strings.TrimSuffix(host, ":"), ":443"), nil
}

// vendorDomain is where the vendor's hosts lie, whatever the region.
const vendorDomain = "jumpcloud.com"

// CheckHosts tells whether every host that the key names is the vendor's or one of the profile's endpoints; a key
// decides who controls this computer. Its answer is nil, or a *Problem with CodeKeyForeign.
func (k Key) CheckHosts(endpoints *platform.Endpoints) *Problem {
	for _, base := range []string{k.KickstartURL, k.PrivateKickstartURL} {
		if base == "" || ownHost(base, endpoints) {
			continue
		}
		host := strings.TrimPrefix(base, "https://")
		p := &Problem{
			Code: CodeKeyForeign, Step: ConnectKey, Retry: true, Link: LinkAgent,
			Err: errors.New("the key names the host " + host),
		}
		return p.say("problem.key.foreign", "problem.key.foreign.hint", "Host", host)
	}
	return nil
}

// ownHost compares by whole labels, and by port: jumpcloud.com or below it on 443, or exactly one of the endpoints.
func ownHost(base string, endpoints *platform.Endpoints) bool {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if (u.Port() == "" || u.Port() == "443") && (host == vendorDomain || strings.HasSuffix(host, "."+vendorDomain)) {
		return true
	}
	if endpoints == nil {
		return false
	}
	for _, e := range basesOf(*endpoints) {
		if normal, err := baseURL(e); err == nil && normal == base {
			return true
		}
	}
	return false
}

// basesOf lists the base URLs of endpoints that are set.
func basesOf(e platform.Endpoints) []string {
	var all []string
	for _, base := range []string{e.Console, e.Kickstart, e.PrivateKickstart, e.Agent, e.Packages} {
		if base != "" {
			all = append(all, base)
		}
	}
	return all
}
