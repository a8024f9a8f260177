package stub

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axeSource is axe-core (Deque, MPL-2.0), which .ci/setup fetches into the project's cache.
func axeSource(t *testing.T) string {
	t.Helper()
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(home, ".cache/enrollment-assistant/npm/axe-core/node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal("The pages are examined with axe-core, which is not there. Run `make setup`, then test again:", err)
	}
	return string(source)
}

// axe has axe-core look at the page that is open, with all its rules, and gives what is serious or critical.
func (p *person) axe(what string) []string {
	p.t.Helper()
	if !get(p, "looking for axe-core", chromedp.Evaluate[bool](`typeof axe === "object"`)) {
		get(p, "loading axe-core", chromedp.Evaluate[bool](axeSource(p.t)+"; true"))
	}
	return get(p, "examining "+what, chromedp.Evaluate[[]string](`axe.run({resultTypes: ["violations"]}).then(found => found.violations
		.filter(v => v.impact === "serious" || v.impact === "critical")
		.flatMap(v => v.nodes.map(n => v.impact + ", " + v.id + ": " + n.html.slice(0, 160) + " " + n.failureSummary.replace(/\s+/g, " "))))`, chromedp.EvalAwaitPromise))
}

// stops are the places that the Tab key should come to, in the order of the page. Of a group of radio buttons one is.
const stops = `(() => {
  const all = Array.from(document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"));
  return all.filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true}) && (e.type !== "radio" || e.checked || !all.some(o => o.type === "radio" && o.name === e.name && o.checked)));
})()`

// stopNow says where the focus is among the stops, and what is wrong with how it shows: no ring, out of sight, or
// something above it.
const stopNow = `(() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect(), wrong = [];
  if (e === document.body) return {at: -1, wrong: ""};
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push("has no ring");
  if (box.width < 1 || box.bottom < 1 || box.top > innerHeight - 1 || box.right < 1 || box.left > innerWidth - 1) wrong.push("is out of sight");
  else {
    const part = e.getClientRects()[0], top = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, part.x + part.width / 2)), Math.min(innerHeight - 1, Math.max(0, part.y + part.height / 2)));
    if (top && top !== e && !e.contains(top) && !top.contains(e)) wrong.push("is behind " + top.outerHTML.slice(0, 80));
  }
  return {at: STOPS.indexOf(e), wrong: wrong.length ? wrong.join(", ") + ": " + e.outerHTML.slice(0, 160) : ""};
})()`

// walk goes through the page that is open with the Tab key alone.
func (p *person) walk(what string) {
	p.t.Helper()
	type place struct {
		At    int    `json:"at"`
		Wrong string `json:"wrong"`
	}
	count := get(p, "counting the stops of "+what, chromedp.Evaluate[int](`document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex"), `+stops+`.length`))
	here := strings.ReplaceAll(stopNow, "STOPS", stops)
	last, inside := -1, 0
	for last < count-1 {
		p.do("pressing Tab", chromedp.KeyEvent(kb.Tab))
		now := get(p, "looking where the focus is", chromedp.Evaluate[place](here))
		if now.Wrong != "" {
			p.t.Errorf("%s: stop %d %s", what, now.At, now.Wrong)
		}
		if inside++; now.At == last && inside < 12 { // a field for a time has several parts
			continue
		}
		if now.At != last+1 {
			p.t.Errorf("%s: after stop %d of %d comes %d", what, last, count, now.At)
			return
		}
		last, inside = now.At, 0
	}
	if count < 2 {
		p.t.Errorf("%s has %d stops", what, count)
	}
}

// The tools above find what they are for.
func browseFaulty(t *testing.T, c chromium) {
	p := c.sitDown(t, newOffice(t).at.People)
	p.goTo("/")
	if found := append(p.axe("a good page"), get(p, "examining it", chromedp.Evaluate[[]string](faultsOf))...); len(found) > 0 {
		t.Errorf("a good page is found bad: %q", found)
	}
	for want, change := range map[string]string{
		"color-contrast":        `document.querySelector("h1").style.color = "#999"`,
		"button-name":           `document.querySelector("main").append(document.createElement("button"))`,
		"html-has-lang":         `document.documentElement.removeAttribute("lang")`,
		"wider than the window": `document.querySelector("h1").style.width = "3000px"`,
		"id used twice":         `document.querySelector("h1").id = "content"`,
	} {
		p.goTo("/")
		get(p, "spoiling the page", chromedp.Evaluate[bool](change+", true"))
		found := strings.Join(append(p.axe("a bad page"), get(p, "examining it", chromedp.Evaluate[[]string](faultsOf))...), "\n")
		if !strings.Contains(found, want) {
			t.Errorf("%s: found %s", want, found)
		}
	}
	p.goTo("/")
	for want, change := range map[string]string{
		"has no ring": `document.querySelector("a.row").style.outline = "none"`, "is behind": `Object.assign(document.body.appendChild(document.createElement("div")).style, {position: "fixed", inset: 0})`, "": "null",
	} {
		p.goTo("/")
		get(p, "spoiling the page", chromedp.Evaluate[bool](change+", true"))
		p.do("pressing Tab", chromedp.KeyEvent(kb.Tab+kb.Tab+kb.Tab))
		wrong := get(p, "looking", chromedp.Evaluate[string](strings.ReplaceAll(stopNow, "STOPS", stops)+".wrong"))
		if !strings.Contains(wrong, want) || want == "" && wrong != "" {
			t.Errorf("%s: found %q", fmt.Sprintf("%q", want), wrong)
		}
	}
}
