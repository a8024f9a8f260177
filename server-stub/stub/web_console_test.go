package stub

import (
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// furnishConsole makes the console show something of everything.
func furnishConsole(t *testing.T, o *office) {
	t.Helper()
	for _, name := range []string{"key-refused", "proxy-with-inspection", "captive-portal-redirect", "package-stale", "package-wrong-length"} {
		if _, err := o.ApplyPreset(name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.NewNamespace(t.Context(), "left"); err != nil {
		t.Fatal(err)
	}
	if err := o.Save(t.Context(), "before-it-went-wrong"); err != nil {
		t.Fatal(err)
	}
	o.AdvanceClock(49 * time.Hour)
	o.FreezeClock(time.Time{})
	o.rules.learn("a-secret-that-came-by")
	o.visitor(t, o.at.People).get("/a-secret-that-came-by")
	o.visitor(t, o.at.People).get("/<script>alert(1)</script>?a=" + strings.Repeat("long", 50))
	for range 3 { // the first is refused, as armed
		ask(t, o.trusting(t), "GET", o.at.Console+"/Kickstart", nil)
	}
}

// The console is for people at this computer, and nothing that makes no sense moves anything.
func TestWebConsole(t *testing.T) {
	o := newOffice(t)
	outside := o.visitor(t, o.at.Console)
	for _, path := range []string{"/_qa/phone", consolePath} {
		if status, page, _ := outside.get(path); status != http.StatusNotFound || strings.Contains(page, "<form") {
			t.Errorf("%s on the TLS port: %d", path, status)
		}
	}
	here := o.visitor(t, o.at.People)
	for path, form := range map[string][]string{
		"": {"do", "fault", "text", firstFault}, "save": {"name", "evil"}, "restore": {"name", "evil"}, "reset": {"demo", "yes"}, "clock": {"do", "60"}, "fault": {"preset", "maintenance"}, "fault/remove": nil, "namespace": {"name", "evil"}, "namespace/end": {"name", "evil"},
	} {
		if status, _, _ := outside.send("/userconsole", strings.TrimSuffix(consolePath+"/"+path, "/"), form...); status != http.StatusNotFound {
			t.Errorf("%s on the TLS port: %d", path, status)
		}
		for _, site := range []string{"cross-site", "same-site"} {
			_, shown, _ := here.get(consolePath)
			values := url.Values{"xsrf": {between(shown, `name="xsrf" value="`, `"`)}}
			if status, _, _ := ask(t, here.Client, "POST", o.at.People+strings.TrimSuffix(consolePath+"/"+path, "/"), values, "Sec-Fetch-Site", site); status != http.StatusForbidden {
				t.Errorf("%s from %s: %d", path, site, status)
			}
		}
	}
	for _, form := range [][]string{{"do", ""}, {"do", "soon"}, {"do", "9223372036854775807"}, {"do", "-9223372036854775808"}, {"do", "set"}, {"do", "set", "time", "tomorrow"}, {"do", "set", "time", "0001-01-01T00:00"}} {
		if status, _, h := here.send(consolePath, consolePath+"/clock", form...); status != http.StatusSeeOther || h.Get("Location") != consolePath+"#clock" {
			t.Errorf("%q: %d", form, status)
		}
		if _, shown, _ := here.get(consolePath); !strings.Contains(shown, "The clock was not moved.") || o.clock.ahead != 0 {
			t.Errorf("%q moved the clock by %s", form, o.clock.ahead)
		}
	}
	here.send(consolePath, consolePath+"/fault", "preset", "nothing")
	if _, shown, _ := here.get(consolePath); !strings.Contains(shown, "No fault was armed.") || len(o.Faults()) != 0 || len(o.Namespaces()) != 0 {
		t.Errorf("%d faults, %d namespaces", len(o.Faults()), len(o.Namespaces()))
	}
	for _, form := range [][]string{{"do", "fault", "text", "point: nowhere\nstatus: 503"}, {"do", "fault", "text", "statos: 503"}, {"do", "fault", "text", "point: ["},
		{"do", "fault", "text", "preset: nothing"}, {"do", "seed", "text", "user: []"}, {"do", "seed", "text", "devices: [{hostname: <b>, installedBy: nobody}]"}} {
		status, shown, _ := here.send(consolePath, consolePath, form...)
		if status != http.StatusBadRequest || !strings.Contains(shown, `id="wrong"`) || !strings.Contains(shown, `aria-invalid="true" autofocus>`+html.EscapeString(form[3])+"</textarea>") {
			t.Errorf("%q: %d %s", form, status, shown)
		}
	}
	for path, name := range map[string]string{"save": "../x", "restore": "none"} {
		here.send(consolePath, consolePath+"/"+path, "name", name)
		if _, shown, _ := here.get(consolePath); !strings.Contains(shown, "Nothing was saved or put back.") {
			t.Errorf("%s %q", path, name)
		}
	}
	if status, _, _ := here.send(consolePath, consolePath, "do", "dance"); status != http.StatusNotFound || len(o.Faults()) != 0 {
		t.Errorf("something else: %d, %d faults", status, len(o.Faults()))
	}
	if status, _, h := here.get("/_qa/"); status != http.StatusSeeOther || h.Get("Location") != consolePath {
		t.Errorf("/_qa/ leads to %q", h.Get("Location"))
	}
}

// tester sits down at the console.
func (c chromium) tester(t *testing.T, o *office) *person {
	t.Helper()
	p := c.sitDown(t, o.at.People)
	p.goTo("/")
	p.press("Test console")
	p.sees("Running")
	return p
}

func browseClock(t *testing.T, c chromium) {
	o := newOffice(t)
	p := c.tester(t, o)
	began := o.now()
	p.sees("As this computer's clock")
	p.press("1 hour")
	p.sees("1 hour ahead of this computer's clock")
	if d := o.now().Sub(began); d < time.Hour || d > time.Hour+stepLimit {
		t.Errorf("the clock moved by %s", d)
	}
	p.press("Freeze")
	p.sees("The clock stands still.")
	p.sees("Frozen")
	at := o.now()
	p.do("choosing a time", chromedp.SetValue(field("Date and time in UTC"), "2030-01-02T03:04:05"))
	p.press("Set the clock")
	p.sees("The clock is at 2030-01-02 03:04:05 UTC.")
	if got := o.now(); !got.Equal(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)) || got.Equal(at) {
		t.Errorf("the clock is at %s", got)
	}
	p.press("Let it run")
	p.sees("Running")
	// In one step: the page replaces the clock's text every second.
	shown := get(p, "reading the clock", chromedp.Evaluate[string](`document.querySelector("time[data-runs]").textContent`))
	p.do("seeing it run", chromedp.WaitVisible(`//time[@data-runs and . != "`+shown+`"]`))
	p.press("Back to this computer's time")
	p.sees("As this computer's clock")
	o.MoveClock(-26 * time.Hour) // a program does, below /_qa/
	p.sees("1 day 2 hours behind this computer's clock")
	p.press("1 day")
	p.sees("2 hours behind this computer's clock")
	p.do("choosing a time far away", chromedp.SetValue(field("Date and time in UTC"), "9999-01-01T00:00:01"))
	p.press("Set the clock")
	p.sees("The clock was not moved. Enter a date and a time at most a hundred years from now.")
}

func browseFaults(t *testing.T, c chromium) {
	o := newOffice(t)
	p := c.tester(t, o)
	p.sees("No fault is armed. Everything answers as it should.")
	for _, preset := range []string{"captive-portal", "key-refused"} {
		p.do("choosing "+preset, chromedp.SetValue(field("What goes wrong"), preset))
		p.press("Arm the fault")
		p.sees(preset + " is armed.")
	}
	p.sees("Used 0 of 1")
	p.sees("Used 0 times, until removed")
	if status, _, _ := ask(t, o.trusting(t), "GET", o.at.Console+"/Detect", nil); status != http.StatusOK {
		t.Errorf("the captive portal answers %d", status)
	}
	p.sees("Used 1 time, until removed")
	p.press("Remove captive-portal")
	p.sees("The fault is gone.")
	if status, _, _ := ask(t, o.trusting(t), "GET", o.at.Console+"/Kickstart", nil, "X-Connect-Key", "00"); status != http.StatusForbidden {
		t.Errorf("the key is answered with %d", status)
	}
	p.sees("No fault is armed. Everything answers as it should.")
	p.sees("used up key-refused f2")
	p.do("choosing another", chromedp.SetValue(field("What goes wrong"), "maintenance"))
	p.press("Arm the fault")
	p.sees("maintenance is armed.")
	p.press("Remove all faults")
	p.sees("The fault is gone.")
	if n := len(o.Faults()); n != 0 {
		t.Errorf("%d faults are left", n)
	}
}

// browseStates arms a fault of one's own, saves everything, plants a seed, empties the server and puts all back.
func browseStates(t *testing.T, c chromium) {
	o := newOffice(t)
	p := c.tester(t, o)
	p.fill("A fault of your own, in YAML or JSON", "{point: package, poison: older, wrong: 1}")
	p.press("Arm your fault")
	p.do("being told", chromedp.WaitVisible(`//*[@id = "wrong" and contains(., "wrong")]`))
	p.fill("A fault of your own, in YAML or JSON", "{point: package, poison: older, times: -1}")
	p.press("Arm your fault")
	p.sees("package is armed.")
	p.do("reading what it does", chromedp.WaitVisible(`//li[contains(., "gives what lies on the poisoned shelf: older")]`))
	if f := o.Faults(); len(f) != 1 || f[0].Poison != PoisonOlder || f[0].Times != Always {
		t.Errorf("%+v", f)
	}
	p.sees("Nothing is saved.")
	p.fill("Name of the state", "at-first")
	p.press("Save everything")
	p.sees("Everything is saved as at-first.")
	p.press("Plant the seed") // the one that stands there as an example
	p.sees("The seed was planted.")
	if shot := o.shot(t); len(shot.Systems) != 30 || o.Settings().KeyLife != time.Minute {
		t.Errorf("%d devices, a key lives %s", len(shot.Systems), o.Settings().KeyLife)
	}
	p.do("wanting no demo organization", chromedp.Click(`//section[h2 = "States"]//label[. = "With the demo organization"]`))
	p.press("Empty the server")
	p.sees("The server was emptied. The journal goes on.")
	p.sees("No fault is armed. Everything answers as it should.")
	if shot := o.shot(t); len(shot.Users)+len(shot.Systems) != 0 || o.Settings().KeyLife != time.Hour {
		t.Errorf("%+v", shot)
	}
	p.press("Put back at-first")
	p.sees("Everything is again as saved under at-first.")
	if shot := o.shot(t); len(shot.Users) != 2 || len(shot.Systems) != 0 || len(o.Faults()) != 1 {
		t.Errorf("%+v", shot)
	}
	if status, answer := o.qa(t, "POST", "save", `{"name":"by-a-program"}`); status != http.StatusOK {
		t.Errorf("%d %s", status, answer)
	}
	p.sees("by-a-program") // an open page follows
}

func browseJournal(t *testing.T, c chromium) {
	o := newOffice(t)
	p := c.tester(t, o)
	held := `count(//section[h2 = "Invariants"]//*[normalize-space(.) = "Holds" and contains(@class, "pill")]) = ` + strconv.Itoa(len(Invariants()))
	p.do("seeing all hold", chromedp.WaitVisible(`//section[`+held+`]`))
	o.rules.learn("a-secret-that-came-by")
	o.visitor(t, o.at.People).get("/a-secret-that-came-by")
	p.sees("Broken 1 time")
	p.sees("no secret in the journal: an entry of the kind request held one")
	o.visitor(t, o.at.People).get("/here-i-was?first")
	p.sees("GET /here-i-was?first=")
	p.fill("Search in every line", "HERE-i")
	p.press("Find")
	p.sees("GET /here-i-was?first=")
	o.visitor(t, o.at.People).get("/elsewhere")
	o.visitor(t, o.at.People).get("/here-i-was?second")
	p.sees("GET /here-i-was?second=")
	if n := get(p, "counting lines", chromedp.Evaluate[int](`document.querySelectorAll("#live-journal li").length`)); n != 2 {
		t.Errorf("%d lines match", n)
	}
	p.do("choosing mails", chromedp.SetValue(field("Kind"), string(EntryMail)))
	p.press("Find")
	p.sees("No line matches.")
	p.fill("Search in every line", "")
	p.press("Find")
	o.device(t, "lab-pc-7", o.nora)
	p.do("seeing the mails", chromedp.WaitVisible(`//li[contains(., "to ada@acme.example")]`))
	for _, e := range o.ReadJournal(JournalQuery{}) {
		if e.Path == consolePath || e.Path == "/live" {
			t.Errorf("whoever looks is what happens: %+v", e)
		}
	}
}

func browseNamespace(t *testing.T, c chromium) {
	o := newOffice(t)
	p := c.tester(t, o)
	p.sees("There are none.")
	p.fill("Name of the namespace", "Not A Name")
	p.press("Make a namespace")
	p.sees("No namespace was made. A name has small letters, digits and hyphens, at most 41.")
	p.fill("Name of the namespace", "left")
	p.press("Make a namespace")
	p.sees("The namespace left runs.")
	p.fill("Name of the namespace", "left")
	p.press("Make a namespace")
	p.sees("No namespace was made: there is one of that name. Choose another name.")
	all := o.Namespaces()
	if len(all) != 1 || all[0].Name != "left" {
		t.Fatalf("the namespaces are %+v", all)
	}
	p.press("Pages left")
	p.sees("Where to go")
	if at := get(p, "reading the address", chromedp.Location()); at != all[0].Addresses.People+"/" {
		t.Errorf("the link leads to %s", at)
	}
	p.goTo(consolePath)
	p.press("End left")
	p.sees("The namespace left has ended.")
	p.sees("There are none.")
}
