package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// newCard frames rows, with a line between them.
func newCard(rows ...fyne.CanvasObject) *fyne.Container {
	var objects []fyne.CanvasObject
	for i, r := range rows {
		if i > 0 {
			objects = append(objects, shade(colorLine, "", 0))
		}
		objects = append(objects, r)
	}
	return container.New(stacked{}, shade(colorCard, colorLine, 12), container.New(cardRows{}, objects...))
}

// addRow puts another row at the end of a card.
func addRow(card *fyne.Container, row fyne.CanvasObject) {
	rows := card.Objects[1].(*fyne.Container)
	if len(rows.Objects) > 0 {
		rows.Add(shade(colorLine, "", 0))
	}
	rows.Add(row)
}

// cardRows lays out rows and lines in turn. A hidden row takes its line along.
type cardRows struct{}

func (cardRows) heightFor(objects []fyne.CanvasObject, width float32) (height float32) {
	for i := 0; i < len(objects); i += 2 {
		if h := heightOf(objects[i], width); h > 0 {
			if height > 0 {
				height++
			}
			height += h
		}
	}
	return height
}

// Layout implements fyne.Layout.
func (cardRows) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for i := 0; i < len(objects); i += 2 {
		h := heightOf(objects[i], size.Width)
		if i > 0 {
			thick := float32(0)
			if h > 0 && y > 0 {
				thick = 1
			}
			objects[i-1].Move(fyne.NewPos(0, y))
			objects[i-1].Resize(fyne.NewSize(size.Width, thick))
			y += thick
		}
		objects[i].Move(fyne.NewPos(0, y))
		objects[i].Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}

// MinSize implements fyne.Layout.
func (l cardRows) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(objects, 400))
}
