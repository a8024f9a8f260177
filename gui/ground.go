package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ground is a rectangle in colours of the theme.
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
	rect := canvas.NewRectangle(nil)
	rect.CornerRadius = g.radius
	return newDrawing(g, rect.Resize, func() {
		rect.FillColor, rect.StrokeColor, rect.StrokeWidth = color.Transparent, color.Transparent, 0
		if g.fill != "" {
			rect.FillColor = theme.Color(g.fill)
		}
		if g.stroke != "" {
			rect.StrokeColor, rect.StrokeWidth = theme.Color(g.stroke), 1
		}
	}, rect)
}
