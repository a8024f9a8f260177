package gui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// bar is a progress bar. It is shown only where something is counted.
type bar struct {
	widget.BaseWidget
	part float64 // 0 to 1
}

func newBar() *bar {
	b := &bar{}
	b.ExtendBaseWidget(b)
	return b
}

func (b *bar) set(part float64) {
	b.part = min(max(part, 0), 1)
	b.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (b *bar) AccessibilityLabel() string { return fmt.Sprintf("%.0f %%", b.part*100) }

// AccessibilityRole implements fyne.Accessible.
func (b *bar) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// MinSize implements fyne.CanvasObject.
func (b *bar) MinSize() fyne.Size { return fyne.NewSize(40, 10) }

// CreateRenderer implements fyne.Widget.
func (b *bar) CreateRenderer() fyne.WidgetRenderer {
	groove, done := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	groove.CornerRadius, done.CornerRadius = 3, 3
	return newDrawing(b, func(size fyne.Size) {
		groove.Move(fyne.NewPos(0, 4))
		groove.Resize(fyne.NewSize(size.Width, 6))
		done.Move(fyne.NewPos(0, 4))
		done.Resize(fyne.NewSize(size.Width*float32(b.part), 6))
	}, func() {
		groove.FillColor, done.FillColor = theme.Color(colorLine), theme.Color(colorAccent)
	}, groove, done)
}
