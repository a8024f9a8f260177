package gui

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// fill is an area of one colour.
type fill struct {
	area
	color color.NRGBA
}

// readable fails when words or edges that mean something stand out too little from what is behind them.
func readable(t *testing.T, s *still) {
	t.Helper()
	var fills []fill
	behind := func(x, y float32) color.NRGBA {
		for i := len(fills) - 1; i >= 0; i-- {
			if f := fills[i]; x >= f.left && x <= f.right && y >= f.top && y <= f.bottom {
				return f.color
			}
		}
		return nrgba(theme.Color(theme.ColorNameBackground))
	}
	line := nrgba(theme.Color(colorLine))
	edge := func(a area, c, inner color.Color, width float32) {
		if c == nil || width == 0 || nrgba(c).A == 0 || nrgba(c) == line || inner != nil && nrgba(c) == nrgba(inner) {
			return // nothing, decoration, or the edge of what is an area
		}
		if got := contrast(nrgba(c), behind(a.left-1, (a.top+a.bottom)/2)); got < 3 {
			t.Errorf("an edge of %v at %v has %.2f : 1", c, a, got)
		}
	}
	add := func(a area, c color.Color) {
		if c != nil && nrgba(c).A == 0xff {
			fills = append(fills, fill{a, nrgba(c)})
		}
	}
	var walk func(o fyne.CanvasObject, at fyne.Position, active bool)
	walk = func(o fyne.CanvasObject, at fyne.Position, active bool) {
		if o == nil || !o.Visible() {
			return
		}
		at = at.Add(o.Position())
		a := areaOf(at, o.Size())
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c, at, active)
			}
		case *canvas.Rectangle:
			edge(a, o.StrokeColor, o.FillColor, o.StrokeWidth)
			add(a, o.FillColor)
		case *canvas.Circle:
			edge(a, o.StrokeColor, o.FillColor, o.StrokeWidth)
			add(a, o.FillColor)
		case *canvas.Text:
			x := at.X + min(o.MinSize().Width, o.Size().Width)/2
			if o.Alignment != fyne.TextAlignLeading {
				x = (a.left + a.right) / 2
			}
			ground := behind(x, (a.top+a.bottom)/2)
			if got := contrast(nrgba(o.Color), ground); o.Text != "" && active && got < 4.5 {
				t.Errorf("%q in %v on %v has %.2f : 1", o.Text, o.Color, ground, got)
			}
		case fyne.Widget:
			if d, ok := o.(*button); ok && d.Disabled() {
				active = false // WCAG asks nothing of what cannot be used
			}
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c, at, active)
			}
		}
	}
	walk(s.canvas.Content(), fyne.Position{}, true)
	if top := s.canvas.Overlays().Top(); top != nil {
		walk(top, fyne.Position{}, true)
	}
}

func nrgba(c color.Color) color.NRGBA { return color.NRGBAModel.Convert(c).(color.NRGBA) }
