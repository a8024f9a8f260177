package gui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
)

// Draw gives the picture of a preview at a size in logical pixels, scale pixels each, drawn by Fyne's software painter
// in the theme of the current app. Nothing is shown, so no display is needed, but there must be an app: Fyne asks it for
// the theme and the size of text. It must be called on Fyne's goroutine, or before the app runs.
func Draw(p Preview, size fyne.Size, scale float32) image.Image {
	return lay(p, size, scale).canvas.Capture()
}

// lay puts a preview into a window of a size.
func lay(p Preview, size fyne.Size, scale float32) *still {
	// Fyne takes the age of a widget from a clock that only a capture sets. A minute after the last one, all that is new
	// would count as old, and its drawing would be thrown away before it was captured:
	// https://github.com/fyne-io/fyne/blob/v2.8.1/internal/cache/base.go
	empty := software.NewCanvas()
	empty.SetContent(canvas.NewRectangle(color.Transparent))
	empty.Capture()
	win := &still{canvas: software.NewCanvas()}
	win.canvas.SetScale(scale)
	win.canvas.Resize(size)
	win.wizard = p.Build(win)
	win.canvas.Resize(size)
	return win
}

// still is a window that is never shown. A page asks for no other method of a window than those here.
type still struct {
	fyne.Window
	canvas software.WindowlessCanvas
	wizard *Wizard
}

// SetPadded implements fyne.Window.
func (s *still) SetPadded(padded bool) { s.canvas.SetPadded(padded) }

// SetContent implements fyne.Window.
func (s *still) SetContent(o fyne.CanvasObject) { s.canvas.SetContent(o) }

// Canvas implements fyne.Window.
func (s *still) Canvas() fyne.Canvas { return s.canvas }
