package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
)

// zoom is how many times as large as usual the theme wants text.
func zoom() float32 { return theme.Size(theme.SizeNameText) / sizeBody }

// points is a size of type, or what follows it, as the theme wants it.
func points(size float32) float32 { return size * zoom() }

// grown is the measure of what stands beside text. It grows half as much, so that large text has room.
func grown(measure float32) float32 { return measure * (1 + zoom()) / 2 }

// zooms are the sizes that a person can choose, as in a browser.
var zooms = []float32{1, 1.25, 1.5, 1.75, 2}

// zoomKeys say how many sizes larger a key makes text; Ctrl (on a Mac, Command) goes with it. On most keyboards plus is
// on the key of the equals sign.
var zoomKeys = map[fyne.KeyName]int{fyne.KeyPlus: 1, fyne.KeyEqual: 1, fyne.KeyMinus: -1, fyne.Key0: -len(zooms)}

// acceptZoom makes the keys work that change the size of text. Fyne gives a shortcut to what has the focus where that
// takes any, else to the canvas.
func (w *Wizard) acceptZoom() {
	w.keys.zoom = func(s fyne.Shortcut) bool {
		c, ok := s.(*desktop.CustomShortcut)
		if !ok || c.Modifier&fyne.KeyModifierShortcutDefault == 0 || zoomKeys[c.KeyName] == 0 {
			return false
		}
		w.enlarge(zoomKeys[c.KeyName])
		return true
	}
	for key := range zoomKeys {
		for _, m := range []fyne.KeyModifier{fyne.KeyModifierShortcutDefault, fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift} {
			w.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: m}, func(s fyne.Shortcut) { w.keys.zoom(s) })
		}
	}
}

// enlarge makes text so many sizes larger, or smaller, and lays everything out for it.
func (w *Wizard) enlarge(by int) {
	settings := fyne.CurrentApp().Settings()
	look, ok := settings.Theme().(*Theme)
	if !ok {
		return
	}
	at, _ := slices.BinarySearch(zooms, zoom())
	times := zooms[min(max(at+by, 0), len(zooms)-1)]
	if times == zoom() {
		return
	}
	focused := w.win.Canvas().Focused()
	settings.SetTheme(look.Zoomed(times))
	w.newRail()
	w.main.Objects = []fyne.CanvasObject{w.current.assemble()}
	w.all.Refresh()
	if w.dialog != nil {
		w.dialog.relayout()
	}
	if focused != nil {
		w.win.Canvas().Focus(focused)
	}
}
