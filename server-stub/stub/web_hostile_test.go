package stub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// hostileText is what strangers might call themselves, their computers and their mails.
const hostileText = `"'></option></textarea><script>pwned = 1</script><img src=x onerror=pwned=1>{{.XSRF}}`

// complaints collects what the browser says of the pages that are opened: broken scripts, and what the content policy
// kept from running.
func (p *person) complaints() chan string {
	p.t.Helper()
	noise := make(chan string, 1000)
	if err := chromedp.Listen(p.ctx, func(ev any) {
		switch e := ev.(type) {
		case *cdplog.EventEntryAdded:
			noise <- e.Entry.URL + ": " + e.Entry.Text
		case *runtime.EventExceptionThrown:
			noise <- e.ExceptionDetails.Text
		}
	}); err != nil {
		p.t.Fatal(err)
	}
	return noise
}

// browseHostile opens every page, and lets it follow once, where all that strangers can choose is HTML.
func browseHostile(t *testing.T, c chromium) {
	o := newOffice(t)
	seed, err := json.Marshal(map[string]any{
		"organization": map[string]any{"name": hostileText, "enrollmentAllowed": true},
		"admins":       []any{map[string]any{"email": "mal@acme.example", "name": hostileText, "role": RoleAdministrator, "password": DemoAdminPassword}},
		"users":        []any{map[string]any{"username": "mal", "email": "mal@acme.example", "firstName": hostileText, "lastName": hostileText, "password": DemoUserPassword}},
		"devices":      []any{map[string]any{"hostname": hostileText, "os": hostileText, "version": hostileText, "arch": hostileText, "agentVersion": hostileText, "serialNumber": hostileText, "installedBy": "mal", "boundTo": []string{"mal"}}},
		"faults":       []any{map[string]any{"name": hostileText, "path": "/" + hostileText, "redirect": "https://" + hostileText}},
		"settings":     map[string]any{"reports": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	planted, err := ParseSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Plant(t.Context(), planted); err != nil {
		t.Fatal(err)
	}
	token, err := o.ReportToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]any{"id": strings.Repeat("a", 32)}
	for _, field := range []string{"summary", "hint", "details", "hostname", "os", "osVersion", "log"} {
		told[field] = hostileText
	}
	if status, answer, _ := o.report(t, token, aReport(1, told)); status != http.StatusCreated {
		t.Fatalf("the report: %d %s", status, answer)
	}
	if _, err := o.Announce(t.Context(), o.ada, hostileText, hostileText); err != nil {
		t.Fatal(err)
	}
	o.visitor(t, o.at.People).get("/" + strings.ReplaceAll(hostileText, " ", "%20"))
	shot := o.shot(t)
	device := shot.Systems[0].ID

	p := c.sitDown(t, o.at.People)
	noise := p.complaints()
	for _, portal := range [][2]string{{"/admin", DemoAdminPassword}, {"/userconsole", DemoUserPassword}} {
		p.goTo(portal[0])
		p.fill("Email", "mal@acme.example")
		p.fill("Password", portal[1])
		p.press("Sign in")
		p.do("being signed in", chromedp.WaitVisible(chromedp.CSS(".who")))
	}
	for path, least := range map[string]int{ // how often at least the text stands in the page
		"/": 1, "/userconsole": 3, "/_qa/phone": 1, consolePath: 4, consolePath + "?q=" + "%22%3E%3Cscript%3Epwned=1%3C/script%3E": 1,
		"/admin/devices": 5, "/admin/devices?q=" + "%22%3E%3Cscript%3Epwned=1%3C/script%3E": 2, "/admin/devices/" + device: 8, "/admin/devices/" + device + "/delete": 8,
		"/admin/users": 4, "/admin/admins": 3, "/admin/settings": 3, "/admin/announce": 4, "/admin/ask": 4, "/admin/outbox": 3,
		fmt.Sprintf("/admin/outbox/%d", shot.Outbox[len(shot.Outbox)-1].ID): 4, "/admin/failures": 3, failureLink("install", "install-failed"): 3, "/admin/failures/" + strings.Repeat("a", 32): 8,
	} {
		p.goTo(path)
		count := `document.documentElement.outerHTML.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').split("<script>pwned = 1</script>").length - 1`
		if n := get(p, "counting in "+path, chromedp.Evaluate[int](count)); n < least {
			t.Errorf("%s has the text %d times, want at least %d", path, n, least)
		}
		harm := get(p, "looking for harm in "+path, chromedp.Evaluate[[]string](`follow().then(() => Array.from(document.querySelectorAll("img, body script, [onerror]"), e => e.outerHTML)
			.concat(typeof pwned === "undefined" ? [] : ["a script ran"]))`, chromedp.EvalAwaitPromise))
		if len(harm) > 0 {
			t.Errorf("%s has %q", path, harm)
		}
	}
	for len(noise) > 0 {
		t.Error("the browser complains:", <-noise)
	}
}
