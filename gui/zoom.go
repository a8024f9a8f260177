package gui

import "fyne.io/fyne/v2/theme"

// zoom is how many times as large as usual the theme wants text.
func zoom() float32 { return theme.Size(theme.SizeNameText) / sizeBody }

// points is a size of type, or what follows it, as the theme wants it.
func points(size float32) float32 { return size * zoom() }

// grown is the measure of what stands beside text. It grows half as much, so that large text has room.
func grown(measure float32) float32 { return measure * (1 + zoom()) / 2 }
