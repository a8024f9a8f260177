//go:build laptop

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"example.com/enrollment-assistant/assets"
)

// browserFolder is where nora's browser keeps what it knows. Chromium lets itself be watched only where that is not the
// usual place.
const browserFolder = "/home/nora/.config/browser"

// browserFlags makes the browser of the laptop one that a test can drive: on a port of loopback, which a machine shares
// with this computer.
const browserFlags = `export CHROMIUM_FLAGS="$CHROMIUM_FLAGS --remote-debugging-port=0 --user-data-dir=` + browserFolder + ` --no-first-run \
 --password-store=basic --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
`

// browserPolicy keeps the browser from asking whether it shall save the password, over the page.
const browserPolicy = `{"PasswordManagerEnabled":false}`

// tab is the page that the laptop's browser shows.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // a tab is its context
}

// openedTab waits for the browser that somebody opened on the desktop, and gives its page.
func (s *desktop) openedTab() *tab {
	s.g.t.Helper()
	address := "127.0.0.1:" + s.next(s.g.follow("tail", "--follow=name", "--retry", "--lines=+1", browserFolder+"/DevToolsActivePort"))
	s.window("Chromium$")
	alloc, end := remote.NewAllocator(context.Background(), "ws://"+address+"/")
	s.g.t.Cleanup(end)
	ctx, leave := chromedp.NewContext(alloc, chromedp.WithTargetID(s.firstPage(address)))
	s.g.t.Cleanup(leave)
	must(s.g.t, chromedp.Do(ctx)) // what runs first decides how long the connection lasts
	return &tab{s.g.t, ctx}
}

// firstPage gives the page that the browser has.
func (s *desktop) firstPage(address string) target.ID {
	s.g.t.Helper()
	req, err := http.NewRequestWithContext(s.g.t.Context(), http.MethodGet, "http://"+address+"/json/list", http.NoBody)
	must(s.g.t, err)
	res, err := http.DefaultClient.Do(req)
	must(s.g.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	must(s.g.t, err)
	var pages []struct {
		ID   target.ID
		Type string
	}
	must(s.g.t, json.Unmarshal(text, &pages))
	for _, p := range pages {
		if p.Type == "page" {
			return p.ID
		}
	}
	s.g.t.Fatalf("the browser shows no page: %s", text)
	return ""
}

// do does something on the page; what names it when it fails.
func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, shownPage)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		late, stop := context.WithTimeout(p.ctx, 10*time.Second)
		defer stop()
		shows, _ := chromedp.Run(late, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		p.t.Fatalf("%s: %v\nThe page was:\n%s", what, err, shows)
	}
}

// fill types into the field with an id.
func (p *tab) fill(id, text string) {
	p.t.Helper()
	field := "//*[@id = '" + id + "']"
	p.painted()
	p.do("filling "+id, chromedp.SendKeys(field, text))
	if holds, err := chromedp.Run(p.ctx, chromedp.Value(field)); err != nil || holds != text {
		p.t.Fatalf("%s holds %q after typing %q: %v", id, holds, text, err)
	}
}

// press clicks the button whose words begin so.
func (p *tab) press(words string) {
	p.t.Helper()
	p.painted()
	p.do("pressing "+words, chromedp.Click(fmt.Sprintf(`//button[starts-with(normalize-space(.), "%s")]`, words), chromedp.NodeVisible))
}

// painted waits until the page has been drawn: what is typed and pressed before that, a browser throws away.
func (p *tab) painted() {
	p.t.Helper()
	p.do("waiting for the page to be drawn", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for {
			_, err := chromedp.Poll[bool](`document.readyState === "complete" && performance.getEntriesByType("paint").length > 0`,
				chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(0))(ctx, t)
			if err == nil || !strings.Contains(err.Error(), "Cannot find context") { // that page gave way to the next
				return err
			}
		}
	}))
}

// sees waits until the page has an element.
func (p *tab) sees(xpath string) {
	p.t.Helper()
	p.do("looking for "+xpath, chromedp.WaitVisible(xpath))
}

// text is what the page shows.
func (p *tab) text() string {
	p.t.Helper()
	shows, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	must(p.t, err)
	return shows
}

// copyKey has nora sign in where the assistant opened her portal, make a key and copy it. At first her portal lacks the
// section for that, until an administrator has switched it on.
func (s *desktop) copyKey(srv *service) {
	s.g.t.Helper()
	p := s.openedTab()
	p.fill("email", demoUser)
	p.fill("password", demoPassword)
	s.shot("3-portal-sign-in")
	p.press(assets.Text("web.signin.button"))
	p.fill("otp", srv.code())
	p.press(assets.Text("web.code.button"))
	p.sees("//*[@id = 'account']")
	if shows := p.text(); strings.Contains(shows, assets.Text("web.agent.title")) {
		s.g.t.Errorf("the portal has the section before it was switched on:\n%s", shows)
	}
	s.shot("4-portal-without")
	srv.allowEnrollment()
	p.do("loading again", chromedp.Reload())
	p.press(assets.Text("web.key.button"))
	p.press(assets.Text("web.copy.button"))
	p.sees(`//p[@id = 'copied'][normalize-space(.) != ""]`)
	s.shot("5-portal-copied")
}

// allowEnrollment has an administrator switch on what users need for enrolling a computer.
func (s *service) allowEnrollment() {
	s.t.Helper()
	b := s.browser()
	b.submit(b.get("/admin/signin"), "/admin/signin", map[string]string{"email": demoAdmin, "password": adminPass})
	b.submit(b.get("/admin/settings"), "/admin/settings", map[string]string{"allow": "yes"})
}
