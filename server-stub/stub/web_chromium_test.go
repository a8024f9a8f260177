package stub

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// chromium is a running browser.
type chromium struct {
	first context.Context //nolint:containedctx // a browser is its first window's context
}

// startChromium starts one headless browser with a fresh profile; it ends with the test.
func startChromium(t *testing.T) chromium {
	t.Helper()
	return launchChromium(t, t.TempDir(), true)
}

// launchChromium starts one in a home folder, which says whom it trusts unless that is everybody.
func launchChromium(t *testing.T, home string, everybody bool) chromium {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Fatal("The pages are tested in Chromium, which is not installed. Run `make setup`, then test again.")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Flag("ignore-certificate-errors", everybody), chromedp.Flag("host-resolver-rules", "MAP *.example 127.0.0.1"), chromedp.Env("HOME="+home))
	for _, off := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-breakpad"} {
		options = append(options, chromedp.Flag(off, true))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	first, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(first); err != nil {
			t.Log("ending the browser:", err)
		}
		end()
		stop()
	})
	if err := chromedp.Do(first); err != nil {
		t.Fatal("Chromium did not start:", err)
	}
	return chromium{first}
}

// person is somebody at a browser window with cookies of its own.
type person struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // a window is its context
	base string          // of the people's port
}

// stepLimit is how long a page may take; reached only when something is broken.
const stepLimit = 30 * time.Second

// sitDown opens a window of its own in the browser.
func (c chromium) sitDown(t *testing.T, base string) *person {
	t.Helper()
	ctx, end := chromedp.NewContext(c.first, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1200, 900)); err != nil {
		t.Fatal("opening a window:", err)
	}
	return &person{t, ctx, base}
}

// get runs an action and gives its value; what names it when it fails.
func get[T any](p *person, what string, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepLimit)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "Could not find node") {
		v, err = chromedp.Run(ctx, a) // the page drew it anew in between; a person would not have noticed
	}
	if err != nil {
		late, stop := context.WithTimeout(p.ctx, stepLimit)
		defer stop()
		seen, _ := chromedp.Run(late, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		p.t.Fatalf("%s: %v\nThe page was:\n%s", what, err, seen)
	}
	return v
}

func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	get(p, what, chromedp.Steps(steps...))
}

// standStill stops the page that is open from following what happens, as it is for whoever pressed a moment before.
func (p *person) standStill() {
	p.t.Helper()
	get(p, "stopping the page", chromedp.Evaluate[bool](`document.querySelectorAll("[data-live]").forEach(part => delete part.dataset.live), true`))
}

// quoted is a text in XPath.
func quoted(text string) string {
	if strings.Contains(text, `"`) {
		return "'" + text + "'"
	}
	return `"` + text + `"`
}

func (p *person) goTo(path string) {
	p.t.Helper()
	p.do("opening "+path, chromedp.Navigate(p.base+path))
}

// press clicks the button or link whose words begin so.
func (p *person) press(words string) {
	p.t.Helper()
	p.do("pressing "+words, chromedp.Click(fmt.Sprintf(`(//button | //a)[starts-with(normalize-space(.), %s)]`, quoted(words)), chromedp.NodeVisible))
}

// field finds the control with a label.
func field(label string) string {
	return fmt.Sprintf(`//*[@id = //label[normalize-space(.) = %s]/@for]`, quoted(label))
}

// fill empties a field and types.
func (p *person) fill(label, value string) {
	p.t.Helper()
	p.do("filling "+label, chromedp.WaitVisible(field(label)), chromedp.Clear(field(label)), chromedp.SendKeys(field(label), value))
}

// sees waits until an element shows the words, alone.
func (p *person) sees(words string) {
	p.t.Helper()
	p.do("looking for "+words, chromedp.WaitVisible(fmt.Sprintf(`//body//*[normalize-space(.) = %s]`, quoted(words))))
}

// has says whether the page has an element now.
func (p *person) has(xpath string) bool {
	p.t.Helper()
	return get(p, "counting "+xpath, chromedp.Evaluate[float64](fmt.Sprintf(
		`document.evaluate(%q, document, null, XPathResult.NUMBER_TYPE, null).numberValue`, "count("+xpath+")"))) > 0
}

// value is what a field holds.
func (p *person) value(label string) string {
	p.t.Helper()
	return get(p, "reading "+label, chromedp.Value(field(label)))
}

// paste presses Ctrl and V in a field.
func (p *person) paste(label string) {
	p.t.Helper()
	key := func(typ input.DispatchKeyEventType, commands ...string) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: typ, Key: "v", Code: "KeyV",
				WindowsVirtualKeyCode: 'V', Modifiers: int64(chromedp.ModifierCtrl), Commands: commands})
			return err
		})
	}
	p.do("pasting into "+label, chromedp.WaitVisible(field(label)), chromedp.Clear(field(label)), chromedp.Focus(field(label)),
		key(input.DispatchKeyEventTypeKeyDown, "paste"), key(input.DispatchKeyEventTypeKeyUp))
}

// look emulates a window's width and the system's choice of colours.
func look(width int64, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	}))
}
