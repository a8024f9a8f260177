package gui

import (
	"fmt"
	"math"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// sign is what a mark shows. It never stands alone: a word beside it says the same.
type sign string

const (
	signTick  sign = "tick"
	signCross sign = "cross"
	signWarn  sign = "warn"
	signInfo  sign = "info"
	signBusy  sign = "busy"
	signIdle  sign = "idle"
	signGo    sign = "go"
	signMore  sign = "more"
)

// strokes are the signs as lines between points, in a box of 16; a line of one point is a dot.
var strokes = map[sign][][]fyne.Position{
	signTick:  {{{X: 4.2, Y: 8.4}, {X: 6.8, Y: 11}, {X: 11.8, Y: 5.6}}},
	signCross: {{{X: 5, Y: 5}, {X: 11, Y: 11}}, {{X: 11, Y: 5}, {X: 5, Y: 11}}},
	signWarn:  {{{X: 8, Y: 3.6}, {X: 13, Y: 12.2}, {X: 3, Y: 12.2}, {X: 8, Y: 3.6}}},
	signInfo:  {{{X: 8, Y: 7.4}, {X: 8, Y: 11.4}}, {{X: 8, Y: 4.7}}},
	signBusy:  {{{X: 4.4, Y: 8.6}}, {{X: 8, Y: 8.6}}, {{X: 11.6, Y: 8.6}}},
	signIdle:  {{{X: 8, Y: 8}}},
	signGo:    {{{X: 3.8, Y: 8}, {X: 11.8, Y: 8}}, {{X: 8.6, Y: 4.8}, {X: 11.8, Y: 8}, {X: 8.6, Y: 11.2}}},
	signMore:  {{{X: 4.2, Y: 7}, {X: 8, Y: 10.8}, {X: 11.8, Y: 7}}},
}

// outline gives a sign as areas, lines with round ends. Fyne's SVG draws a stroke as thick on a screen
// of scale 2 as on one of scale 1, which is half as thick to the eye.
func outline(s sign) string {
	const thick = 2.0
	var b strings.Builder
	for _, line := range strokes[s] {
		for i, p := range line {
			fmt.Fprintf(&b, `<circle cx="%.2f" cy="%.2f" r="%.2f"/>`, p.X, p.Y, thick/2)
			if i == 0 {
				continue
			}
			from, along := line[i-1], p.Subtract(line[i-1])
			length := math.Hypot(float64(along.X), float64(along.Y))
			x, y := float32(thick/2*float64(-along.Y)/length), float32(thick/2*float64(along.X)/length)
			fmt.Fprintf(&b, `<path d="M%.2f %.2fL%.2f %.2fL%.2f %.2fL%.2f %.2fZ"/>`,
				from.X+x, from.Y+y, p.X+x, p.Y+y, p.X-x, p.Y-y, from.X-x, from.Y-y)
		}
	}
	return b.String()
}

// drawn gives a sign in a colour of the theme.
func drawn(s sign, c fyne.ThemeColorName) fyne.Resource {
	svg := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="#000000">` + outline(s) + `</svg>`
	r, g, b, _ := theme.Color(c).RGBA()
	const digits = "0123456789abcdef"
	hexed := []byte("#")
	for _, v := range []uint32{r, g, b} {
		hexed = append(hexed, digits[v>>12&15], digits[v>>8&15])
	}
	return fyne.NewStaticResource(string(s)+string(hexed)+".svg", []byte(strings.ReplaceAll(svg, "#000000", string(hexed))))
}

// signColors are the sign's own colour and the soft one behind it.
func signColors(s sign) (fore, back fyne.ThemeColorName) {
	switch s {
	case signTick:
		return colorOK, colorOKSoft
	case signCross:
		return colorBad, colorBadSoft
	case signWarn:
		return colorWarn, colorWarnSoft
	}
	return colorAccent, colorAccentSoft
}

// markSize is the width and height of a mark.
func markSize() float32 { return grown(22) }

// mark is the round sign, or number, at the left of a row.
type mark struct {
	widget.BaseWidget
	sign   sign
	number string // instead of a sign
}

func newMark(s sign) *mark {
	m := &mark{sign: s}
	m.ExtendBaseWidget(m)
	return m
}

func newNumber(n string) *mark {
	m := &mark{number: n}
	m.ExtendBaseWidget(m)
	return m
}

func (m *mark) set(s sign) {
	if m.sign != s || m.number != "" {
		m.sign, m.number = s, ""
		m.Refresh()
	}
}

// MinSize implements fyne.CanvasObject.
func (m *mark) MinSize() fyne.Size { return fyne.NewSquareSize(markSize()) }

// CreateRenderer implements fyne.Widget.
func (m *mark) CreateRenderer() fyne.WidgetRenderer {
	disc, icon, number := canvas.NewCircle(nil), canvas.NewImageFromResource(nil), canvas.NewText("", nil)
	icon.FillMode = canvas.ImageFillContain
	number.Alignment = fyne.TextAlignCenter
	restyle(number, fyne.TextStyle{Bold: true})
	return newDrawing(m, func(size fyne.Size) {
		disc.Resize(size)
		in := grown(3)
		icon.Move(fyne.NewPos(in, in))
		icon.Resize(size.SubtractWidthHeight(2*in, 2*in))
		middle(number, 0, size.Width, size.Height)
	}, func() {
		fore, back := signColors(m.sign)
		disc.FillColor = theme.Color(back)
		number.Text, number.TextSize, number.Color = m.number, points(sizeBadge), theme.Color(fore)
		if icon.Hidden = m.number != ""; !icon.Hidden {
			icon.Resource = drawn(m.sign, fore)
		}
		icon.Refresh()
	}, disc, icon, number)
}

// badge is a word on a soft ground: "Must be fixed".
type badge struct {
	widget.BaseWidget
	word string
	sign sign
}

func newBadge() *badge {
	b := &badge{}
	b.ExtendBaseWidget(b)
	b.Hidden = true
	return b
}

func (b *badge) set(word string, s sign) {
	if b.word != word || b.sign != s {
		b.word, b.sign = word, s
		if b.Hidden = word == ""; !b.Hidden {
			b.Refresh()
		}
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (b *badge) AccessibilityLabel() string { return b.word }

// AccessibilityRole implements fyne.Accessible.
func (b *badge) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// MinSize implements fyne.CanvasObject.
func (b *badge) MinSize() fyne.Size {
	if b.word == "" {
		return fyne.Size{}
	}
	return fyne.NewSize(widthOf(b.word, points(sizeBadge), fyne.TextStyle{Bold: true})+16, points(19))
}

// CreateRenderer implements fyne.Widget.
func (b *badge) CreateRenderer() fyne.WidgetRenderer {
	ground, word := canvas.NewRectangle(nil), canvas.NewText("", nil)
	ground.CornerRadius = 6
	word.Alignment = fyne.TextAlignCenter
	restyle(word, fyne.TextStyle{Bold: true})
	return newDrawing(b, func(size fyne.Size) {
		ground.Resize(size)
		middle(word, 0, size.Width, size.Height)
	}, func() {
		fore, back := signColors(b.sign)
		ground.FillColor, word.Text, word.TextSize, word.Color = theme.Color(back), b.word, points(sizeBadge), theme.Color(fore)
	}, ground, word)
}
