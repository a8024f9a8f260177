package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// drawing is the renderer of every leaf: objects that the leaf places and paints itself. paint runs at each refresh,
// since a plain canvas object keeps the colour it was made with when the system changes between light and dark.
type drawing struct {
	leaf    fyne.Widget
	place   func(fyne.Size)
	paint   func()
	objects []fyne.CanvasObject
}

func newDrawing(leaf fyne.Widget, place func(fyne.Size), paint func(), objects ...fyne.CanvasObject) *drawing {
	paint()
	return &drawing{leaf: leaf, place: place, paint: paint, objects: objects}
}

// Destroy implements fyne.WidgetRenderer.
func (d *drawing) Destroy() {}

// Layout implements fyne.WidgetRenderer.
func (d *drawing) Layout(size fyne.Size) { d.place(size) }

// MinSize implements fyne.WidgetRenderer; each leaf answers for itself.
func (d *drawing) MinSize() fyne.Size { return fyne.Size{} }

// Objects implements fyne.WidgetRenderer.
func (d *drawing) Objects() []fyne.CanvasObject { return d.objects }

// Refresh implements fyne.WidgetRenderer.
func (d *drawing) Refresh() {
	d.paint()
	d.place(d.leaf.Size())
	canvas.Refresh(d.leaf)
}

// middle places a line of text in the middle of a height.
func middle(t *canvas.Text, x, width, height float32) {
	h := t.MinSize().Height
	t.Move(fyne.NewPos(x, (height-h)/2))
	t.Resize(fyne.NewSize(width, h))
}
