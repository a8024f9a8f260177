package gui

import (
	"image/color"
	"math"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Names of the colours that Fyne's own palette lacks.
const (
	colorRail       fyne.ThemeColorName = "rail"
	colorCard       fyne.ThemeColorName = "card"
	colorLine       fyne.ThemeColorName = "line" // decoration only: less than 3 : 1
	colorEdge       fyne.ThemeColorName = "edge" // of fields and of the rail's circles: 3 : 1
	colorText       fyne.ThemeColorName = theme.ColorNameForeground
	colorMuted      fyne.ThemeColorName = theme.ColorNamePlaceHolder
	colorAccent     fyne.ThemeColorName = theme.ColorNamePrimary
	colorOnAccent   fyne.ThemeColorName = theme.ColorNameForegroundOnPrimary
	colorAccentSoft fyne.ThemeColorName = "accentSoft"
	colorVeil       fyne.ThemeColorName = "veil" // over the page, below a dialog
	colorOK         fyne.ThemeColorName = theme.ColorNameSuccess
	colorOnOK       fyne.ThemeColorName = theme.ColorNameForegroundOnSuccess
	colorOKSoft     fyne.ThemeColorName = "okSoft"
	colorWarn       fyne.ThemeColorName = theme.ColorNameWarning
	colorWarnSoft   fyne.ThemeColorName = "warnSoft"
	colorBad        fyne.ThemeColorName = theme.ColorNameError
	colorBadSoft    fyne.ThemeColorName = "badSoft"
)

// Sizes of type, in logical pixels.
const (
	sizeTitle = 24
	sizeLead  = 15
	sizeBody  = 14
	sizeNote  = 12
	sizeBadge = 11.5
)

type palette map[fyne.ThemeColorName]color.NRGBA

var light = palette{
	theme.ColorNameBackground: hex("#ffffff"), colorRail: hex("#f4f6fa"), colorCard: hex("#ffffff"),
	colorLine: hex("#e3e7ee"), colorEdge: hex("#7f899b"), colorText: hex("#1b2330"), colorMuted: hex("#667085"),
	colorAccent: hex("#3056d3"), colorAccentSoft: hex("#e9eeff"),
	colorOK: hex("#177e4b"), colorOKSoft: hex("#e8f6ee"), colorOnOK: hex("#ffffff"),
	colorWarn: hex("#a15c00"), colorWarnSoft: hex("#fff1da"),
	colorBad: hex("#b42318"), colorBadSoft: hex("#fdebe9"),
	theme.ColorNameOverlayBackground: hex("#ffffff"), theme.ColorNameShadow: hex("#1b23301c"), colorVeil: hex("#1b233059"),
}

var dark = palette{
	theme.ColorNameBackground: hex("#161a22"), colorRail: hex("#1d222c"), colorCard: hex("#1b2029"),
	colorLine: hex("#2d3441"), colorEdge: hex("#76819a"), colorText: hex("#eef1f6"), colorMuted: hex("#9aa4b5"),
	colorAccent: hex("#7c9bff"), colorAccentSoft: hex("#232c48"),
	colorOK: hex("#5fd39a"), colorOKSoft: hex("#17321f"), colorOnOK: hex("#11261a"),
	colorWarn: hex("#f2b45c"), colorWarnSoft: hex("#3a2c14"),
	colorBad: hex("#ff8a7f"), colorBadSoft: hex("#40211f"),
	theme.ColorNameOverlayBackground: hex("#1d222c"), theme.ColorNameShadow: hex("#00000066"), colorVeil: hex("#00000099"),
}

// Theme is the assistant's look. It follows the system's light or dark setting; the accent is the organization's,
// moved until text in it can be read on the page.
type Theme struct {
	light, dark palette
	only        *fyne.ThemeVariant // nil: as the system wants
	zoom        float32            // of text; 0 is 1
}

// NewTheme gives the theme for an accent of the form #rrggbb; anything else gives the built-in accent.
func NewTheme(accent string) *Theme {
	return &Theme{light: withAccent(light, accent), dark: withAccent(dark, accent)}
}

// In gives the theme as it looks when the system wants light or dark, whatever this one wants.
func (t *Theme) In(v fyne.ThemeVariant) *Theme {
	return &Theme{light: t.light, dark: t.dark, only: &v, zoom: t.zoom}
}

// Zoomed gives the theme with text so many times as large as usual.
func (t *Theme) Zoomed(times float32) *Theme {
	return &Theme{light: t.light, dark: t.dark, only: t.only, zoom: times}
}

func withAccent(base palette, accent string) palette {
	p := make(palette, len(base)+4)
	for n, c := range base {
		p[n] = c
	}
	page := p[theme.ColorNameBackground]
	if c, ok := parseHex(accent); ok {
		p[colorAccent], p[colorAccentSoft] = readableOn(c, page, p[colorRail], p[colorCard])
	}
	p[colorOnAccent] = hex("#ffffff")
	if contrast(p[colorOnAccent], p[colorAccent]) < 4.5 {
		p[colorOnAccent] = hex("#10141c")
	}
	p[theme.ColorNameInputBackground] = p[theme.ColorNameBackground]
	p[theme.ColorNameInputBorder] = p[colorEdge]
	p[theme.ColorNameHyperlink] = p[colorAccent]
	p[theme.ColorNameSelection] = mix(page, p[colorAccent], 0.3)
	p[theme.ColorNameFocus] = mix(page, p[colorAccent], 0.3)
	return p
}

// Color implements fyne.Theme.
func (t *Theme) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if t.only != nil {
		v = *t.only
	}
	p := t.dark
	if v == theme.VariantLight {
		p = t.light
	}
	if c, ok := p[n]; ok {
		return c
	}
	return theme.DefaultTheme().Color(n, v)
}

// Font implements fyne.Theme.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(s) }

// Icon implements fyne.Theme.
func (t *Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }

// Size implements fyne.Theme.
func (t *Theme) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameText:
		return sizeBody * max(t.zoom, 1)
	case theme.SizeNameInputRadius:
		return 9
	case theme.SizeNameInnerPadding:
		return 13 // with the text and the border it makes a field 46 high
	case theme.SizeNameDialogRadius, theme.SizeNamePopupRadius:
		return 12
	case theme.SizeNamePadding:
		return 4
	}
	return theme.DefaultTheme().Size(n)
}

// hex is for the constants above; a wrong one is caught by a test that asks each colour for its contrast.
func hex(s string) color.NRGBA { c, _ := parseHex(s); return c }

// parseHex reads #rrggbb and #rrggbbaa.
func parseHex(s string) (color.NRGBA, bool) {
	if len(s) != 7 && len(s) != 9 || s[0] != '#' {
		return color.NRGBA{}, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 64)
	if err != nil {
		return color.NRGBA{}, false
	}
	if len(s) == 7 {
		n = n<<8 | 0xff
	}
	return color.NRGBA{R: uint8(n >> 24), G: uint8(n >> 16), B: uint8(n >> 8), A: uint8(n)}, true
}

// mix lays part of b over a.
func mix(a, b color.NRGBA, part float64) color.NRGBA {
	m := func(x, y uint8) uint8 { return uint8(math.Round(float64(x)*(1-part) + float64(y)*part)) }
	return color.NRGBA{R: m(a.R, b.R), G: m(a.G, b.G), B: m(a.B, b.B), A: 0xff}
}

// readableOn moves c towards black or white until it has 4.5 : 1 on each ground and on a soft ground made of it, and gives
// both. The ground is rather made softer than the colour moved: people know the colour of their organization.
func readableOn(c, page color.NRGBA, grounds ...color.NRGBA) (moved, soft color.NRGBA) {
	to := hex("#000000")
	if luminance(page) < 0.5 {
		to = hex("#ffffff")
	}
	for part := 0.0; part <= 1; part += 0.04 {
		moved = mix(c, to, part)
		least := contrast(moved, page)
		for _, g := range grounds {
			least = min(least, contrast(moved, g))
		}
		for much := 0.14; least >= 4.5 && much >= 0.06; much -= 0.02 {
			if soft = mix(page, moved, much); contrast(moved, soft) >= 4.5 {
				return moved, soft
			}
		}
	}
	return to, mix(page, to, 0.1)
}

// contrast is the ratio of WCAG 2.2, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// luminance is the relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
func luminance(c color.NRGBA) float64 {
	f := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}
