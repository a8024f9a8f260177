package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// fontOf is the font of a style as a text of its own has it; nil is the theme's. With a style of the theme Fyne reads three
// fonts, for symbols and for other scripts too, and it would do so once more for what is bold. What a bold text has beyond
// its own font comes from the system's.
func fontOf(style fyne.TextStyle) fyne.Resource {
	if style == (fyne.TextStyle{Bold: true}) {
		return theme.DefaultTextBoldFont()
	}
	return nil
}

// widthOf is how wide words are on one line.
func widthOf(words string, size float32, style fyne.TextStyle) float32 {
	drawn, _ := fyne.CurrentApp().Driver().RenderedTextSize(words, size, style, fontOf(style))
	return drawn.Width
}

// restyle gives a drawn text another style.
func restyle(t *canvas.Text, style fyne.TextStyle) { t.TextStyle, t.FontSource = style, fontOf(style) }

// LoadFonts loads the faces that every page needs, which takes longer than all else in New. It may run on a goroutine
// of its own once the app has its theme, while the window is opened; Fyne shapes one text at a time, so nothing else
// may measure or draw text until it returns.
func LoadFonts() {
	for _, style := range []fyne.TextStyle{{}, {Bold: true}} {
		widthOf(" ", sizeBody, style)
	}
}
