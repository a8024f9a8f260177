// Command hello is the least that a Fyne window can be: what `make bench` compares the assistant's window with.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	w := app.NewWithID("com.example.hello").NewWindow("Hello")
	w.SetContent(widget.NewLabel("Hello, world"))
	w.Resize(fyne.NewSize(940, 640)) // as large as the assistant's, so that pixels do not count
	w.ShowAndRun()
}
