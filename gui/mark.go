package gui

import (
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
	signDot   sign = "dot" // within a circle that is chosen
)

// strokes are the signs as paths in a box of 16.
var strokes = map[sign]string{
	signTick:  `<path d="M4.2 8.4l2.6 2.6 5-5.4"/>`,
	signCross: `<path d="M5 5l6 6M11 5l-6 6"/>`,
	signWarn:  `<path d="M8 3.6L13 12.2H3z"/>`,
	signInfo:  `<path d="M8 7.4v4M8 4.6v.2"/>`,
	signBusy:  `<path d="M4.4 8.6v.1M8 8.6v.1M11.6 8.6v.1"/>`,
	signIdle:  `<path d="M8 8v.1"/>`,
	signDot:   `<path d="M8 8v.01" stroke-width="7"/>`,
	signGo:    `<path d="M3.8 8h8M8.6 4.8L11.8 8l-3.2 3.2"/>`,
}

// drawn gives a sign in a colour of the theme.
func drawn(s sign, c fyne.ThemeColorName) fyne.Resource {
	svg := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#000000" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">` + strokes[s] + `</svg>`
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
const markSize = 22

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
func (m *mark) MinSize() fyne.Size { return fyne.NewSquareSize(markSize) }

// CreateRenderer implements fyne.Widget.
func (m *mark) CreateRenderer() fyne.WidgetRenderer {
	disc, icon, number := canvas.NewCircle(nil), canvas.NewImageFromResource(nil), canvas.NewText("", nil)
	icon.FillMode = canvas.ImageFillContain
	number.Alignment, number.TextStyle, number.TextSize = fyne.TextAlignCenter, fyne.TextStyle{Bold: true}, sizeBadge
	return newDrawing(m, func(size fyne.Size) {
		disc.Resize(size)
		icon.Move(fyne.NewPos(3, 3))
		icon.Resize(fyne.NewSize(size.Width-6, size.Height-6))
		middle(number, 0, size.Width, size.Height)
	}, func() {
		fore, back := signColors(m.sign)
		disc.FillColor = theme.Color(back)
		number.Text, number.Color = m.number, theme.Color(fore)
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
	return fyne.NewSize(fyne.MeasureText(b.word, sizeBadge, fyne.TextStyle{Bold: true}).Width+16, 19)
}

// CreateRenderer implements fyne.Widget.
func (b *badge) CreateRenderer() fyne.WidgetRenderer {
	ground, word := canvas.NewRectangle(nil), canvas.NewText("", nil)
	ground.CornerRadius = 6
	word.Alignment, word.TextStyle, word.TextSize = fyne.TextAlignCenter, fyne.TextStyle{Bold: true}, sizeBadge
	return newDrawing(b, func(size fyne.Size) {
		ground.Resize(size)
		middle(word, 0, size.Width, size.Height)
	}, func() {
		fore, back := signColors(b.sign)
		ground.FillColor, word.Text, word.Color = theme.Color(back), b.word, theme.Color(fore)
	}, ground, word)
}
