//go:build (e2e || laptop) && linux

package main

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

// This file is what people do at the portals, in the words of the pages.

// agentSection is the heading of the User Portal's section that is there only where an admin switched it on.
const agentSection = "JumpCloud Agent"

// signInAtPortal signs a user in at the User Portal, which is open, with a password and a code.
func (v *visitor) signInAtPortal(email, password string, code func() string) {
	v.t.Helper()
	v.sees("Sign in to the User Portal")
	v.fill("Email", email)
	v.fill("Password", password)
	v.press("Sign in")
	v.sees("Enter your code")
	v.fill("Code", code())
	v.press("Sign in")
	v.sees("Your account")
}

// generateKey makes a connect key on the Security page, which is open, and gives it.
func (v *visitor) generateKey() string {
	v.t.Helper()
	v.do("loading the page again", chromedp.Reload())
	v.sees(agentSection)
	v.press("Generate key")
	v.sees("Generate another key")
	return get(v, "reading the key", chromedp.Value(labelled("Your connect key")))
}

// copyKey copies the key that the Security page shows.
func (v *visitor) copyKey() {
	v.t.Helper()
	v.press("Copy the connect key")
	v.do("being told that it was copied", chromedp.WaitVisible(`//button[starts-with(normalize-space(.), "Copied")]`))
}

// signInAsAdmin opens the Admin Portal below the base URL of the pages for people, and signs in.
func (v *visitor) signInAsAdmin(base, email, password string) {
	v.t.Helper()
	v.do("opening the Admin Portal", chromedp.Navigate(base+"/admin"))
	v.sees("Sign in to the Admin Portal")
	v.fill("Email", email)
	v.fill("Password", password)
	v.press("Sign in")
	v.sees("Devices")
}

// allowEnrollment switches on that users enroll devices, as the vendor's article says: Settings, Organization Profile,
// User Portal Settings, the box, Save.
func (v *visitor) allowEnrollment() {
	v.t.Helper()
	v.press("Settings")
	v.sees("Organization Profile")
	v.sees("User Portal Settings")
	v.do("ticking the box", chromedp.Click(`//label[. = "Allow all users to enroll devices through the User Portal"]`))
	v.press("Save")
	v.sees("Saved. Every user now sees the JumpCloud Agent section.")
}

// bindFromList binds a device to the user that the Devices list offers first, who must be the one named: the one who
// installed the agent.
func (v *visitor) bindFromList(device, user string) {
	v.t.Helper()
	v.press("Devices")
	v.sees(device)
	chosen := get(v, "reading who is offered", chromedp.Evaluate[string](fmt.Sprintf(
		`Array.from(document.querySelectorAll("tr")).find(r => r.innerText.includes(%q)).querySelector("select").selectedOptions[0].text`, device)))
	if !strings.HasPrefix(chosen, user) {
		v.t.Errorf("the list offers %q for %s, want %s first", chosen, device, user)
	}
	v.press("Bind the chosen user to " + device)
	v.sees(user + " is bound to " + device + ".")
}
