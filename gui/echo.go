package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// echo stands for a leaf that lies in a scroll, where Fyne's collectors do not look: it is as large, at the same place,
// says the same, and cannot be seen, tapped or focused.
type echo struct {
	widget.BaseWidget
	leaf   accessible
	at     fyne.Position // from the top of what scrolls
	scroll *container.Scroll
}

// accessible is a leaf that a screen reader can be told of.
type accessible interface {
	fyne.CanvasObject
	fyne.Accessible
}

// newEchoes gives an echo of each leaf below an object, in order.
func newEchoes(scroll *container.Scroll, o fyne.CanvasObject, at fyne.Position) (echoes []fyne.CanvasObject) {
	if c, ok := o.(*fyne.Container); ok {
		if !c.Visible() {
			return nil
		}
		for _, one := range c.Objects {
			echoes = append(echoes, newEchoes(scroll, one, at.Add(one.Position()))...)
		}
		return echoes
	}
	leaf, ok := o.(accessible)
	if !ok {
		return nil
	}
	e := &echo{leaf: leaf, at: at, scroll: scroll}
	e.ExtendBaseWidget(e)
	return []fyne.CanvasObject{e}
}

// Visible implements fyne.CanvasObject.
func (e *echo) Visible() bool { return e.leaf.Visible() }

// Position implements fyne.CanvasObject.
func (e *echo) Position() fyne.Position { return e.at.Subtract(e.scroll.Offset) }

// Size implements fyne.CanvasObject.
func (e *echo) Size() fyne.Size { return e.leaf.Size() }

// MinSize implements fyne.CanvasObject.
func (e *echo) MinSize() fyne.Size { return fyne.Size{} }

// AccessibilityLabel implements fyne.Accessible.
func (e *echo) AccessibilityLabel() string { return e.leaf.AccessibilityLabel() }

// AccessibilityRole implements fyne.Accessible.
func (e *echo) AccessibilityRole() fyne.AccessibleRole { return e.leaf.AccessibilityRole() }

// CreateRenderer implements fyne.Widget.
func (e *echo) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(e, func(fyne.Size) {}, func() {})
}
