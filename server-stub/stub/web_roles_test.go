package stub

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func browseReadOnly(t *testing.T, c chromium) {
	o := newOffice(t)
	y := o.device(t, "lab-pc-7", o.nora)
	rita := c.sitDown(t, o.at.People)
	rita.signInAdmin("/admin", o.rita)
	rita.sees("Nobody")
	for _, path := range []string{"/admin/devices", "/admin/devices/" + y.ID, "/admin/settings"} {
		rita.goTo(path)
		if rita.has(`//main//form[@method = "post"]//button | //main//form[@method = "post"]//select`) {
			t.Errorf("%s offers a change", path)
		}
	}
	for path, form := range map[string]string{
		"/admin/devices/" + y.ID + "/bind":   `user: "` + o.nora.ID + `"`,
		"/admin/devices/" + y.ID + "/unbind": `user: "` + o.nora.ID + `"`,
		"/admin/devices/" + y.ID + "/delete": ``,
		"/admin/settings":                    `allow: "yes"`,
		"/admin/announce":                    `subject: "a", text: "b", do: "send"`,
		"/admin/ask":                         `subject: "a", text: "b", do: "send", user: "` + o.nora.ID + `"`,
	} {
		status := get(rita, "forging a form for "+path, chromedp.Evaluate[int](fmt.Sprintf(
			`fetch(%q, {method: "POST", body: new URLSearchParams({xsrf: document.querySelector("[name=xsrf]").value, %s})}).then(a => a.status)`, path, form), chromedp.EvalAwaitPromise))
		if status != 403 {
			t.Errorf("a forged form for %s was answered with %d, want 403", path, status)
		}
	}
	if got := o.bound(t, y); len(got) != 0 {
		t.Errorf("bound are %q", got)
	}
	if org, err := o.Organization(t.Context()); err != nil || org.EnrollmentAllowed || !org.Announced.IsZero() {
		t.Errorf("the organization is %+v, %v", org, err)
	}
}

func browseMail(t *testing.T, c chromium) {
	o := newOffice(t)
	y := o.device(t, "lab-pc-7", o.nora)
	mails, err := o.Outbox(t.Context())
	if err != nil || len(mails) != 3 {
		t.Fatalf("%d mails for 3 admins, %v", len(mails), err)
	}
	link := regexp.MustCompile(`https?://\S+`).FindString(mails[0].Text)
	path, ours := strings.CutPrefix(link, o.at.People)
	if !ours {
		t.Fatalf("the mail links %q, want a page of %s", link, o.at.People)
	}
	hal := c.sitDown(t, o.at.People)
	hal.signInAdmin(path, o.hal)
	if !hal.has(`//h1[. = "lab-pc-7"]`) {
		t.Error("after signing in the mail's link does not lead to the device")
	}
	hal.press("Outbox")
	hal.press(mails[0].Subject)
	hal.press(link)
	hal.sees(y.SerialNumber)
}

func browsePhone(t *testing.T, c chromium) {
	o := newOffice(t)
	nora := c.sitDown(t, o.at.People)
	nora.goTo("/")
	nora.press("Phone")
	nora.sees("Nora Haddad")
	code := get(nora, "reading the code", chromedp.Text(chromedp.CSS(".digits")))
	if nora.has(`//*[. = "Ben Alvarez"]`) {
		t.Error("the phone shows Ben, who has no second factor")
	}
	nora.goTo("/userconsole")
	nora.fill("Email", "nora@acme.example")
	nora.fill("Password", DemoUserPassword)
	nora.press("Sign in")
	nora.fill("Code", code)
	nora.press("Sign in")
	nora.sees("Your account")
	nora.press("Sign out")
	nora.sees("Sign in to the User Portal")
}
