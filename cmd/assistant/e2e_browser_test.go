//go:build e2e && linux

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/target"
)

// What a person's desktop has beside the screen: a window manager, which gives new windows the keyboard and changes
// between them by Alt and Tab, and a browser, which is chosen where desktops keep that choice.
const (
	windowManager = `<?xml version="1.0"?>
<JWM><Desktops width="1" height="1"/><FocusModel>click</FocusModel><Key mask="A" key="Tab">nextstacked</Key></JWM>
`
	chosenBrowser = "[Default Applications]\nx-scheme-handler/https=browser.desktop\nx-scheme-handler/http=browser.desktop\n"
	browserEntry  = "[Desktop Entry]\nType=Application\nName=Browser\nExec=%s %%u\nMimeType=x-scheme-handler/http;x-scheme-handler/https;\n"
	// A question whether to keep the password would take the keyboard from the page.
	browserSettings = `{"credentials_enable_service": false}`
)

// furnish puts a window manager and a browser on the desk, in place of the program that only notes what it should open.
func (d *desk) furnish() {
	d.t.Helper()
	d.furnished = true
	must(d.t, os.WriteFile(d.file("jwmrc"), []byte(windowManager), 0o600))
	cmd := exec.CommandContext(context.Background(), "jwm", "-f", d.file("jwmrc"))
	cmd.Env = d.env
	d.background(cmd)
	d.until("a window manager", func() bool { return d.run("", "sh", "-c", "xdotool get_num_desktops 2>&1 || true") == "1" })

	must(d.t, os.Remove(d.file("path/xdg-open"))) // the desktop's own comes next
	for _, dir := range []string{"home/.config", "home/.local/share/applications"} {
		must(d.t, os.MkdirAll(d.file(dir), 0o700))
	}
	must(d.t, os.WriteFile(d.file("home/.config/mimeapps.list"), []byte(chosenBrowser), 0o600))
	must(d.t, os.WriteFile(d.file("home/.local/share/applications/browser.desktop"), fmt.Appendf(nil, browserEntry, d.file("path/browser")), 0o600))
	must(d.t, os.MkdirAll(d.file("browser/Default"), 0o700))
	must(d.t, os.WriteFile(d.file("browser/Default/Preferences"), []byte(browserSettings), 0o600))
	must(d.t, os.WriteFile(d.file("path/browser"), []byte(d.browserScript()), 0o700)) //nolint:gosec // a program
	d.t.Cleanup(d.endBrowser)
}

// browserScript starts Chromium with what tests need: DevTools, a profile of its own, the right to run as root, and
// the stub's certificate taken for good, which a computer would have from its administrators.
func (d *desk) browserScript() string {
	d.t.Helper()
	conn, err := (&tls.Dialer{Config: d.client.Transport.(*http.Transport).TLSClientConfig}).DialContext(d.t.Context(), "tcp", strings.TrimPrefix(d.console, "https://")) //nolint:forcetypeassert // made by serve
	must(d.t, err)
	hash := sha256.Sum256(conn.(*tls.Conn).ConnectionState().PeerCertificates[0].RawSubjectPublicKeyInfo) //nolint:forcetypeassert // a tls.Dialer's
	must(d.t, conn.Close())
	flags := []string{
		"--user-data-dir=" + d.file("browser"), "--remote-debugging-port=0", "--ignore-certificate-errors-spki-list=" + base64.StdEncoding.EncodeToString(hash[:]),
		"--no-sandbox", "--test-type", "--no-first-run", "--no-default-browser-check", "--password-store=basic", "--disable-gpu", "--disable-quic",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad", "--window-position=0,0", "--window-size=1100,730",
	}
	return "#!/bin/sh\necho $$ >'" + d.file("browser.pid") + "'\nexec chromium " + strings.Join(flags, " ") + " \"$1\"\n"
}

// endBrowser ends the browser, and waits until it and what it started keep no file any more.
func (d *desk) endBrowser() {
	d.t.Helper()
	text, err := os.ReadFile(d.file("browser.pid"))
	if err != nil {
		return // it was never started
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(text)))
	must(d.t, err)
	_ = syscall.Kill(pid, syscall.SIGTERM) // it may have ended
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if _, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid))); err == nil {
			continue
		}
		if os.RemoveAll(d.file("browser")) == nil {
			return
		}
	}
	d.t.Error("the browser did not end")
}

// visitor joins the person at the browser that the assistant opened, before the page it was told to show.
func (d *desk) visitor(address string) *visitor {
	d.t.Helper()
	var devtools string
	var tab target.ID
	d.until("a browser at "+address, func() bool {
		text, err := os.ReadFile(d.file("browser/DevToolsActivePort"))
		port, _, whole := strings.Cut(string(text), "\n")
		if err != nil || !whole {
			return false
		}
		devtools = "ws://127.0.0.1:" + port
		var tabs []struct {
			ID               target.ID
			Type, URL, Title string
		}
		must(d.t, json.Unmarshal(d.call(http.MethodGet, "http://127.0.0.1:"+port+"/json/list", nil, ""), &tabs))
		for _, one := range tabs {
			// A page that has not come yet is called by its address.
			if one.Type == "page" && one.URL == address && !strings.HasSuffix(address, one.Title) {
				tab = one.ID
			}
		}
		return tab != ""
	})
	return joinVisitor(d.t, devtools, tab)
}

// until waits for what no program tells of.
func (d *desk) until(what string, is func() bool) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-ctx.Done():
			d.shot("stuck")
			d.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// clipboard is the text that the screen's clipboard holds; empty when nobody has it.
func (d *desk) clipboard() string {
	d.t.Helper()
	return d.run("", "sh", "-c", "xclip -selection clipboard -out 2>/dev/null || true")
}

// comeBack changes to the assistant's window, by the keyboard as a person does it.
func (w *screenWindow) comeBack() {
	w.d.t.Helper()
	w.keys("alt+Tab")
	w.d.until("the assistant's window to have the keyboard", func() bool { return w.d.run("", "xdotool", "getwindowfocus") == w.id })
}

// picture is what the window shows.
func (w *screenWindow) picture() string {
	w.d.t.Helper()
	return w.d.run("", "import", "-window", w.id, "-depth", "8", "rgb:-")
}
