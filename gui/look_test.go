package gui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

func TestTheme_Contrast(t *testing.T) {
	for _, accent := range []string{"", "#ffe600", "#0a0a40", "#ff6f00"} {
		th := NewTheme(accent)
		for variant, p := range map[string]palette{"light": th.light, "dark": th.dark} {
			page := p[theme.ColorNameBackground]
			for _, c := range []struct {
				fore, back fyne.ThemeColorName
				least      float64
			}{
				{colorText, theme.ColorNameBackground, 4.5}, {colorMuted, theme.ColorNameBackground, 4.5},
				{colorMuted, colorRail, 4.5}, {colorMuted, colorCard, 4.5}, {colorAccent, theme.ColorNameBackground, 4.5},
				{colorAccent, colorRail, 4.5}, {colorAccent, colorCard, 4.5}, {colorAccent, colorAccentSoft, 4.5},
				{colorOnAccent, colorAccent, 4.5}, {colorText, colorAccentSoft, 4.5},
				{colorOK, colorOKSoft, 4.5}, {colorWarn, colorWarnSoft, 4.5}, {colorBad, colorBadSoft, 4.5},
				{colorOnOK, colorOK, 4.5}, {colorEdge, theme.ColorNameBackground, 3}, {colorEdge, colorRail, 3}, {colorEdge, colorCard, 3},
				{colorMuted, colorLine, 3.5},
			} {
				if got := contrast(p[c.fore], p[c.back]); got < c.least {
					t.Errorf("%s, accent %q: %s on %s has %.2f : 1, wants %.1f", variant, accent, c.fore, c.back, got, c.least)
				}
			}
			if page.A != 0xff {
				t.Errorf("%s: the page is not opaque", variant)
			}
		}
	}
}

func TestText_Wraps(t *testing.T) {
	newBench(t)
	for name, c := range map[string]struct {
		words string
		width float32
		lines int
	}{
		"one line":         {"a few words", 400, 1},
		"line ends":        {"one\ntwo\n\nfour", 400, 4},
		"between words":    {strings.Repeat("word ", 40), 200, 8},
		"within a word":    {strings.Repeat("x", 100), 200, 0},
		"bold, mono, star": {"**bold** and `code` and 2 * 3", 400, 1},
	} {
		t.Run(name, func(t *testing.T) {
			x := newText(c.words, sizeBody, colorText)
			height := x.heightFor(c.width)
			if c.lines > 0 && len(x.lines) != c.lines {
				t.Errorf("%d lines: %+v", len(x.lines), x.lines)
			}
			if height != float32(len(x.lines))*sizeBody*lineHeight {
				t.Errorf("%v high", height)
			}
			var joined []string
			for _, l := range x.lines {
				end := float32(0)
				for _, p := range l {
					end = p.x + fyne.MeasureText(strings.TrimRight(p.words, " "), sizeBody, p.style).Width
					joined = append(joined, p.words)
				}
				if end > c.width+0.5 {
					t.Errorf("a line is %v wide: %+v", end, l)
				}
			}
			if got, want := strings.Join(joined, ""), strings.ReplaceAll(x.AccessibilityLabel(), "\n", ""); got != want {
				t.Errorf("shows %q, want %q", got, want)
			}
		})
	}
}
