package stub

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// devicesOn gives the devices of a page of the list, in order.
func devicesOn(page string) (names []string) {
	for _, m := range regexp.MustCompile(`<th scope="row"><a href="/admin/devices/[0-9a-f]{24}">([^<]*)</a>`).FindAllStringSubmatch(page, -1) {
		names = append(names, m[1])
	}
	return names
}

func TestWebDeviceList(t *testing.T) {
	o := newOffice(t)
	seed, err := ParseSeed([]byte(`
devices:
  - {hostname: lab, count: 60, installedBy: nora, seenAgo: 1h}
  - {hostname: zebra, installedBy: ben, os: Mac OS X, osFamily: darwin, serialNumber: "C02_100%", boundTo: [ben], seenAgo: 5s}
  - {hostname: aardvark, installedBy: ada@acme.example, agentVersion: 1.0.0}
`))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Plant(t.Context(), seed); err != nil {
		t.Fatal(err)
	}
	v := o.visitor(t, o.at.People).admin(o.rita)
	for _, c := range []struct {
		query string
		n     int
		first string
		says  string
	}{
		{"", 25, "", "1 to 25 of 62 devices"},
		{"?page=3", 12, "", "51 to 62 of 62 devices"},
		{"?page=99", 12, "", "51 to 62 of 62 devices"},
		{"?page=x&sort=nonsense&state=blue", 25, "", "1 to 25 of 62 devices"},
		{"?sort=device", 25, "aardvark", `aria-sort="ascending"`},
		{"?sort=-device", 25, "zebra", `aria-sort="descending"`},
		{"?sort=-state", 25, "zebra", ""},
		{"?sort=agent", 25, "aardvark", ""},
		{"?state=active", 1, "zebra", "1 to 1 of 1 device<"},
		{"?state=inactive&q=aard", 1, "aardvark", ""},
		{"?state=unbound", 25, "", "1 to 25 of 61 devices"},
		{"?q=ZEB", 1, "zebra", ""},
		{"?q=100%25", 1, "zebra", ""},
		{"?q=%25", 1, "zebra", ""},
		{"?q=_", 1, "zebra", ""},
		{"?q=mac+os", 1, "zebra", ""},
		{"?q=%27%3B+DROP+TABLE+systems", 0, "", "No device matches"},
		{"?q=%3Cb%3E", 0, "", `value="&lt;b&gt;"`},
	} {
		status, page, _ := v.get("/admin/devices" + c.query)
		names := devicesOn(page)
		if status != http.StatusOK || len(names) != c.n || c.first != "" && names[0] != c.first || !strings.Contains(page, c.says) {
			t.Errorf("%q: %d, %d devices, %.3q; says %q: %t", c.query, status, len(names), names, c.says, strings.Contains(page, c.says))
		}
	}
	// From the first page to the last by its links every device is there once, in order.
	var all []string
	for path := "/admin/devices?sort=device&q=lab"; path != ""; {
		_, page, _ := v.get(path)
		all = append(all, devicesOn(page)...)
		m := regexp.MustCompile(`href="([^"]*)">Next page`).FindStringSubmatch(page)
		if path = ""; m != nil {
			path = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if len(all) != 60 || !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != 60 {
		t.Errorf("%d devices: %q", len(all), all)
	}
}

// Searching, filtering, sorting and turning pages, as a person does it.
func browseList(t *testing.T, c chromium) {
	o := newOffice(t)
	seed, err := ParseSeed([]byte("devices:\n  - {hostname: lab, count: 30, installedBy: nora, seenAgo: 1h}\n  - {hostname: zebra, installedBy: ben, seenAgo: 5s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Plant(t.Context(), seed); err != nil {
		t.Fatal(err)
	}
	rita := c.sitDown(t, o.at.People)
	rita.signInAdmin("/admin", o.rita)
	rita.sees("1 to 25 of 31 devices")
	rita.press("Next page")
	rita.sees("26 to 31 of 31 devices")
	rita.press("Previous page")
	rita.sees("1 to 25 of 31 devices")
	byName := chromedp.Click(`//thead//a[starts-with(., "Device")]`, chromedp.NodeVisible)
	rita.do("sorting", byName, chromedp.WaitVisible(`//th[@aria-sort = "ascending"]`))
	rita.do("sorting back", byName, chromedp.WaitVisible(`//th[@aria-sort = "descending"]`), chromedp.WaitVisible(`//tbody/tr[1]//a[. = "zebra"]`))
	rita.fill("Search by name, serial number or system", "ZEB")
	rita.press("Apply")
	rita.sees("1 to 1 of 1 device")
	rita.do("choosing the inactive", chromedp.SetValue(field("Show"), "inactive"))
	rita.press("Apply")
	rita.sees("No device matches")
	rita.press("Show all devices")
	rita.sees("1 to 25 of 31 devices")
	rita.do("choosing an order", look(360, "dark"), chromedp.SetValue(field("Order"), "-state"))
	rita.press("Apply")
	rita.do("seeing it sorted", chromedp.WaitVisible(`//tbody/tr[1]//a[. = "zebra"]`))
}

// A list that is open shows what happens, without a word from the person, and leaves a choice that is being made alone.
func browseLive(t *testing.T, c chromium) {
	o := newOffice(t)
	o.allow(t, true)
	ada := c.sitDown(t, o.at.People)
	ada.signInAdmin("/admin", o.ada)
	ada.sees("No devices yet")
	y := o.device(t, "lab-pc-7", o.nora)
	ada.sees("lab-pc-7")
	ada.do("choosing Ben", chromedp.SetValue("#bind-"+y.ID, o.ben.ID), chromedp.Focus("#content"))
	o.device(t, "lab-pc-8", o.ben)
	ada.sees("lab-pc-8")
	if got := get(ada, "looking at the choice", chromedp.Evaluate[string](`document.querySelector("#bind-`+y.ID+`").value`)); got != o.ben.ID {
		t.Errorf("the choice became %q", got)
	}
	ada.press("Bind the chosen user to lab-pc-7")
	ada.sees("Ben Alvarez is bound to lab-pc-7.")
	ada.sees("lab-pc-8")
	o.MoveClock(5 * time.Minute)
	ada.do("looking for the new state", chromedp.WaitVisible(`//td//*[normalize-space(.) = "Inactive"]`))
}

// An admin sees which Macs need help: those whose service account cannot do what it is for.
func TestWebServiceAccount(t *testing.T) {
	o := newOffice(t)
	seed, err := ParseSeed([]byte(`
devices:
  - {hostname: pc, installedBy: nora, os: Windows, osFamily: windows, report: {}}
  - {hostname: mac-silent, installedBy: nora, os: Mac OS X, osFamily: darwin}
  - {hostname: mac-none, installedBy: nora, os: Mac OS X, osFamily: darwin, report: {}}
  - {hostname: mac-useless, installedBy: nora, os: Mac OS X, osFamily: darwin, report: {hasServiceAccount: true, serviceAccountState: {hasSecureToken: true}}}
  - {hostname: mac-ready, installedBy: nora, os: Mac OS X, osFamily: darwin, report: {hasServiceAccount: true,
     serviceAccountState: {hasSecureToken: true, passwordODValid: true, passwordAPFSValid: true}}}
`))
	if err == nil {
		err = o.Plant(t.Context(), seed)
	}
	if err != nil {
		t.Fatal(err)
	}
	v := o.visitor(t, o.at.People).admin(o.rita)
	_, list, _ := v.get("/admin/devices")
	if n := strings.Count(list, ">Needs help<"); n != 2 {
		t.Errorf("%d devices need help:\n%s", n, list)
	}
	for _, m := range regexp.MustCompile(`<a href="(/admin/devices/[0-9a-f]{24})">([^<]*)</a>`).FindAllStringSubmatch(list, -1) {
		_, page, _ := v.get(m[1])
		want := map[string]string{"mac-none": "Missing. FileVault", "mac-useless": "There, but without a SecureToken", "mac-ready": "There, and holds a SecureToken"}[m[2]]
		if strings.Contains(page, "Service account") != (want != "") || !strings.Contains(page, want) {
			t.Errorf("%s: the page lacks %q, or has it for nothing:\n%s", m[2], want, page)
		}
		if helped := m[2] != "mac-none" && m[2] != "mac-useless"; strings.Contains(page, "Needs help") == helped {
			t.Errorf("%s: needs help: %v", m[2], !helped)
		}
	}
}
