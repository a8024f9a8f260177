package gui

import (
	"image/color"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"example.com/enrollment-assistant/assets"
)

// progress is where a stop of the rail stands.
type progress string

const (
	ahead  progress = "ahead"
	here   progress = "here"
	behind progress = "behind" // done, and known to be
	passed progress = "passed" // gone by
)

// newLogo is the organization's picture, else its first letter on the accent.
func newLogo(picture []byte, name string) fyne.CanvasObject {
	if len(picture) > 0 {
		i := canvas.NewImageFromResource(fyne.NewStaticResource("logo", picture))
		i.FillMode = canvas.ImageFillContain
		return i
	}
	first, _ := utf8.DecodeRuneInString(strings.ToUpper(name))
	l := &logo{letter: string(first)}
	l.ExtendBaseWidget(l)
	return l
}

// logo is a letter on the accent.
type logo struct {
	widget.BaseWidget
	letter string
}

// CreateRenderer implements fyne.Widget.
func (l *logo) CreateRenderer() fyne.WidgetRenderer {
	face, letter := canvas.NewRectangle(nil), canvas.NewText(l.letter, nil)
	face.CornerRadius = 8
	letter.Alignment = fyne.TextAlignCenter
	restyle(letter, fyne.TextStyle{Bold: true})
	return newDrawing(l, func(size fyne.Size) {
		face.Resize(size)
		middle(letter, 0, size.Width, size.Height)
	}, func() {
		face.FillColor, letter.Color, letter.TextSize = theme.Color(colorAccent), theme.Color(colorOnAccent), grown(15)
	}, face, letter)
}

// railItem is one step of the rail. Its state is a shape and, for screen readers, a word.
type railItem struct {
	widget.BaseWidget
	word  string
	state progress
}

func (i *railItem) set(s progress) {
	if i.state != s {
		i.state = s
		i.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (i *railItem) AccessibilityLabel() string {
	return assets.Text("gui.rail.state-"+string(i.state), "Step", i.word)
}

// AccessibilityRole implements fyne.Accessible.
func (i *railItem) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// MinSize implements fyne.CanvasObject.
func (i *railItem) MinSize() fyne.Size { return fyne.NewSize(0, points(20.3)) }

// CreateRenderer implements fyne.Widget.
func (i *railItem) CreateRenderer() fyne.WidgetRenderer {
	disc, dot, icon, word := canvas.NewCircle(nil), canvas.NewCircle(nil), canvas.NewImageFromResource(nil), canvas.NewText(i.word, nil)
	return newDrawing(i, func(size fyne.Size) {
		side := grown(20)
		disc.Resize(fyne.NewSquareSize(side))
		dot.Move(fyne.NewSquareOffsetPos(grown(6)))
		dot.Resize(fyne.NewSquareSize(grown(8)))
		icon.Move(fyne.NewSquareOffsetPos(grown(3)))
		icon.Resize(fyne.NewSquareSize(grown(14)))
		middle(word, side+12, size.Width-side-12, side)
	}, func() {
		disc.FillColor, disc.StrokeColor, disc.StrokeWidth = color.Transparent, theme.Color(colorEdge), 1
		word.Color, word.TextSize = theme.Color(colorMuted), points(sizeBody)
		restyle(word, fyne.TextStyle{Bold: i.state == here})
		dot.Hidden, icon.Hidden = true, true
		filled := func(c fyne.ThemeColorName) { disc.FillColor, disc.StrokeColor = theme.Color(c), theme.Color(c) }
		switch i.state {
		case here:
			filled(colorAccent)
			dot.FillColor, dot.Hidden = theme.Color(colorOnAccent), false
			word.Color = theme.Color(colorText)
		case behind:
			filled(colorOK)
			icon.Resource, icon.Hidden = drawn(signTick, colorOnOK), false
		case passed:
			filled(colorAccentSoft)
			icon.Resource, icon.Hidden = drawn(signGo, colorAccent), false
		}
		icon.Refresh()
	}, disc, dot, icon, word)
}
