package gui

import (
	"image/color"
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
)

// strokes are the signs as paths in a box of 16.
var strokes = map[sign]string{
	signTick:  `<path d="M4.2 8.4l2.6 2.6 5-5.4"/>`,
	signCross: `<path d="M5 5l6 6M11 5l-6 6"/>`,
	signWarn:  `<path d="M8 3.6L13 12.2H3z"/>`,
	signInfo:  `<path d="M8 7.4v4M8 4.6v.2"/>`,
	signBusy:  `<path d="M4.4 8.6v.1M8 8.6v.1M11.6 8.6v.1"/>`,
	signIdle:  `<path d="M8 8v.1"/>`,
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
	r := &markRenderer{m: m, disc: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil), number: canvas.NewText("", nil)}
	r.icon.FillMode = canvas.ImageFillContain
	r.number.Alignment, r.number.TextStyle = fyne.TextAlignCenter, fyne.TextStyle{Bold: true}
	r.Refresh()
	return r
}

type markRenderer struct {
	m      *mark
	disc   *canvas.Circle
	icon   *canvas.Image
	number *canvas.Text
}

func (r *markRenderer) Destroy()           {}
func (r *markRenderer) MinSize() fyne.Size { return r.m.MinSize() }
func (r *markRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.disc, r.icon, r.number}
}

func (r *markRenderer) Layout(size fyne.Size) {
	r.disc.Resize(size)
	r.icon.Move(fyne.NewPos(3, 3))
	r.icon.Resize(fyne.NewSize(size.Width-6, size.Height-6))
	h := r.number.MinSize().Height
	r.number.Move(fyne.NewPos(0, (size.Height-h)/2))
	r.number.Resize(fyne.NewSize(size.Width, h))
}

func (r *markRenderer) Refresh() {
	fore, back := signColors(r.m.sign)
	r.disc.FillColor = theme.Color(back)
	r.number.Text, r.number.Color, r.number.TextSize = r.m.number, theme.Color(fore), sizeBadge
	if r.m.number == "" {
		r.icon.Resource = drawn(r.m.sign, fore)
		r.icon.Show()
	} else {
		r.icon.Hide()
	}
	r.icon.Refresh()
	r.Layout(r.m.Size())
	canvas.Refresh(r.m)
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
	return b
}

func (b *badge) set(word string, s sign) {
	if b.word != word || b.sign != s {
		b.word, b.sign = word, s
		b.Refresh()
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
	r := &badgeRenderer{b: b, ground: canvas.NewRectangle(nil), word: canvas.NewText("", nil)}
	r.ground.CornerRadius = 6
	r.word.Alignment, r.word.TextStyle, r.word.TextSize = fyne.TextAlignCenter, fyne.TextStyle{Bold: true}, sizeBadge
	r.Refresh()
	return r
}

type badgeRenderer struct {
	b      *badge
	ground *canvas.Rectangle
	word   *canvas.Text
}

func (r *badgeRenderer) Destroy()                     {}
func (r *badgeRenderer) MinSize() fyne.Size           { return r.b.MinSize() }
func (r *badgeRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.ground, r.word} }

func (r *badgeRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	h := r.word.MinSize().Height
	r.word.Move(fyne.NewPos(0, (size.Height-h)/2))
	r.word.Resize(fyne.NewSize(size.Width, h))
}

func (r *badgeRenderer) Refresh() {
	fore, back := signColors(r.b.sign)
	r.ground.FillColor = color.Transparent
	if r.b.word != "" {
		r.ground.FillColor = theme.Color(back)
	}
	r.word.Text, r.word.Color = r.b.word, theme.Color(fore)
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}
