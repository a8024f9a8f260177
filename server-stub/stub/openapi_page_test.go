package stub

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestBrowserDocument reads the document as people do: the list leads to its parts, and each operation opens.
func TestBrowserDocument(t *testing.T) {
	c := startChromium(t)
	o := newOffice(t)
	p := c.sitDown(t, o.at.People)
	p.goTo("/_qa/openapi")
	p.sees("Public API, version 2: groups of devices.")
	get(p, "opening the first operations", chromedp.Evaluate[bool](`[...document.querySelectorAll("details")].slice(0, 12).forEach(d => d.open = true), true`))
	p.sees("Rows of a page. More than 100 counts as 100, less than 1 is 400.")
	p.shoot("04-openapi")
}
