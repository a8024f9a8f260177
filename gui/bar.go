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
	r := &barRenderer{b: b, groove: canvas.NewRectangle(nil), done: canvas.NewRectangle(nil)}
	r.groove.CornerRadius, r.done.CornerRadius = 3, 3
	r.Refresh()
	return r
}

type barRenderer struct {
	b            *bar
	groove, done *canvas.Rectangle
}

func (r *barRenderer) Destroy()                     {}
func (r *barRenderer) MinSize() fyne.Size           { return r.b.MinSize() }
func (r *barRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.groove, r.done} }

func (r *barRenderer) Layout(size fyne.Size) {
	r.groove.Move(fyne.NewPos(0, 4))
	r.groove.Resize(fyne.NewSize(size.Width, 6))
	r.done.Move(fyne.NewPos(0, 4))
	r.done.Resize(fyne.NewSize(size.Width*float32(r.b.part), 6))
}

func (r *barRenderer) Refresh() {
	r.groove.FillColor, r.done.FillColor = theme.Color(colorLine), theme.Color(colorAccent)
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}
