//go:build !qa

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"example.com/enrollment-assistant/steps"
)

// What the tables say of protection is what the program does with a file that others can write.
func TestReadme_ProtectionOfKeys(t *testing.T) {
	file := t.TempDir() + "/profile.json"
	if err := os.WriteFile(file, []byte(everyKey), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o666); err != nil { // not protected, wherever temporary files lie
		t.Fatal(err)
	}
	keys, _, err := steps.ExplainProfile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := readme(t)
	for _, k := range keys {
		name := strings.ReplaceAll(strings.TrimPrefix(k.Pointer, "/"), "/", ".")
		if strings.HasPrefix(name, "requirements.systems.") {
			name = "requirements.systems"
		}
		word := "no"
		if k.Honoured {
			word = "(yes|only)"
		}
		if !regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(name) + "` \\| " + word).MatchString(text) {
			t.Errorf("%s: honoured %t, README.md says otherwise", name, k.Honoured)
		}
	}
	if len(keys) < 25 {
		t.Errorf("only %d keys were judged", len(keys))
	}
}

// everyKey is a profile with each key of the schema, the limits stricter than the built-in ones.
const everyKey = `{"$schema":"profile.schema.json",
"organization":{"name":"Acme","logo":"aWNvbg==","accent":"#3056d3"},
"help":{"email":"it@acme.example","phone":"1","url":"https://help.acme.example"},
"texts":{"welcome":"Hello."},"languages":["en"],"region":"EU",
"endpoints":{"console":"https://a.example","kickstart":"https://b.example","privateKickstart":"https://c.example","agent":"https://d.example","packages":"https://e.example"},
"ca":"-----BEGIN CERTIFICATE-----","connectKey":"0123456789abcdef0123456789abcdef01234567",
"signIn":{"keyEndpoint":"/key","portal":"https://portal.example/userconsole"},
"linux":{"install":"package","package":"https://e.example/a.deb","sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
"requirements":{"diskMB":99999,"memoryMB":99999,"clockSeconds":1,"systems":{"ubuntu":["24.04"]}},
"reports":{"url":"https://r.example","token":"t"}}`
