package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"example.com/enrollment-assistant/assets"
)

// Menu is what a Mac shows at the top of the screen, in the language chosen now. macOS itself adds Hide and Quit, whose
// Command-Q closes the window as its button does, and moves an item that is called About to where people look for it;
// cut, copy, paste and "select all" are the fields' own.
func (w *Wizard) Menu() *fyne.MainMenu {
	item := func(key string, name fyne.KeyName, do func()) *fyne.MenuItem {
		i := fyne.NewMenuItem(assets.Text(key), do)
		if name != "" {
			i.Shortcut = &desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierShortcutDefault}
		}
		return i
	}
	file := fyne.NewMenu(assets.Text("gui.menu.file"), item("gui.rail.about", "", w.showAbout))
	if w.info.Report != nil {
		file.Items = append(file.Items, item("gui.rail.report", fyne.KeyS, w.showReport))
	}
	file.Items = append(file.Items, item("gui.close", fyne.KeyW, w.Close))
	view := fyne.NewMenu(assets.Text("gui.menu.view"),
		item("gui.menu.larger", fyne.KeyPlus, func() { w.enlarge(1) }),
		item("gui.menu.smaller", fyne.KeyMinus, func() { w.enlarge(-1) }),
		item("gui.menu.usual", fyne.Key0, func() { w.enlarge(-len(zooms)) }))
	return fyne.NewMainMenu(file, view)
}
