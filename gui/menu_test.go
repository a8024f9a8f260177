package gui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// What a Mac's menu offers does what it says, with the keys that Mac users expect.
func TestMenu(t *testing.T) {
	b := newBench(t, func(i *Info) {
		i.Mac = true
		i.Report = func(got func(string, error)) { got("a report", nil) }
	})
	var labels, keys []string
	find := map[string]*fyne.MenuItem{}
	for _, m := range b.w.Menu().Items {
		for _, i := range m.Items {
			key := ""
			if s, ok := i.Shortcut.(*desktop.CustomShortcut); ok {
				key = string(s.KeyName)
			}
			labels, keys, find[i.Label] = append(labels, i.Label), append(keys, key), i
		}
	}
	if want := []string{"About", "Save a report", "Close", "Larger text", "Smaller text", "Usual size of text"}; !slices.Equal(labels, want) {
		t.Errorf("%q", labels)
	}
	if want := []string{"", "S", "W", "+", "-", "0"}; !slices.Equal(keys, want) {
		t.Errorf("%q", keys)
	}
	find["About"].Action()
	if b.w.dialog == nil || b.w.dialog.name != "about" {
		t.Error("About opens nothing")
	}
	b.press(fyne.KeyEscape)
	find["Larger text"].Action()
	if zoom() != zooms[1] {
		t.Errorf("text is %v times as large", zoom())
	}
	find["Usual size of text"].Action()
	find["Close"].Action()
	if zoom() != 1 || b.quits != 1 {
		t.Errorf("text is %v times as large, closed %d times", zoom(), b.quits)
	}
}
