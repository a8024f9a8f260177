package platform

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
)

const (
	bareKey   = "0123456789abcdef0123456789abcdef01234567"
	usURL     = "https://kickstart.jumpcloud.com"
	usPrivate = "https://private-kickstart.jumpcloud.com"
)

// tenant makes a key of the tenant form with any payload.
func tenant(payload string) string {
	return "jcc_" + base64.StdEncoding.EncodeToString([]byte(payload))
}

// payloadOf gives a well-formed payload.
func payloadOf(public, private, key string) string {
	return `{"publicKickstartUrl":"` + public + `","privateKickstartUrl":"` + private + `","connectKey":"` + key + `"}`
}

// codeOf gives the code of a JobError, "" for no error.
func codeOf(t *testing.T, err error) JobCode {
	t.Helper()
	if err == nil {
		return ""
	}
	var failed *JobError
	if !errors.As(err, &failed) {
		t.Fatalf("%v is not a JobError", err)
	}
	return failed.Code
}

func TestCheckPayload(t *testing.T) {
	trust := Trust{Endpoints: []string{"https://127.0.0.1:8443", "https://127.0.0.1:8444/", "http://plain.example"}}
	good := payloadOf(usURL+":443", usPrivate+":443", bareKey)
	for _, c := range []struct {
		what, payload string
		ok            bool
	}{
		{"the vendor's", good, true},
		{"padded with spaces, as real ones are", good + " ", true},
		{"a region that is not built in", payloadOf("https://kickstart.ap.jumpcloud.com", "https://private-kickstart.ap.jumpcloud.com", bareKey), true},
		{"the domain itself, in capitals", payloadOf("https://JumpCloud.com", usPrivate, bareKey), true},
		{"the profile's", payloadOf("https://127.0.0.1:8443", "https://127.0.0.1:8444", bareKey), true},
		{"the profile's on another port", payloadOf("https://127.0.0.1:8445", "https://127.0.0.1:8444", bareKey), false},
		{"a plain one of the profile", payloadOf("https://plain.example", usPrivate, bareKey), false},
		{"user info", payloadOf("https://console.jumpcloud.com@evil.example", usPrivate, bareKey), false},
		{"empty user info", payloadOf("https://@jumpcloud.com", usPrivate, bareKey), false},
		{"user info with a port before it", payloadOf("https://console.jumpcloud.com:443@evil.example", usPrivate, bareKey), false},
		{"half a label", payloadOf("https://evil-jumpcloud.com", usPrivate, bareKey), false},
		{"the domain as a label", payloadOf("https://jumpcloud.com.evil.example", usPrivate, bareKey), false},
		{"a trailing dot", payloadOf("https://jumpcloud.com.", usPrivate, bareKey), false},
		{"another port", payloadOf("https://kickstart.jumpcloud.com:8443", usPrivate, bareKey), false},
		{"plain http", payloadOf("http://kickstart.jumpcloud.com", usPrivate, bareKey), false},
		{"the second is evil", payloadOf(usURL, "https://evil.example", bareKey), false},
		{"a path", payloadOf(usURL+"/evil", usPrivate, bareKey), false},
		{"a query", payloadOf(usURL+"?a=b", usPrivate, bareKey), false},
		{"a bare question mark", payloadOf(usURL+"?", usPrivate, bareKey), false},
		{"a fragment", payloadOf(usURL+"#a", usPrivate, bareKey), false},
		{"a bare hash", payloadOf(usURL+"#", usPrivate, bareKey), false},
		{"a backslash", payloadOf(`https://evil.example\\.jumpcloud.com`, usPrivate, bareKey), false},
		{"a line break", payloadOf(`https://kickstart.jumpcloud.com\n`, usPrivate, bareKey), false},
		{"no host", payloadOf("https://", usPrivate, bareKey), false},
		{"opaque", payloadOf("https:jumpcloud.com", usPrivate, bareKey), false},
		{"a fourth field", strings.TrimSuffix(good, "}") + `,"proxy":"https://evil.example"}`, false},
		{"a field twice", strings.TrimSuffix(good, "}") + `,"publicKickstartUrl":"` + usURL + `"}`, false},
		{"a field in other case", strings.Replace(good, "connectKey", "connectkey", 1), false},
		{"a field missing", `{"publicKickstartUrl":"` + usURL + `","connectKey":"` + bareKey + `"}`, false},
		{"not a string", strings.Replace(good, `"`+bareKey+`"`, "1", 1), false},
		{"an object within", strings.Replace(good, `"`+bareKey+`"`, "{}", 1), false},
		{"two objects", good + good, false},
		{"an array", "[" + good + "]", false},
		{"not JSON", "hello there", false},
		{"a short key", payloadOf(usURL, usPrivate, "short"), false},
		{"a key with a blank", payloadOf(usURL, usPrivate, strings.Repeat("a", 39)+" "), false},
	} {
		raw, err := checkPayload(tenant(c.payload), trust)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.what, err)
		}
		if c.ok && string(raw) != c.payload {
			t.Errorf("%s: the payload changed to %q", c.what, raw)
		}
		if err != nil && strings.Contains(err.Error(), bareKey) {
			t.Errorf("%s: the error holds the key: %v", c.what, err)
		}
	}
}

func FuzzCheckPayload(f *testing.F) {
	f.Add(payloadOf(usURL, usPrivate, bareKey))
	f.Add(payloadOf("https://console.jumpcloud.com@evil.example", usPrivate, bareKey))
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := checkPayload(tenant(text), Trust{})
		if err != nil {
			return
		}
		p, err := parsePayload(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{p.PublicKickstartURL, p.PrivateKickstartURL} {
			u, err := url.Parse(address)
			if err != nil || u.Scheme != "https" || u.User != nil || !strings.HasSuffix("."+strings.ToLower(u.Hostname()), ".jumpcloud.com") {
				t.Errorf("%q was allowed", address)
			}
		}
	})
}

func TestCheckForm(t *testing.T) {
	sum := strings.Repeat("a", 64)
	deb := &wirePackage{Size: 10, SHA256: sum}
	good := wireJob{Verb: VerbInstall, Way: WayScript, Key: bareKey, KickstartURL: usURL}
	change := func(f func(*wireJob)) *wireJob {
		w := good
		f(&w)
		return &w
	}
	for _, c := range []struct {
		what string
		job  *wireJob
		want JobCode
	}{
		{"a script", &good, ""},
		{"a tenant key", change(func(w *wireJob) { w.Key = tenant(payloadOf(usURL, usPrivate, bareKey)) }), ""},
		{"a package", change(func(w *wireJob) { w.Way, w.Package = WayPackage, deb }), ""},
		{"watching", &wireJob{Verb: VerbWatch}, ""},
		{"a proxy and a language", change(func(w *wireJob) { w.Proxy, w.Language = "http://user:pw@proxy.example:3128", "de_DE.UTF-8" }), ""},
		{"no job", nil, JobMalformed},
		{"no verb", &wireJob{}, JobMalformed},
		{"an unknown verb", change(func(w *wireJob) { w.Verb = "remove" }), JobMalformed},
		{"an unknown way", change(func(w *wireJob) { w.Way = "curl" }), JobMalformed},
		{"watching with a key", &wireJob{Verb: VerbWatch, Key: bareKey}, JobMalformed},
		{"a script with a package", change(func(w *wireJob) { w.Package = deb }), JobMalformed},
		{"a package without one", change(func(w *wireJob) { w.Way = WayPackage }), JobMalformed},
		{"an empty package", change(func(w *wireJob) { w.Way, w.Package = WayPackage, &wirePackage{SHA256: sum} }), JobMalformed},
		{"a negative package", change(func(w *wireJob) { w.Way, w.Package = WayPackage, &wirePackage{Size: -1, SHA256: sum} }), JobMalformed},
		{"a package that is too large", change(func(w *wireJob) { w.Way, w.Package = WayPackage, &wirePackage{Size: MaxPackage + 1, SHA256: sum} }), JobMalformed},
		{"a hash that is none", change(func(w *wireJob) { w.Way, w.Package = WayPackage, &wirePackage{Size: 1, SHA256: "../x"} }), JobMalformed},
		{"no key", change(func(w *wireJob) { w.Key = "" }), JobMalformed},
		{"a short key", change(func(w *wireJob) { w.Key = bareKey[1:] }), JobMalformed},
		{"a key with a line break", change(func(w *wireJob) { w.Key = bareKey[1:] + "\n" }), JobMalformed},
		{"a key with another header", change(func(w *wireJob) { w.Key = "a\r\nHost: evil.example\r\n" + bareKey[:18] }), JobMalformed},
		{"a huge key", change(func(w *wireJob) { w.Key = "jcc_" + strings.Repeat("a", maxKey) }), JobMalformed},
		{"a language with a command", change(func(w *wireJob) { w.Language = "C;reboot" }), JobMalformed},
		{"a proxy that is a file", change(func(w *wireJob) { w.Proxy = "file:///etc/passwd" }), JobMalformed},
		{"a proxy with a quote", change(func(w *wireJob) { w.Proxy = "http://proxy'.example" }), JobMalformed},
		{"a proxy list with a line break", change(func(w *wireJob) { w.NoProxy = "a\nPATH=/tmp" }), JobMalformed},
		{"a relative root", change(func(w *wireJob) { w.Root = "tmp" }), JobMalformed},
		{"a root that goes up", change(func(w *wireJob) { w.Root = "/tmp/../etc" }), JobMalformed},
	} {
		if got := codeOf(t, c.job.checkForm()); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestCheckHosts(t *testing.T) {
	trust := Trust{Endpoints: []string{"https://127.0.0.1:8443", "https://127.0.0.1:8444"}, SHA256: strings.Repeat("A", 64)}
	install := func(kickstart, private string) *wireJob {
		return &wireJob{Verb: VerbInstall, Way: WayScript, Key: bareKey, KickstartURL: kickstart, PrivateKickstartURL: private}
	}
	pinned := install(usURL, usPrivate)
	pinned.Way, pinned.Package = WayPackage, &wirePackage{Size: 1, SHA256: strings.Repeat("b", 64)}
	keyed := install(usURL, "")
	keyed.Key = tenant(payloadOf("https://evil.example", usPrivate, bareKey))
	unnamed := install(usURL, "")
	unnamed.Way, unnamed.Package = WayPackage, &wirePackage{Size: 1, SHA256: strings.Repeat("a", 64)}
	for _, c := range []struct {
		what string
		job  *wireJob
		want JobCode
	}{
		{"United States", install(usURL, usPrivate), ""},
		{"Europe", install("https://kickstart.eu.jumpcloud.com:443/", ""), ""},
		{"India", install("https://kickstart.in.jumpcloud.com", "https://private-kickstart.in.jumpcloud.com"), ""},
		{"the profile's", install("https://127.0.0.1:8443", "https://127.0.0.1:8444"), ""},
		{"watching", &wireJob{Verb: VerbWatch, KickstartURL: "https://evil.example"}, ""},
		{"no address", install("", ""), JobUntrusted},
		{"another host", install("https://evil.example", ""), JobUntrusted},
		{"below the vendor's, but not kickstart", install("https://console.jumpcloud.com", ""), JobUntrusted},
		{"plain http", install("http://kickstart.jumpcloud.com", ""), JobUntrusted},
		{"another port", install("https://127.0.0.1:8080", ""), JobUntrusted},
		{"another private host", install(usURL, "https://evil.example"), JobUntrusted},
		{"a package without a private host", unnamed, JobUntrusted},
		{"a payload with another host", keyed, JobUntrusted},
		{"a package that is not the pinned one", pinned, JobPinned},
	} {
		if got := codeOf(t, c.job.checkHosts(trust)); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestRedact(t *testing.T) {
	w := wireJob{Key: tenant(payloadOf(usURL, usPrivate, bareKey)), Proxy: "http://nora:p%40ss@proxy.example:3128"}
	line := redact("curl -H 'x-connect-key: "+w.Key+"' "+w.Key[4:]+" "+bareKey+" http://nora:p%40ss@proxy.example p@ss", w.secrets())
	for _, s := range []string{bareKey, w.Key, w.Key[4:], "p@ss", "p%40ss"} {
		if strings.Contains(line, s) {
			t.Errorf("%q is left in %q", s, line)
		}
	}
	if !strings.Contains(line, "curl -H 'x-connect-key: "+hidden) {
		t.Errorf("too much was removed: %q", line)
	}
}
