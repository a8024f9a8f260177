package gui

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// lineHeight is the distance of two lines, in sizes of the type.
const lineHeight = 1.42

// text is a leaf that shows a paragraph, wrapped. **Words** are bold, `words` are monospaced. Unlike a Fyne label it
// knows its height for a width before it is laid out, so a page comes out right in one pass.
type text struct {
	widget.BaseWidget
	words string
	size  float32
	color fyne.ThemeColorName
	bold  bool

	lines   [][]piece
	wrapped float32 // the width that lines were made for,
	wrapAt  float32 // and the size of type
}

// piece is a run of one style on one line.
type piece struct {
	words string
	style fyne.TextStyle
	x, w  float32
}

func newText(words string, size float32, color fyne.ThemeColorName) *text {
	t := &text{words: words, size: size, color: color}
	t.ExtendBaseWidget(t)
	return t
}

func newTitle(words string) *text {
	t := newText(words, sizeTitle, colorText)
	t.bold = true
	return t
}

// set shows other words.
func (t *text) set(words string) {
	if t.words == words {
		return
	}
	t.words, t.wrapped = words, 0
	t.Refresh()
}

// Visible implements fyne.CanvasObject. A text without words is not there: a screen reader would stop at it.
func (t *text) Visible() bool { return t.words != "" && t.BaseWidget.Visible() }

// AccessibilityLabel implements fyne.Accessible.
func (t *text) AccessibilityLabel() string {
	return strings.NewReplacer("**", "", "`", "").Replace(t.words)
}

// AccessibilityRole implements fyne.Accessible.
func (t *text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// MinSize is one line high until the text was laid out; the layouts of this package ask heightFor instead.
func (t *text) MinSize() fyne.Size {
	if t.words == "" {
		return fyne.Size{}
	}
	width := t.Size().Width
	if width <= 0 {
		return fyne.NewSize(t.natural(), t.line())
	}
	return fyne.NewSize(0, t.heightFor(width))
}

// points is the size of type as the theme wants it.
func (t *text) points() float32 { return points(t.size) }

// line is the height of one line.
func (t *text) line() float32 { return t.points() * lineHeight }

// natural is the width on one line.
func (t *text) natural() (width float32) {
	for _, p := range t.runs() {
		width += widthOf(p.words, t.points(), p.style)
	}
	return width
}

// heightFor implements flowing.
func (t *text) heightFor(width float32) float32 {
	if t.words == "" {
		return 0
	}
	t.wrap(width)
	return float32(len(t.lines)) * t.line()
}

// runs splits the words into runs of one style.
func (t *text) runs() []piece {
	var out []piece
	style := fyne.TextStyle{Bold: t.bold}
	rest := t.words
	for rest != "" {
		i := strings.IndexAny(rest, "*`")
		for i >= 0 && rest[i] == '*' && !strings.HasPrefix(rest[i:], "**") {
			next := strings.IndexAny(rest[i+1:], "*`")
			if next < 0 {
				i = -1
				break
			}
			i += 1 + next
		}
		if i < 0 {
			return append(out, piece{words: rest, style: style})
		}
		if i > 0 {
			out = append(out, piece{words: rest[:i], style: style})
		}
		if rest[i] == '`' {
			style.Monospace = !style.Monospace
			rest = rest[i+1:]
		} else {
			style.Bold = !style.Bold
			rest = rest[i+2:]
		}
	}
	return out
}

// wrap breaks at spaces and line ends, and within a word that is wider than the line.
func (t *text) wrap(width float32) {
	if t.wrapped == width && t.wrapAt == t.points() && t.lines != nil {
		return
	}
	t.wrapped, t.wrapAt, t.lines = width, t.points(), [][]piece{nil}
	x := float32(0)
	for _, run := range t.runs() {
		for _, word := range split(run.words) {
			if word == "\n" {
				t.lines, x = append(t.lines, nil), 0
				continue
			}
			w := widthOf(word, t.wrapAt, run.style)
			if seen := widthOf(strings.TrimRight(word, " "), t.wrapAt, run.style); x > 0 && x+seen > width {
				t.lines, x = append(t.lines, nil), 0
			}
			for x == 0 && w > width && utf8.RuneCountInString(word) > 1 {
				head := t.fitting(word, run.style, width)
				t.place(piece{words: word[:head], style: run.style, w: width})
				word = word[head:]
				w = widthOf(word, t.wrapAt, run.style)
				t.lines = append(t.lines, nil)
			}
			t.place(piece{words: word, style: run.style, x: x, w: w})
			x += w
		}
	}
}

// place puts a word at the end of the last line, joined with what stands there in the same style.
func (t *text) place(p piece) {
	line := &t.lines[len(t.lines)-1]
	if n := len(*line); n > 0 && (*line)[n-1].style == p.style {
		(*line)[n-1].words += p.words
		(*line)[n-1].w += p.w
		return
	}
	*line = append(*line, p)
}

// fitting is how many bytes of the word fit into the width; at least one character's.
func (t *text) fitting(word string, style fyne.TextStyle, width float32) int {
	end := 0
	for i, r := range word {
		next := i + utf8.RuneLen(r)
		if end > 0 && widthOf(word[:next], t.wrapAt, style) > width {
			break
		}
		end = next
	}
	return end
}

// split gives the words, each with the spaces behind it, and line ends by themselves.
func split(s string) (words []string) {
	start := 0
	for i := range len(s) {
		switch {
		case s[i] == '\n':
			if start < i {
				words = append(words, s[start:i])
			}
			words, start = append(words, "\n"), i+1
		case s[i] == ' ' && (i+1 == len(s) || s[i+1] != ' '):
			words, start = append(words, s[start:i+1]), i+1
		}
	}
	if start < len(s) {
		words = append(words, s[start:])
	}
	return words
}

// CreateRenderer implements fyne.Widget.
func (t *text) CreateRenderer() fyne.WidgetRenderer {
	d := newDrawing(t, nil, func() {})
	d.place = func(size fyne.Size) {
		t.wrap(size.Width)
		d.objects = d.objects[:0]
		for i, line := range t.lines {
			for _, p := range line {
				o := canvas.NewText(p.words, theme.Color(t.color))
				o.TextSize = t.points()
				restyle(o, p.style)
				m := o.MinSize()
				o.Move(fyne.NewPos(p.x, float32(i)*t.line()+(t.line()-m.Height)/2))
				o.Resize(m)
				d.objects = append(d.objects, o)
			}
		}
	}
	return d
}
