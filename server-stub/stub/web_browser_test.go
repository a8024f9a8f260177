package stub

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// signInAdmin signs in by the keyboard alone: the first field has the focus.

func (p *person) signInAdmin(path string, a Admin) {
	p.t.Helper()
	p.goTo(path)
	p.do("signing in as "+a.Email, chromedp.WaitVisible(chromedp.CSS("#email:focus")), chromedp.KeyEvent(a.Email+kb.Tab+DemoAdminPassword+kb.Enter))
	p.sees(a.Name)
}

// TestBrowser does in Chromium what people do; one browser serves all its parts.

func TestBrowser(t *testing.T) {
	c := startChromium(t)
	for _, part := range []struct {
		name string
		do   func(*testing.T, chromium)
	}{
		{"admin switches enrollment on", browseSwitchOn}, {"user makes a key", browseKey}, {"admin binds from the list", browseBind},
		{"read only changes nothing", browseReadOnly}, {"mail leads to the device", browseMail}, {"phone", browsePhone}, {"a list is searched and sorted", browseList}, {"the list follows", browseLive},
		{"the users' rows follow", browseUsers}, {"the portal follows", browsePortalLive}, {"a letter follows", browseLetterLive}, {"an admin asks to install", browseAsk},
		{"failures are read and deleted", browseFailures}, {"pages follow each other", browseGone},
		{"a tester moves the clock", browseClock}, {"a tester arms faults", browseFaults}, {"a tester saves and puts back", browseStates}, {"a tester reads what happened", browseJournal},
		{"a tester makes a namespace", browseNamespace}, {"a page of another site attacks", browseAttack}, {"a name of another site leads here", browseRebound}, {"strangers choose hostile words", browseHostile}, {"the tools find faults", browseFaulty}, {"every page", browseEvery},
	} {
		t.Run(part.name, func(t *testing.T) { part.do(t, c) })
	}
}

func browseSwitchOn(t *testing.T, c chromium) {
	o := newOffice(t)
	ada := c.sitDown(t, o.at.People)
	ada.signInAdmin("/admin", o.ada)
	ada.sees("No devices yet")
	ada.press("Settings")
	ada.sees("Organization Profile")
	ada.sees("User Portal Settings")
	tip := `//*[contains(., "Have you educated your users about this feature?")]`
	if !ada.has(tip) {
		t.Error("the tip is missing before the users were told")
	}
	ada.press("Write the announcement")
	ada.sees("Tell your users")
	ada.press("Preview")
	ada.sees("This is how the first of 2 users gets it")
	ada.press("Send")
	ada.sees("The mail was sent to 2 users.")
	if ada.has(tip) {
		t.Error("the tip is still there after the users were told")
	}
	ada.do("ticking the box", chromedp.Click(`//label[. = "Allow all users to enroll devices through the User Portal"]`))
	ada.press("Save")
	ada.sees("Saved. Every user now sees the JumpCloud Agent section.")

	snapshot := o.shot(t)
	if !snapshot.Organization.EnrollmentAllowed || snapshot.Organization.Announced.IsZero() {
		t.Errorf("the organization is %+v", snapshot.Organization)
	}
	if n := len(snapshot.Outbox); n != 2 {
		t.Errorf("%d mails were sent, want one for each of 2 users", n)
	}
	for _, m := range snapshot.Outbox {
		if !strings.Contains(m.Text, "There is nothing for you to do now") {
			t.Errorf("the mail to %s does not say that there is nothing to do:\n%s", m.To, m.Text)
		}
	}
}

func browseKey(t *testing.T, c chromium) {
	o := newOffice(t)
	nora := c.sitDown(t, o.at.People)
	nora.goTo("/userconsole#/security")
	nora.fill("Email", "nora@acme.example")
	nora.fill("Password", "wrong")
	nora.press("Sign in")
	nora.sees("Email or password is wrong. Check both and try again.")
	nora.fill("Password", DemoUserPassword)
	nora.press("Sign in")
	nora.sees("Enter your code")
	nora.fill("Code", "000000")
	nora.press("Sign in")
	nora.sees("That code is wrong or has expired. Type the one the app shows now.")
	nora.fill("Code", o.codeOf(t, o.nora))
	nora.press("Sign in")
	nora.sees("Your account")
	if nora.has(`//*[. = "JumpCloud Agent"]`) || nora.has(`//button[contains(., "key")]`) {
		t.Error("the section is there before the organization allows it")
	}

	o.allow(t, true)
	nora.goTo("/userconsole")
	nora.sees("JumpCloud Agent")
	nora.sees("There is no package for Windows on this stub.")
	nora.press("Generate key")
	nora.sees("Generate another key")
	key := nora.value("Your connect key")
	if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(key) {
		t.Fatalf("the key is %q", key)
	}
	nora.expects(t, o, key)

	nora.press("Copy the connect key")
	nora.do("being told", chromedp.WaitVisible(`//button[starts-with(., "Copied")]`))
	command := nora.value("Command for the terminal")
	want := fmt.Sprintf("curl --tlsv1.2 --silent --show-error --cacert %s --header 'x-connect-key: %s' %s/Kickstart | sudo bash", o.at.CAFile, key, o.at.Console)
	if command != want {
		t.Errorf("the command is\n%s\nwant\n%s", command, want)
	}
	nora.goTo("/admin/signin")
	nora.paste("Email")
	if got := nora.value("Email"); got != key {
		t.Errorf("%q was copied, want the key", got)
	}
	nora.goTo("/userconsole")
	nora.press("Copy the command")
	nora.do("being told", chromedp.WaitVisible(`//button[starts-with(., "Copied")]`))
	nora.goTo("/admin/signin")
	nora.paste("Password")
	if got := nora.value("Password"); got != command {
		t.Errorf("%q was copied, want the command", got)
	}

	nora.goTo("/userconsole#/security")
	nora.standStill()
	o.allow(t, false)
	nora.press("Generate another key")
	nora.sees("No key was made")
	nora.goTo("/userconsole")
	nora.sees("Your account")
	if nora.has(`//*[. = "JumpCloud Agent"]`) {
		t.Error("the section is still there after it was switched off")
	}
}

// expects checks that the page says when the key ends, and that the address is still the vendor's.

func (p *person) expects(t *testing.T, o *office, key string) {
	t.Helper()
	k, err := o.checkKey(t.Context(), o.db, key)
	if err != nil {
		t.Fatal("the key that the page shows:", err)
	}
	if k.OwnerID != o.nora.ID || k.Expires.Sub(k.Created) != time.Hour {
		t.Errorf("the key is %+v, want one of an hour for Nora", k)
	}
	says := get(p, "reading the end", chromedp.AttributeValue(chromedp.CSS("#expires"), "datetime")).Value
	address := get(p, "reading the address", chromedp.Location())
	if says != when(k.Expires) {
		t.Errorf("the page says the key works until %s, it does until %s", says, when(k.Expires))
	}
	if !strings.HasSuffix(address, "/userconsole#/security") {
		t.Errorf("the address is %s, want the vendor's with #/security", address)
	}
}

func browseBind(t *testing.T, c chromium) {
	o := newOffice(t)
	y := o.device(t, "lab-pc-7", o.nora)
	hal := c.sitDown(t, o.at.People)
	hal.signInAdmin("/admin", o.hal)
	for _, words := range []string{"lab-pc-7", "Ubuntu 24.04", "Active", "2.166.2", "Nora Haddad"} {
		if !hal.has(fmt.Sprintf(`//tbody//*[normalize-space(.) = %q]`, words)) {
			t.Errorf("the row does not show %s", words)
		}
	}
	offered := get(hal, "reading who is offered", chromedp.Evaluate[[]string](`Array.from(document.querySelector("td select").options, o => o.text + (o.selected ? " <" : ""))`))
	if want := "Nora Haddad (installed it) <|Ben Alvarez"; strings.Join(offered, "|") != want {
		t.Errorf("offered are %q, want %q", offered, want)
	}
	hal.press("Bind the chosen user to lab-pc-7")
	hal.sees("Nora Haddad is bound to lab-pc-7.")
	if got := o.bound(t, y); len(got) != 1 || got[0] != o.nora.ID {
		t.Errorf("bound are %q, want Nora", got)
	}
	hal.press("Unbind Nora Haddad from lab-pc-7")
	hal.sees("Nora Haddad is no longer bound to lab-pc-7.")
	if got := o.bound(t, y); len(got) != 0 {
		t.Errorf("bound are %q, want nobody", got)
	}
	hal.press("lab-pc-7")
	hal.sees("PF3ZK9Q1")
	if hal.has(`//a[contains(., "Delete")]`) {
		t.Error("the help desk is offered to delete")
	}
	hal.press("Bind the chosen user to lab-pc-7")
	hal.sees("Nora Haddad is bound to lab-pc-7.")
	if !hal.has(`//h1[. = "lab-pc-7"]`) {
		t.Error("binding on the device's page leads elsewhere")
	}

	ada := c.sitDown(t, o.at.People)
	ada.signInAdmin("/admin/devices/"+y.ID, o.ada)
	ada.press("Delete the device")
	ada.sees("Delete lab-pc-7?")
	ada.press("Delete lab-pc-7")
	ada.sees("lab-pc-7 was deleted. Its agent uninstalls itself the next time it reports.")
	ada.sees("No devices yet")
}
