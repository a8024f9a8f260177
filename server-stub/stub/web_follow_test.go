package stub

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A user's row shows, while it is looked at, how far the user came.
func browseUsers(t *testing.T, c chromium) {
	o := newOffice(t)
	ada := c.sitDown(t, o.at.People)
	ada.signInAdmin("/admin/users", o.ada)
	row := func(asked, enrolled, bound string) {
		t.Helper()
		path := `//tr[contains(., "ben@acme.example") and .//li[1][starts-with(normalize-space(.), "` + asked + `")] and .//li[2][normalize-space(.) = "` +
			enrolled + `"] and .//li[3][normalize-space(.) = "` + bound + `"]]`
		ada.do("looking for "+asked+", "+enrolled+", "+bound, chromedp.WaitVisible(path))
	}
	row("Not asked", "Not enrolled", "Not bound")
	if _, err := o.AskToInstall(t.Context(), o.ada, "linux", "a", "b", o.ben.ID); err != nil {
		t.Fatal(err)
	}
	row("Asked", "Not enrolled", "Not bound")
	y := o.device(t, "ben-laptop", o.ben)
	row("Asked", "Enrolled", "Not bound")
	if err := o.Bind(t.Context(), o.ada, y.ID, o.ben.ID); err != nil {
		t.Fatal(err)
	}
	row("Asked", "Enrolled", "Bound")
	ada.press("ben-laptop")
	ada.sees("PF3ZK9Q1")
	o.MoveClock(time.Hour) // nothing was asked for in so long that the session has ended
	ada.sees("Sign in to the Admin Portal")
}

// The section of the User Portal comes and goes as the organization decides; the key goes when it has expired.
func browsePortalLive(t *testing.T, c chromium) {
	o := newOffice(t)
	if err := o.ChangeSettings(func(s *Settings) { s.KeyLife = 10 * time.Minute }); err != nil {
		t.Fatal(err)
	}
	ben := c.sitDown(t, o.at.People)
	ben.goTo("/userconsole#/security")
	ben.fill("Email", o.ben.Email)
	ben.fill("Password", DemoUserPassword)
	ben.press("Sign in")
	ben.sees("Your account")
	o.allow(t, true)
	ben.sees("JumpCloud Agent")
	ben.press("Generate key")
	ben.sees("Generate another key")
	key := ben.value("Your connect key")
	ben.press("Copy the connect key")
	ben.do("being told", chromedp.WaitVisible(`//button[starts-with(., "Copied")]`))
	if said := get(ben, "listening", chromedp.Evaluate[string](`document.getElementById("told").textContent`)); said != "Copied to the clipboard." {
		t.Errorf("a screen reader is told %q", said)
	}
	o.MoveClock(11 * time.Minute)
	ben.do("seeing the key go", chromedp.WaitNotPresent(chromedp.CSS("#key")))
	ben.sees("Generate key")
	ben.press("Generate key")
	ben.sees("Generate another key")
	if again := ben.value("Your connect key"); again == key || len(again) != 40 {
		t.Errorf("the key is %q, before it was %q", again, key)
	}
	o.allow(t, false)
	ben.do("seeing the section go", chromedp.WaitNotPresent(chromedp.CSS("#jumpcloud-agent")))
}

// Who is being written to stays chosen, and what was written stays written, when another user joins.
func browseLetterLive(t *testing.T, c chromium) {
	o := newOffice(t)
	ada := c.sitDown(t, o.at.People)
	ada.signInAdmin("/admin/announce", o.ada)
	join := func(name string) {
		t.Helper()
		if _, err := o.AddUser(t.Context(), User{Username: name, Email: name + "@acme.example"}, DemoUserPassword, ""); err != nil {
			t.Fatal(err)
		}
	}
	ada.sees("Everyone (2 users)")
	ada.do("choosing", chromedp.Click(`//label[. = "Only these:"]`), chromedp.Click(`//label[starts-with(., "Ben Alvarez")]`))
	ada.fill("Subject", "Not sent yet")
	join("zoe")
	ada.sees("Everyone (3 users)")
	ada.sees("zoe zoe@acme.example")
	ada.press("Preview")
	ada.sees("This is how 1 user gets it")
	join("yan")
	ada.sees("yan yan@acme.example")
	ada.press("Send")
	ada.sees("The mail was sent to 1 user.")
	if sent := o.shot(t).Outbox; len(sent) != 1 || sent[0].To != o.ben.Email || sent[0].Subject != "Not sent yet" {
		t.Errorf("sent was %+v", sent)
	}
}

// An admin asks somebody to install, with the steps for Linux.
func browseAsk(t *testing.T, c chromium) {
	o := newOffice(t)
	hal := c.sitDown(t, o.at.People)
	hal.signInAdmin("/admin/users", o.hal)
	hal.press("Ask to install")
	hal.sees("Their computer")
	hal.press("Send")
	hal.sees("Nobody is chosen. Choose at least one user, then send.")
	hal.do("choosing", chromedp.Click(`//label[starts-with(., "Ben Alvarez")]`), chromedp.Click(`//label[. = "Linux"]`))
	hal.press("Write the message for this choice")
	hal.do("waiting for the message", chromedp.WaitVisible(`//input[@id = "system-linux" and @checked]`))
	if text := hal.value("Message"); !strings.Contains(text, "On your Linux computer:") || !strings.Contains(text, helpArticle) {
		t.Errorf("the message is %q", text)
	}
	hal.press("Preview")
	hal.sees("This is how 1 user gets it")
	hal.press("Send")
	hal.sees("1 user was asked to install the agent.")
	hal.do("reading the row", chromedp.WaitVisible(`//tr[contains(., "ben@acme.example")]//li[starts-with(normalize-space(.), "Asked ")]`))
	if sent := o.shot(t).Outbox; len(sent) != 1 || sent[0].To != o.ben.Email || !strings.Contains(sent[0].Text, "Hello Ben") {
		t.Errorf("sent was %+v", sent)
	}
}

func browseFailures(t *testing.T, c chromium) {
	o := newOffice(t)
	ada := c.sitDown(t, o.at.People)
	ada.signInAdmin("/admin", o.ada)
	ada.press("Failures")
	ada.sees("Reports are switched off.")
	ada.press("Open Settings")
	ada.do("ticking the box", chromedp.Click(`//label[. = "Take reports of failed enrollments"]`))
	ada.press("Save this choice")
	ada.sees("Saved. Reports of failed enrollments are taken.")
	ada.press("Failures")
	ada.sees("No failure was reported")
	token, err := o.ReportToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, change := range []map[string]any{nil, {"device": strings.Repeat("e", 32), "hostname": "ben-laptop"}, {"code": "canceled", "step": "plan", "outcome": "abandoned"}} {
		if status, answer, _ := o.report(t, token, aReport(i, change)); status != http.StatusCreated {
			t.Fatalf("report %d: %d %s", i, status, answer)
		}
	}
	ada.sees("3 reports")
	ada.do("reading the row", chromedp.WaitVisible(`//tr[th/a = "install-failed" and td[. = "install"] and count(td[. = "2"]) = 2]`))
	ada.press("install-failed")
	ada.sees("2 reports")
	ada.press("ben-laptop")
	ada.sees("The installer ended with an error.")
	ada.sees("Ubuntu 24.04")
	ada.press("← install-failed")
	ada.press("Delete these reports")
	ada.sees("2 reports were deleted.")
	ada.sees("1 report")

	rita := c.sitDown(t, o.at.People)
	rita.signInAdmin("/admin/failures", o.rita)
	rita.sees("canceled")
	if rita.has(`//main//button`) {
		t.Error("a read-only admin is offered to delete")
	}
	ada.press("Delete all reports")
	ada.sees("No failure was reported")
	rita.sees("No failure was reported")
	ada.press("Outbox")
	ada.press("Enrollment failed: ben-laptop")
	ada.press(o.at.People + "/admin/failures")
	ada.sees("No failure was reported")
}

// What is gone is shown to be gone, and the outbox and the settings follow too.
func browseGone(t *testing.T, c chromium) {
	o := newOffice(t)
	y := o.device(t, "lab-pc-7", o.nora)
	paths := []string{"/admin/devices/" + y.ID, "/admin/outbox", "/admin/settings", "/admin/devices/" + y.ID + "/delete"}
	var at []*person
	for _, path := range paths {
		p := c.sitDown(t, o.at.People)
		p.signInAdmin(path, o.ada)
		at = append(at, p)
	}
	if err := o.Bind(t.Context(), o.ada, y.ID, o.ben.ID); err != nil {
		t.Fatal(err)
	}
	at[0].sees("The agent looks after this computer for them.")
	if _, err := o.Announce(t.Context(), o.ada, "News for everyone", "b"); err != nil {
		t.Fatal(err)
	}
	at[1].sees("News for everyone")
	at[2].sees("Tell them again")
	if err := o.DeleteSystem(t.Context(), o.ada, y.ID); err != nil {
		t.Fatal(err)
	}
	at[0].sees("No such device")
	at[3].sees("No such device")
}
