package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ground is a rectangle that follows the theme: a plain canvas.Rectangle keeps the colour it was made with when the
// system changes between light and dark.
type ground struct {
	widget.BaseWidget
	fill, stroke fyne.ThemeColorName // empty for none
	radius       float32
}

func newGround(fill, stroke fyne.ThemeColorName, radius float32) *ground {
	g := &ground{fill: fill, stroke: stroke, radius: radius}
	g.ExtendBaseWidget(g)
	return g
}

// MinSize implements fyne.CanvasObject.
func (g *ground) MinSize() fyne.Size { return fyne.Size{} }

// CreateRenderer implements fyne.Widget.
func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	r := &groundRenderer{g: g, rect: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type groundRenderer struct {
	g    *ground
	rect *canvas.Rectangle
}

func (r *groundRenderer) Destroy()                     {}
func (r *groundRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *groundRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *groundRenderer) Layout(size fyne.Size)        { r.rect.Resize(size) }

func (r *groundRenderer) Refresh() {
	r.rect.FillColor, r.rect.StrokeColor, r.rect.StrokeWidth = color.Transparent, color.Transparent, 0
	if r.g.fill != "" {
		r.rect.FillColor = theme.Color(r.g.fill)
	}
	if r.g.stroke != "" {
		r.rect.StrokeColor, r.rect.StrokeWidth = theme.Color(r.g.stroke), 1
	}
	r.rect.CornerRadius = r.g.radius
	canvas.Refresh(r.g)
}
