package steps

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
)

// fullProfile says everything that can be said. It is stricter than the built-in limits.
const fullProfile = `{
  "$schema": "profile.schema.json",
  "organization": {"name": "Acme Corporation", "logo": "aGVsbG8=", "accent": "#3056d3"},
  "help": {"email": "it-help@acme.example", "phone": "+49 1234", "url": "https://help.acme.example/"},
  "texts": {"welcome": "Welcome to Acme."},
  "languages": ["en", "de-AT"],
  "region": "EU",
  "endpoints": {"console": "https://127.0.0.1:8443/", "kickstart": "https://127.0.0.1:8443", "privateKickstart": "https://127.0.0.1:8444",
    "agent": "https://127.0.0.1:8444", "packages": "https://127.0.0.1:8443"},
  "connectKey": "` + goodKey + `",
  "signIn": {"keyEndpoint": "/userconsole/api/connectkey"},
  "linux": {"install": "package", "package": "https://127.0.0.1:8443/a.deb", "sha256": "` + zeros + `", "agentProxy": "CANARY-proxy"},
  "requirements": {"diskMB": 1000, "memoryMB": 4096, "clockSeconds": 30, "systems": {"ubuntu": ["24.04"]}},
  "reports": {"url": "https://127.0.0.1:8443/reports", "token": "CANARY-token"}
}`

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// decode applies the rules without a file; reason is why the source is not protected.
func decode(t *testing.T, content, reason string) ([]ProfileKey, Profile) {
	t.Helper()
	keys, p, err := decodeProfile([]byte(content), "/p.json", reason)
	if err != nil {
		t.Fatal(err)
	}
	return keys, p
}

func TestProfile_Protected(t *testing.T) {
	keys, p := decode(t, fullProfile, "")
	for _, k := range keys {
		if !k.Honoured || k.Reason != "" {
			t.Errorf("%+v", k)
		}
	}
	if !p.Protected || len(p.Ignored) != 0 || p.Source != "/p.json" {
		t.Errorf("%+v", p)
	}
	if p.Organization.Name != "Acme Corporation" || p.ConnectKey.Reveal() != goodKey || p.Reports.Token.Reveal() != "CANARY-token" ||
		p.Reports.URL == "" || p.Linux.Install != platform.WayPackage || p.SignIn.KeyEndpoint == "" || *p.Requirements.DiskMB != 1000 ||
		p.Endpoints.Console != "https://127.0.0.1:8443" || p.Requirements.Systems["ubuntu"][0] != "24.04" {
		t.Errorf("%+v", p)
	}
	trust := p.Trust()
	if len(trust.Endpoints) != 5 || trust.SHA256 != zeros || trust.AgentProxy.Reveal() != "CANARY-proxy" {
		t.Errorf("%+v", trust)
	}
	if e, ok := p.EndpointsFor(platform.RegionUS); !ok || e != *p.Endpoints {
		t.Errorf("%+v", e)
	}
}

func TestProfile_Unprotected(t *testing.T) {
	keys, p := decode(t, fullProfile, "anyone can write it")
	honoured := map[string]bool{}
	for _, k := range keys {
		honoured[k.Pointer] = k.Honoured
		if k.Honoured != (k.Reason == "") {
			t.Errorf("%+v", k)
		}
	}
	want := map[string]bool{
		"/$schema": true, "/organization/name": true, "/organization/logo": true, "/organization/accent": true,
		"/help/email": true, "/help/phone": true, "/help/url": true, "/texts/welcome": true, "/languages": true, "/region": true,
		"/requirements/diskMB": true, "/requirements/memoryMB": true, "/requirements/clockSeconds": true, "/requirements/systems/ubuntu": true,
		"/endpoints/console": false, "/endpoints/kickstart": false, "/endpoints/privateKickstart": false, "/endpoints/agent": false,
		"/endpoints/packages": false, "/connectKey": false, "/signIn/keyEndpoint": false, "/linux/install": false,
		"/linux/package": false, "/linux/sha256": false, "/linux/agentProxy": false, "/reports/url": false, "/reports/token": false,
	}
	if !maps.Equal(honoured, want) {
		t.Errorf("honoured %v\nwant %v", honoured, want)
	}
	if p.Protected || p.Endpoints != nil || !p.ConnectKey.Empty() || p.SignIn.KeyEndpoint != "" || p.Linux != (LinuxInstall{}) ||
		p.Reports.URL != "" || !p.Reports.Token.Empty() || p.CA != "" {
		t.Errorf("%+v", p)
	}
	if p.Organization.Name == "" || p.Region != platform.RegionEU || *p.Requirements.DiskMB != 1000 || len(p.Ignored) != 13 {
		t.Errorf("%+v", p)
	}
	if trust := p.Trust(); trust.Endpoints != nil || trust.RootsPEM != nil || trust.SHA256 != "" || !trust.AgentProxy.Empty() {
		t.Errorf("%+v", trust)
	}
	if !platform.Sandbox && !strings.Contains(sourceText(p), "/connectKey") {
		t.Errorf("%s", sourceText(p))
	}
}

// From an unprotected source requirements may only become stricter.
func TestProfile_LooserRequirements(t *testing.T) {
	for _, tc := range []struct {
		content string
		pointer string
		ok      bool
	}{
		{`{"requirements":{"diskMB":499}}`, "/requirements/diskMB", false},
		{`{"requirements":{"diskMB":500}}`, "/requirements/diskMB", true},
		{`{"requirements":{"diskMB":1000000000000}}`, "/requirements/diskMB", true},
		{`{"requirements":{"memoryMB":0}}`, "/requirements/memoryMB", false},
		{`{"requirements":{"clockSeconds":61}}`, "/requirements/clockSeconds", false},
		{`{"requirements":{"clockSeconds":60}}`, "/requirements/clockSeconds", true},
		{`{"requirements":{"systems":{"debian":["12","13"]}}}`, "/requirements/systems/debian", false},
		{`{"requirements":{"systems":{"debian":["12"]}}}`, "/requirements/systems/debian", true},
		{`{"requirements":{"systems":{"debian":[]}}}`, "/requirements/systems/debian", true},
		{`{"requirements":{"systems":{"linuxmint":["22"]}}}`, "/requirements/systems/linuxmint", false},
		{`{"requirements":{"systems":{"a/b~c":["22"]}}}`, "/requirements/systems/a~1b~0c", false},
	} {
		keys, p := decode(t, tc.content, "anyone can write it")
		if len(keys) != 1 || keys[0].Pointer != tc.pointer || keys[0].Honoured != tc.ok {
			t.Errorf("%s: %+v", tc.content, keys)
		}
		if slices.Contains(p.Ignored, tc.pointer) == tc.ok {
			t.Errorf("%s: ignored %v", tc.content, p.Ignored)
		}
		if keys, _ := decode(t, tc.content, ""); !keys[0].Honoured {
			t.Errorf("%s is not honoured from a protected source", tc.content)
		}
	}
}

func TestProfile_Invalid(t *testing.T) {
	for _, tc := range []struct{ name, content, say string }{
		{"no JSON", `{`, "not valid JSON"},
		{"an array", `[]`, "not valid JSON"},
		{"two objects", `{}{}`, "not valid JSON"},
		{"unknown key", `{"organisation":{"name":"Acme"}}`, "/organisation"},
		{"unknown key inside", `{"linux":{"instal":"package"}}`, "/linux/instal"},
		{"two unknown keys", `{"a":1,"help":{"b":2}}`, "/help/b"},
		{"wrong kind", `{"organization":"Acme"}`, "/organization"},
		{"wrong region", `{"region":"MARS"}`, "/region"},
		{"colour", `{"organization":{"accent":"red"}}`, "/organization/accent"},
		{"half the endpoints", `{"endpoints":{"console":"https://a.example"}}`, "/endpoints/kickstart"},
		{"http", `{"endpoints":{"console":"http://a.example","kickstart":"https://a.example","privateKickstart":"https://a.example","agent":"https://a.example","packages":"https://a.example"}}`, "/endpoints/console"},
		{"a certificate that is none", `{"ca":"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"}`, "/ca"},
		{"a key that is none", `{"connectKey":"CANARY"}`, "/connectKey"},
		{"somebody else's key", `{"connectKey":"` + tenant(strings.ReplaceAll(goodPayload(), "jumpcloud.com", "evil.example")) + `"}`, "/connectKey"},
		{"so much that it would be counted as nothing", `{"requirements":{"diskMB":17592186044416}}`, "/requirements/diskMB"},
		{"fractions", `{"requirements":{"diskMB":1.5}}`, "/requirements/diskMB"},
		{"pin", `{"linux":{"sha256":"CANARY"}}`, "/linux/sha256"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := decodeProfile([]byte(tc.content), "/p.json", "")
			wantCode(t, err, CodeProfile, 3)
			var p *Problem
			if errors.As(err, &p); !strings.Contains(p.Summary, tc.say) || !strings.Contains(p.Summary, "/p.json") {
				t.Errorf("summary %q lacks %q", p.Summary, tc.say)
			}
			if strings.Contains(p.Summary+p.Hint+p.Error(), "CANARY") {
				t.Errorf("the value is repeated: %q, %v", p.Summary, p)
			}
		})
	}
}

func TestProfile_HidesSecrets(t *testing.T) {
	_, p := decode(t, fullProfile, "")
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); strings.Contains(s, "CANARY") || !strings.Contains(s, "[secret]") {
		t.Errorf("%s", s)
	}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindProfile(t *testing.T) {
	dir := t.TempDir()
	named := func(name string) string { return `{"organization":{"name":"` + name + `"}}` }
	system, explicit, beside := filepath.Join(dir, "etc", "p.json"), filepath.Join(dir, "x.json"), filepath.Join(dir, "bin", "profile.json")
	find := func() string {
		t.Helper()
		p, err := findProfile(system, explicit, beside)
		if err != nil {
			t.Fatal(err)
		}
		return p.Organization.Name
	}
	write(t, explicit, named("explicit"))
	if got := find(); got != "explicit" {
		t.Errorf("found %q", got)
	}
	write(t, beside, named("beside"))
	if got := find(); got != "explicit" {
		t.Errorf("found %q", got)
	}
	write(t, system, named("system"))
	if got := find(); got != "system" {
		t.Errorf("found %q", got)
	}
	if p, err := findProfile(filepath.Join(dir, "no"), "", beside); err != nil || p.Organization.Name != "beside" {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := findProfile(filepath.Join(dir, "no"), "", filepath.Join(dir, "no")); err != nil || p.Source != "" || p.Protected {
		t.Errorf("%+v, %v", p, err)
	}
	// A file that was named and is not there is not passed over; neither is one that is broken.
	_, err := findProfile(filepath.Join(dir, "no"), filepath.Join(dir, "no"), beside)
	wantCode(t, err, CodeProfile, 3)
	write(t, system, "{")
	_, err = findProfile(system, explicit, beside)
	wantCode(t, err, CodeProfile, 3)
}

func TestLoadProfile_NotAFile(t *testing.T) {
	dir := t.TempDir()
	_, err := LoadProfile(dir)
	wantCode(t, err, CodeProfile, 3)
	_, err = LoadProfile(write(t, filepath.Join(dir, "big.json"), strings.Repeat(" ", maxProfile)+"{}"))
	wantCode(t, err, CodeProfile, 3)
}

func TestProfile_HTTPClient(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer server.Close()
	get := func(p Profile) error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := p.HTTPClient().Do(r)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	p := Profile{CA: serverPEM(server)}
	if err := get(p); err == nil {
		t.Error("the authority of an unprotected profile is trusted")
	}
	p.Protected = true
	if err := get(p); err != nil {
		t.Error(err)
	}
}
