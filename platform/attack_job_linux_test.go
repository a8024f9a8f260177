package platform

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"
)

// attackJob is what a program of the same user can say on the channel: it may have started the elevated side.
func attackJob(p *proof) {
	sum := strings.Repeat("a", 64)
	pack := func(change map[string]any) map[string]any {
		about := map[string]any{"size": 10, "sha256": sum}
		for name, value := range change {
			about[name] = value
		}
		return map[string]any{"way": "package", "package": about, "privateKickstartUrl": usPrivate}
	}
	for _, c := range []struct {
		what   string
		raw    string         // sent as it is, or
		change map[string]any // of a good job
		code   JobCode
		words  string
	}{
		{"not our language", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", nil, JobMalformed, "not one of ours"},
		{"an empty message", "{}\n", nil, JobMalformed, "there is no job"},
		{"another message before the job", `{"stop":true}` + "\n", nil, JobMalformed, "there is no job"},
		{"a message that does not exist", `{"exec":"touch /tmp/canary"}` + "\n", nil, JobMalformed, "not one of ours"},
		{"half a job", strings.TrimSuffix(jobText(p.t, "/", nil), "}}\n") + "\n", nil, JobMalformed, "not one of ours"},
		{"a job that never comes", "", nil, JobMalformed, "timeout"},
		{"a job that never ends", strings.Repeat(" ", 2*maxLine), nil, JobMalformed, "too long"},
		{"a huge job", "", map[string]any{"profile": "/" + strings.Repeat("x", 2*maxLine)}, JobMalformed, "too long"},
		{"a deep job", `{"job":` + strings.Repeat(`{"job":`, 9000) + "\n", nil, JobMalformed, "not one of ours"},
		{"no verb", "", map[string]any{"verb": nil}, JobMalformed, "the verb is unknown"},
		{"a verb that does not exist", "", map[string]any{"verb": "uninstall"}, JobMalformed, "the verb is unknown"},
		{"a verb in other case", "", map[string]any{"verb": "Install"}, JobMalformed, "the verb is unknown"},
		{"a verb of another kind", "", map[string]any{"verb": []string{"install"}}, JobMalformed, "not one of ours"},
		{"a way that does not exist", "", map[string]any{"way": "shell"}, JobMalformed, "the way is unknown"},
		{"a command", "", map[string]any{"command": "touch /tmp/canary"}, JobMalformed, "not one of ours"},
		{"a script from the user's side", "", map[string]any{"script": canaryScript}, JobMalformed, "not one of ours"},
		{"a script as a package of the script way", "", map[string]any{"package": map[string]any{"size": len(canaryScript), "sha256": sum}}, JobMalformed, "a script needs no package"},
		{"a path instead of a package", "", pack(map[string]any{"path": "/etc/shadow"}), JobMalformed, "not one of ours"},
		{"a package of no size", "", pack(map[string]any{"size": 0}), JobMalformed, "size is not possible"},
		{"a package that fills the disk", "", pack(map[string]any{"size": int64(1) << 50}), JobMalformed, "size is not possible"},
		{"a hash that is a path", "", pack(map[string]any{"sha256": "../../../../etc/passwd"}), JobMalformed, "hash is not one"},
		{"a key with another header", "", map[string]any{"key": "a\r\nHost: evil.example\r\n" + bareKey[:18]}, JobMalformed, "not a connect key"},
		{"a key with a quote and a blank", "", map[string]any{"key": "' ; touch /tmp/canary ; '" + bareKey[:15]}, JobMalformed, "not a connect key"},
		{"a huge key", "", map[string]any{"key": "jcc_" + strings.Repeat("a", maxKey)}, JobMalformed, "not a connect key"},
		{"a language with a command", "", map[string]any{"language": "C;touch /tmp/canary"}, JobMalformed, "the language is not one"},
		{"a language with a variable", "", map[string]any{"language": "C\nBASH_ENV=/tmp/canary"}, JobMalformed, "the language is not one"},
		{"a proxy that is a file", "", map[string]any{"proxy": "file:///etc/passwd"}, JobMalformed, "the proxy is not one"},
		{"a proxy with a variable", "", map[string]any{"proxy": "http://proxy.example\nLD_PRELOAD=/tmp/canary.so"}, JobMalformed, "the proxy is not one"},
		{"a proxy list with a variable", "", map[string]any{"noProxy": "a\nLD_PRELOAD=/tmp/canary.so"}, JobMalformed, "line break"},
		{"a sandbox that goes up", "", map[string]any{"root": "/tmp/../etc"}, JobMalformed, "not an absolute path"},
		{"a watch that installs", "", map[string]any{"verb": "watch"}, JobMalformed, "watching needs no key"},
	} {
		p.try(c.what, func(t *testing.T) {
			root := t.TempDir()
			text := c.raw
			if c.change != nil {
				if _, own := c.change["root"]; !own {
					c.change["root"] = root
				}
				text = jobText(t, root, c.change)
			}
			m, begun := openDoor(t, os.Geteuid()).talk(side("", os.Geteuid()), text)
			refused(t, m, c.code, c.words)
			if len(begun) > 0 {
				t.Errorf("begun: %q", begun)
			}
			untouched(t, root)
		})
	}
	p.tryAsRoot("the same from a real second user", func(t *testing.T) {
		root := t.TempDir()
		m, _ := openDoor(t, stranger).talk(side("", stranger), jobText(t, root, map[string]any{"verb": "uninstall"}))
		refused(t, m, JobMalformed, "the verb is unknown")
		untouched(t, root)
	})
	p.tryAsRoot("a sandbox for a release build", func(t *testing.T) {
		root := t.TempDir()
		m, _ := openDoor(t, stranger).talk(release(stranger, ""), jobText(t, root, nil))
		refused(t, m, JobUntrusted, "not a test build")
		untouched(t, root)
	})
}

// attackHosts names hosts that are nobody's: in the job, and in the key.
func attackHosts(p *proof) {
	try := func(what string, change map[string]any, words string) {
		p.try(what, func(t *testing.T) {
			b := newBench(t, script(canaryScript))
			change["profile"] = b.profile
			m, begun := openDoor(t, os.Geteuid()).talk(side("", os.Geteuid()), jobText(t, b.root, change))
			refused(t, m, JobUntrusted, words)
			if len(begun) > 0 {
				t.Errorf("begun: %q", begun)
			}
			untouched(t, b.root)
		})
	}
	for what, c := range map[string]struct{ url, words string }{
		"Kickstart of another host":             {"https://evil.example", `host "evil.example" is not allowed`},
		"Kickstart with the vendor's as a name": {"https://console.jumpcloud.com@evil.example", "more than a host"},
		"Kickstart of half a label":             {"https://evil-jumpcloud.com", "is not allowed"},
		"Kickstart of another host of theirs":   {"https://console.jumpcloud.com", "is not allowed"},
		"Kickstart on another port":             {"https://kickstart.jumpcloud.com:8443", "is not allowed"},
		"Kickstart without TLS":                 {"http://kickstart.jumpcloud.com", "not https"},
		"Kickstart from a file":                 {"file:///tmp/canary", "not https"},
		"Kickstart with a path":                 {"https://kickstart.jumpcloud.com/evil?", "more than a host"},
	} {
		try(what, map[string]any{"kickstartUrl": c.url}, c.words)
	}
	good := payloadOf(usURL, usPrivate, bareKey)
	for what, c := range map[string]struct{ payload, words string }{
		"a key's payload with the vendor's as a name":  {payloadOf("https://console.jumpcloud.com@evil.example", usPrivate, bareKey), "more than a host"},
		"a key's payload with half a label":            {payloadOf("https://evil-jumpcloud.com", usPrivate, bareKey), `"evil-jumpcloud.com" is not allowed`},
		"a key's payload with a port":                  {payloadOf("https://kickstart.jumpcloud.com:8443", usPrivate, bareKey), `"kickstart.jumpcloud.com:8443" is not allowed`},
		"a key's payload with an extra field":          {strings.TrimSuffix(good, "}") + `,"proxy":"https://evil.example"}`, "exactly the three fields"},
		"a key's payload with a field twice":           {strings.TrimSuffix(good, "}") + `,"publicKickstartUrl":"https://evil.example"}`, "exactly the three fields"},
		"a key's payload with a field in other case":   {strings.Replace(good, "connectKey", "ConnectKey", 1), "exactly the three fields"},
		"a key's payload with the domain as a label":   {payloadOf("https://jumpcloud.com.evil.example", usPrivate, bareKey), "is not allowed"},
		"a key's payload with a second host":           {payloadOf(usURL, "https://evil.example", bareKey), "is not allowed"},
		"a key's payload without TLS":                  {payloadOf("http://kickstart.jumpcloud.com", usPrivate, bareKey), "not https"},
		"a key's payload with letters that look alike": {payloadOf("https://jumpсloud.com", usPrivate, bareKey), "is not allowed"},
	} {
		try(what, map[string]any{"key": "jcc_" + base64.StdEncoding.EncodeToString([]byte(c.payload))}, c.words)
	}
}
