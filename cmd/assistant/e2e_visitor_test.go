//go:build (e2e || laptop) && linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// visitor is somebody at a real browser. What is pressed and typed there is input as from a mouse and a keyboard.
type visitor struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // a tab is its context
}

// visitLimit is how long a page may take; reached only when something is broken.
const visitLimit = time.Minute

// newVisitor starts a browser on a computer of its own, so without a window here. It ends with the test.
func newVisitor(t *testing.T) *visitor {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("The people at the portals use Chromium, which is not installed. Run `make setup`, then test again.")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Env("HOME="+t.TempDir()))
	for _, off := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-breakpad"} {
		options = append(options, chromedp.Flag(off, true))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log("ending the browser:", err)
		}
		end()
		stop()
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1200, 900)); err != nil {
		t.Fatal("Chromium did not start:", err)
	}
	return &visitor{t, ctx}
}

// joinVisitor sits down at a browser that runs already, before one of its tabs. devtools is the address of its DevTools,
// such as ws://127.0.0.1:9222. The browser is left as it is.
func joinVisitor(t *testing.T, devtools string, tab target.ID) *visitor {
	t.Helper()
	allocator, stop := remote.NewAllocator(context.Background(), devtools)
	ctx, end := chromedp.NewContext(allocator, chromedp.WithTargetID(tab), chromedp.WithDetachOnCancel())
	t.Cleanup(func() {
		end()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("joining the browser:", err)
	}
	return &visitor{t, ctx}
}

// get runs an action and gives its value; what names it when it fails.
func get[T any](v *visitor, what string, a chromedp.Action[T]) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, visitLimit)
	defer cancel()
	value, err := chromedp.Run(ctx, a)
	if err != nil {
		late, stop := context.WithTimeout(v.ctx, visitLimit)
		defer stop()
		seen, _ := chromedp.Run(late, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		png, _ := chromedp.Run(late, chromedp.CaptureScreenshot())
		v.keep("stuck-page", png)
		v.t.Fatalf("%s: %v\nThe page was:\n%s", what, err, seen)
	}
	return value
}

func (v *visitor) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	get(v, what, chromedp.Steps(steps...))
}

// labelled finds the control with a label.
func labelled(label string) string {
	return fmt.Sprintf(`//*[@id = //label[normalize-space(.) = %q]/@for]`, label)
}

// press clicks the button or link whose words begin so.
func (v *visitor) press(words string) {
	v.t.Helper()
	v.do("pressing "+words, chromedp.Click(fmt.Sprintf(`(//button | //a)[starts-with(normalize-space(.), %q)]`, words), chromedp.NodeVisible))
}

// fill empties a field and types.
func (v *visitor) fill(label, value string) {
	v.t.Helper()
	v.do("filling "+label, chromedp.WaitVisible(labelled(label)), chromedp.Clear(labelled(label)), chromedp.SendKeys(labelled(label), value))
	if got := get(v, "reading "+label, chromedp.Value(labelled(label))); got != value {
		v.t.Fatalf("%s holds %q after typing %q", label, got, value)
	}
}

// untranslated is a key that stands where its sentence is missing.
var untranslated = regexp.MustCompile(`\[[a-z]+(\.[a-z0-9_-]+)+ [^\]]*\]`)

// drawn is true of a page that takes what is pressed and typed: before the first paint, a browser throws that away.
const drawn = `document.readyState === "complete" && performance.getEntriesByType("paint").length > 0`

// untilDrawn waits for that, past a page that gives way to the next while it is asked.
func untilDrawn(ctx context.Context, t *chromedp.Target) error {
	for {
		_, err := chromedp.Poll[bool](drawn, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(0))(ctx, t)
		if err == nil || !strings.Contains(err.Error(), "Cannot find context") {
			return err
		}
	}
}

// sees waits until an element shows the words, alone, and looks the page over for sentences that are missing.
func (v *visitor) sees(words string) {
	v.t.Helper()
	v.do("looking for "+words, chromedp.WaitVisible(fmt.Sprintf(`//body//*[normalize-space(.) = %q]`, words)))
	v.do("waiting for the page to be drawn", chromedp.Func(untilDrawn))
	text := get(v, "reading the page", chromedp.Evaluate[string](`document.documentElement.outerHTML`))
	if missing := untranslated.FindAllString(text, -1); missing != nil {
		v.t.Errorf("sentences are missing: %q", missing)
	}
}

// has says whether the page shows the words now, as or within an element's text.
func (v *visitor) has(words string) bool {
	v.t.Helper()
	return strings.Contains(get(v, "reading the page", chromedp.Evaluate[string](`document.body.innerText`)), words)
}

// picture saves what the tab shows, when E2E_SHOTS names a folder.
func (v *visitor) picture(name string) {
	v.t.Helper()
	if os.Getenv("E2E_SHOTS") != "" {
		v.keep(name, get(v, "taking a picture", chromedp.CaptureScreenshot()))
	}
}

// keep saves a picture.
func (v *visitor) keep(name string, png []byte) {
	v.t.Helper()
	dir := os.Getenv("E2E_SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		v.t.Error(err)
	}
}
