package steps

import (
	"encoding/base64"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
)

// longKey is a key of the long form with a canary in it.
var longKey = tenantPrefix + base64.StdEncoding.EncodeToString([]byte(`{"connectKey":"`+goodKey+`"}++??//`))

func TestRedact(t *testing.T) {
	pem := "-----BEGIN RSA PRIVATE KEY-----\nMIIEcanary\n-----END RSA PRIVATE KEY-----"
	known := []platform.Secret{platform.NewSecret("hunter;canary"), {}, platform.NewSecret("abc")}
	for _, tc := range []struct{ name, text, want string }{
		{"bare key", "key " + goodKey + ".", "key [secret]."},
		{"key inside a word", "x" + goodKey + "y", "[secret]"},
		{"tenant key", "curl -H 'x-connect-key: " + longKey + "'", "curl -H 'x-connect-key: [secret]"},
		{"tenant key alone", "got " + longKey + " here", "got [secret] here"},
		{"tenant key in an address", "?k=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(longKey), "?k=[secret]"},
		{"by value", "typed hunter;canary twice: hunter;canary", "typed [secret] twice: [secret]"},
		{"JSON", `{"password":"canary","user":"nora"}`, `{"password":"[secret]","user":"nora"}`},
		{"JSON with quotes", `{"password":"can\"ary","otp": "1"}`, `{"password":"[secret]","otp": "[secret]"}`},
		{"JSON in a string", `{"body":"{\"password\":\"can\\\"ary\"}"}`, `{"body":"{\"password\":[secret]`},
		{"form", "email=a&password=canary&x=y\nnext", "email=a&password=[secret]\nnext"},
		{"cookie header", "Cookie: a=canary; b=canary", "Cookie: [secret]"},
		{"cookie after JSON", `"token":"canary" Set-Cookie: a=canary`, `"token":"[secret]" Set-Cookie: [secret]`},
		{"session cookie", "jar _jumpcloud_user_console_8443=canary; Path=/", "jar [secret]; Path=/"},
		{"address with a password", "proxy http://nora:canary@proxy:3128", "proxy http://[secret]@proxy:3128"},
		{"bearer", "sent Bearer canary.canary-canary", "sent Bearer [secret]"},
		{"agent's file", `"systemToken":"canary","local_ldap_bind_pwd":"canary"`, `"systemToken":"[secret]","local_ldap_bind_pwd":"[secret]"`},
		{"private key", "a\n" + pem + "\nb", "a\n[secret]\nb"},
		{"cut private key", "a\n-----BEGIN PRIVATE KEY-----\nMIIEcanary", "a\n[secret]"},
		{"hidden before", `token=[secret] then password=canary`, `token=[secret] then password=[secret]`},
		{"a hash stays", "sha256 " + strings.Repeat("0a", 32), "sha256 " + strings.Repeat("0a", 32)},
		{"words stay", "step secure-token: the password is wrong; SecureToken: yes", ""},
		{"system key stays", "systemKey=64930a6d00466f31842811a1", "systemKey=64930a6d00466f31842811a1"},
	} {
		got := Redact(tc.text, known...)
		if tc.want != "" && got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		if strings.Contains(strings.ToLower(got), "canary") {
			t.Errorf("%s: %q", tc.name, got)
		}
		if again := Redact(got, known...); again != got {
			t.Errorf("%s: not the same again: %q", tc.name, again)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"a\x1b[31mred\x1b[0m b", "ared b"},
		{"\x1b]0;title\x07a\x1b]8;;https://evil\x1b\\link", "alink"},
		{"a\r\nb\rc\x00\x07\x08\x7f\u0085d", "a\nb\ncd"},
		{"\u202ereversed\u2066\u200b\ufeff", "reversed"},
		{"bad \xff\xfe bytes", "bad \uFFFD bytes"},
		{"line\u2028end", "lineend"},
		{"tab\there ü 漢", "tab\there ü 漢"},
	} {
		if got := plain(tc.text); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.text, got, tc.want)
		}
	}
	// A character that is not seen does not hide a key from being found.
	hiding := goodKey[:20] + "\x1b[0m\u200b\x00" + goodKey[20:]
	if got := Redact(hiding); got != hidden {
		t.Errorf("%q", got)
	}
	if got := inLine("a\n\n Problem: none " + strings.Repeat("x", 5000)); strings.Contains(got, "\n") || len([]rune(got)) > 2001 {
		t.Errorf("%d runes", len([]rune(got)))
	}
}
