package gui

import "fyne.io/fyne/v2"

// LoadFonts loads the faces that every page needs, which takes longer than all else in New. It may run on a goroutine
// of its own once the app has its theme, while the window is opened; Fyne shapes one text at a time, so nothing else
// may measure or draw text until it returns.
func LoadFonts() {
	for _, style := range []fyne.TextStyle{{}, {Bold: true}} {
		fyne.MeasureText(" ", sizeBody, style)
	}
}
