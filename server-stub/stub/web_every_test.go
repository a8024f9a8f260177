package stub

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// faultsOf lists, on the page that is open, what a person would stumble over: words that are hard to read, controls
// without a name, ids used twice, a page wider than its window, no heading, no word about the stub.
const faultsOf = `(() => {
  const faults = [], shown = e => e.checkVisibility() && e.getClientRects().length > 0;
  const colour = text => { const n = text.match(/[\d.]+/g).map(Number); return {rgb: n.slice(0, 3), a: n.length > 3 ? n[3] : 1}; };
  const light = rgb => rgb.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = colour(getComputedStyle(e).backgroundColor); if (c.a === 1) return c.rgb; } return [255, 255, 255]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, words = walker.currentNode.data.trim();
    if (!words || !shown(e) || e.closest(".unseen, .skip, option")) continue;
    const [a, b] = [light(colour(getComputedStyle(e).color).rgb), light(behind(e))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faults.push("contrast " + contrast.toFixed(2) + ": " + words);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea, button:not([hidden]), a")) {
    const name = e.matches("button, a") ? e.textContent : Array.from(e.labels, l => l.textContent).join("");
    if (!name.trim()) faults.push("no name: " + e.outerHTML.slice(0, 120));
  }
  const ids = Array.from(document.querySelectorAll("[id]"), e => e.id);
  for (const id of new Set(ids)) if (ids.filter(i => i === id).length > 1) faults.push("id used twice: " + id);
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = Array.from(document.querySelectorAll("body *")).filter(e => shown(e) && e.getBoundingClientRect().right > innerWidth + 1).at(-1);
    faults.push("wider than the window: " + (wide ? wide.outerHTML.slice(0, 160) : "?"));
  }
  for (const e of document.querySelectorAll("main *")) {
    if (shown(e) && e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX) && !e.matches("textarea, input")) faults.push("scrolls sideways: " + e.outerHTML.slice(0, 120));
  }
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  if (!/stub/.test(document.querySelector("footer").innerText) || !/not JumpCloud/.test(document.querySelector("footer").innerText)) faults.push("does not say that it is a stub");
  if (/\[web\.|\{\{|<no value>/.test(document.body.innerText)) faults.push("a sentence is missing: " + document.body.innerText.match(/.*(\[web\.|\{\{|<no value>).*/)[0]);
  return faults;
})()`

// browseEvery looks at every page, with people of every kind, in two widths and both colours.
func browseEvery(t *testing.T, c chromium) {
	o := newOffice(t)
	ada := c.sitDown(t, o.at.People)
	noise := ada.complaints() // also when a page breaks the content policy
	ada.visit("01-start", "/")
	ada.visit("02-phone", "/_qa/phone")
	ada.visit("02-console-empty", consolePath)
	ada.visit("03-portal-signin", "/userconsole")
	ada.visit("10-admin-signin", "/admin")
	ada.signInAdmin("/admin", o.ada)
	ada.visit("11-devices-empty-off", "/admin/devices")
	ada.visit("12-outbox-empty", "/admin/outbox")
	ada.visit("13-settings-tip", "/admin/settings")
	ada.visit("14-announce", "/admin/announce")
	ada.press("Preview")
	ada.sees("This is how the first of 2 users gets it")
	ada.shoot("14-announce-preview")
	ada.press("Send")
	ada.sees("The mail was sent to 2 users.")
	ada.shoot("15-settings-announced")

	o.allow(t, true)
	ada.visit("16-devices-empty-on", "/admin/devices")
	y := o.device(t, "lab-pc-7", o.nora)
	o.device(t, "a-hostname-that-is-so-long-that-it-has-to-break-somewhere.branch-office.acme.example", o.ben)
	if err := o.Bind(t.Context(), o.ada, y.ID, o.nora.ID); err != nil {
		t.Fatal(err)
	}
	ada.visit("17-devices", "/admin/devices")
	ada.press("Bind the chosen user to a-hostname")
	ada.do("waiting for the word", chromedp.WaitVisible(chromedp.CSS(".tip.ok")))
	ada.shoot("18-devices-bound")
	ada.visit("19-device", "/admin/devices/"+y.ID)
	ada.visit("20-delete", "/admin/devices/"+y.ID+"/delete")
	ada.visit("20-ask", "/admin/ask?user="+o.ben.ID)
	ada.visit("21-users", "/admin/users")
	ada.visit("22-admins", "/admin/admins")
	ada.visit("23-outbox", "/admin/outbox")
	ada.press("New device")
	ada.do("waiting for the mail", chromedp.WaitVisible(chromedp.CSS(".letter")))
	ada.shoot("24-mail")
	ada.visit("25-no-page", "/admin/nowhere")

	ada.visit("27-failures-off", "/admin/failures")
	furnishFailures(t, o)
	ada.visit("27-failures", "/admin/failures")
	ada.visit("27-failures-cause", failureLink("install", "install-failed"))
	ada.visit("27-failure", "/admin/failures/"+strings.Repeat("0", 32))
	ada.goTo("/")
	furnishConsole(t, o)
	ada.visit("26-console", consolePath)

	rita := c.sitDown(t, o.at.People)
	rita.signInAdmin("/admin", o.rita)
	rita.visit("30-devices-read-only", "/admin/devices")
	rita.visit("31-settings-read-only", "/admin/settings")
	rita.visit("32-role", "/admin/announce")

	ada.goTo("/userconsole")
	ada.fill("Email", o.nora.Email)
	ada.fill("Password", "wrong")
	ada.press("Sign in")
	ada.do("waiting for the refusal", chromedp.WaitVisible(chromedp.CSS("#wrong")))
	ada.shoot("04-portal-wrong")
	ada.fill("Password", DemoUserPassword)
	ada.press("Sign in")
	ada.sees("Enter your code")
	ada.shoot("05-code")
	ada.fill("Code", o.codeOf(t, o.nora))
	ada.press("Sign in")
	ada.sees("JumpCloud Agent")
	ada.shoot("06-security")
	ada.press("Generate key")
	ada.sees("Generate another key")
	ada.shoot("07-security-key")
	ada.standStill()
	o.allow(t, false)
	ada.press("Generate another key")
	ada.sees("No key was made")
	ada.shoot("08-key-off")
	ada.visit("09-security-off", "/userconsole")

	for len(noise) > 0 {
		if n := <-noise; !strings.Contains(n, "status of 40") { // the refusals above
			t.Error("the browser complains:", n)
		}
	}
}

// furnishFailures switches reports on and sends some.
func furnishFailures(t *testing.T, o *office) {
	t.Helper()
	if err := o.ChangeSettings(func(s *Settings) { s.Reports = true }); err != nil {
		t.Fatal(err)
	}
	token, err := o.ReportToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, change := range []map[string]any{{"log": strings.Repeat("12:00:01 installing the agent, and a line that does not fit on a small screen\n", 40), "details": "dpkg: error\n  exit status 1", "seconds": 312},
		{"device": strings.Repeat("e", 32), "hostname": "a-hostname-that-is-so-long-that-it-has-to-break-somewhere"}, {"code": "canceled", "step": "plan", "outcome": "abandoned"}} {
		if status, answer, _ := o.report(t, token, aReport(i, change)); status != http.StatusCreated {
			t.Fatalf("report %d: %d %s", i, status, answer)
		}
	}
}

// visit opens a page and shoots it.
func (p *person) visit(name, path string) {
	p.t.Helper()
	p.goTo(path)
	p.shoot(name)
}

// shoot looks for faults in the page that is open. It keeps pictures in the folder WEB_SHOTS, when there is one.
func (p *person) shoot(name string) {
	p.t.Helper()
	shots := os.Getenv("WEB_SHOTS")
	get(p, "waiting for all of it", chromedp.Evaluate[bool](`new Promise(done => document.readyState === "complete" ? done(true) : addEventListener("load", () => done(true)))`, chromedp.EvalAwaitPromise))
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			what := fmt.Sprintf("%s-%d-%s", name, width, scheme)
			p.do("looking at "+what, look(width, scheme))
			for _, fault := range get(p, "examining "+what, chromedp.Evaluate[[]string](faultsOf)) {
				p.t.Errorf("%s: %s", what, fault)
			}
			for _, fault := range p.axe(what) {
				p.t.Errorf("%s: %s", what, fault)
			}
			if shots == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(shots, what+".png"), get(p, "picturing "+what, chromedp.FullScreenshot(100)), 0o600); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	p.walk(name)
	p.do("going back", look(1280, "light"))
	p.walk(name)
}
