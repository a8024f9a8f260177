package gui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"example.com/enrollment-assistant/assets"
)

// drawer shows the live log below the list of what is being done. It follows the end unless the person went up, and
// draws only the lines that can be seen, so a long log costs no more than a short one. It is one leaf: what lies in a
// scroll of Fyne's reaches no screen reader.
type drawer struct {
	widget.BaseWidget
	keys  *keyboard
	lines []logLine
	width float32 // that rows were made for,
	size  float32 // and the size of type
	first int     // index of the first row in view
	up    bool    // the person went up: new lines must not carry away what is being read

	focused bool
	drag    float32 // of a row, left over from dragging
}

// logLine is a line as it was told, and the rows that it takes.
type logLine struct {
	said string
	rows []string
}

var (
	_ fyne.Focusable  = (*drawer)(nil)
	_ fyne.Tappable   = (*drawer)(nil)
	_ fyne.Scrollable = (*drawer)(nil)
	_ fyne.Accessible = (*drawer)(nil)
	_ desktop.Keyable = (*drawer)(nil)
)

// Measures of the drawer: logLines is how many lines it keeps (the log file has them all), drawerRows how many of the
// usual size are in view at once, the others are logical pixels.
const (
	logLines   = 300
	drawerRows = 10
	drawerPad  = 10
	drawerSide = 14
)

func newDrawer(k *keyboard) *drawer {
	d := &drawer{keys: k}
	d.ExtendBaseWidget(d)
	return d
}

// add shows another line.
func (d *drawer) add(line string) {
	line = strings.TrimRight(strings.ReplaceAll(line, "\t", "    "), "\r\n")
	d.lines = append(d.lines, logLine{said: line, rows: d.split(line)})
	for len(d.lines) > logLines {
		d.first = max(0, d.first-len(d.lines[0].rows))
		d.lines = d.lines[1:]
	}
	if !d.up {
		d.first = d.last()
	}
	if d.Visible() {
		d.Refresh()
	}
}

// shown is how many rows are in view at once.
func (d *drawer) shown() int { return max(5, int(drawerRows/zoom())) }

// row is the height of a row.
func (d *drawer) row() float32 { return points(sizeNote) * lineHeight }

// split breaks a line into rows, at spaces where that leaves a row more than half full.
func (d *drawer) split(line string) (rows []string) {
	mono := fyne.TextStyle{Monospace: true}
	columns := max(8, int((d.width-2*drawerSide)/widthOf("0", points(sizeNote), mono)))
	rest := []rune(line)
	for len(rest) > columns {
		end := columns
		for i := columns; i > columns/2; i-- {
			if rest[i] == ' ' {
				end = i + 1
				break
			}
		}
		rows, rest = append(rows, strings.TrimRight(string(rest[:end]), " ")), rest[end:]
	}
	return append(rows, string(rest))
}

// fit makes the rows for a width.
func (d *drawer) fit(width float32) {
	if d.width == width && d.size == points(sizeNote) {
		return
	}
	d.width, d.size = width, points(sizeNote)
	for i, l := range d.lines {
		d.lines[i].rows = d.split(l.said)
	}
	if d.first = min(d.first, d.last()); !d.up {
		d.first = d.last()
	}
}

// all gives every row.
func (d *drawer) all() (rows []string) {
	for _, l := range d.lines {
		rows = append(rows, l.rows...)
	}
	return rows
}

// view gives the rows in view.
func (d *drawer) view() []string {
	rows := d.all()
	first := min(d.first, len(rows))
	return rows[first:min(first+d.shown(), len(rows))]
}

// last is the index of the first row in view when the end is.
func (d *drawer) last() int { return max(0, len(d.all())-d.shown()) }

// to moves the view to a row; at the end it follows again.
func (d *drawer) to(first int) {
	d.first = min(max(first, 0), d.last())
	d.up = d.first < d.last()
	d.Refresh()
}

// TypedKey implements fyne.Focusable. A key that is held down goes on.
func (d *drawer) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyUp:
		d.to(d.first - 1)
	case fyne.KeyDown:
		d.to(d.first + 1)
	case fyne.KeyPageUp:
		d.to(d.first - d.shown() + 1)
	case fyne.KeyPageDown:
		d.to(d.first + d.shown() - 1)
	case fyne.KeyHome:
		d.to(0)
	case fyne.KeyEnd:
		d.to(d.last())
	default:
		d.keys.typed(ev)
		return
	}
	d.keys.once()
}

// Scrolled implements fyne.Scrollable.
func (d *drawer) Scrolled(ev *fyne.ScrollEvent) {
	d.drag -= ev.Scrolled.DY / d.row()
	if whole := int(d.drag); whole != 0 {
		d.drag -= float32(whole)
		d.to(d.first + whole)
	}
}

// Tapped implements fyne.Tappable: keys move the log from then on.
func (d *drawer) Tapped(*fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(d); c != nil {
		c.Focus(d)
	}
}

// FocusGained implements fyne.Focusable.
func (d *drawer) FocusGained() { d.focused = true; d.Refresh(); d.keys.reveal(d) }

// FocusLost implements fyne.Focusable.
func (d *drawer) FocusLost() { d.focused = false; d.Refresh() }

// TypedRune implements fyne.Focusable.
func (d *drawer) TypedRune(rune) {}

// KeyDown implements desktop.Keyable.
func (d *drawer) KeyDown(ev *fyne.KeyEvent) { d.keys.down(ev) }

// KeyUp implements desktop.Keyable.
func (d *drawer) KeyUp(*fyne.KeyEvent) {}

// AccessibilityLabel implements fyne.Accessible: which part is in view, and what it says.
func (d *drawer) AccessibilityLabel() string {
	rows := d.view()
	return assets.Text("gui.install.log", "First", min(d.first+1, len(d.all())), "Last", d.first+len(rows), "Count", len(d.all())) +
		"\n" + strings.Join(rows, "\n")
}

// AccessibilityRole implements fyne.Accessible.
func (d *drawer) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// MinSize implements fyne.CanvasObject.
func (d *drawer) MinSize() fyne.Size { return fyne.NewSize(0, float32(d.shown())*d.row()+2*drawerPad) }

// CreateRenderer implements fyne.Widget.
func (d *drawer) CreateRenderer() fyne.WidgetRenderer {
	face, thumb := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	face.CornerRadius, thumb.CornerRadius = 10, 2
	objects := []fyne.CanvasObject{face, thumb}
	rows := make([]*canvas.Text, drawerRows)
	for i := range rows {
		rows[i] = canvas.NewText("", nil)
		objects = append(objects, rows[i])
	}
	paint := func() {
		face.FillColor, face.StrokeColor, face.StrokeWidth = theme.Color(colorRail), theme.Color(colorLine), 1
		if d.focused {
			face.StrokeColor, face.StrokeWidth = theme.Color(colorAccent), 2
		}
		thumb.FillColor = color.Transparent
		if d.last() > 0 {
			thumb.FillColor = theme.Color(colorEdge)
		}
		view := d.view()
		for i, row := range rows {
			row.Text, row.Color, row.TextSize, row.TextStyle = "", theme.Color(colorText), points(sizeNote), fyne.TextStyle{Monospace: true}
			if i < len(view) {
				row.Text = view[i]
			}
		}
	}
	return newDrawing(d, func(size fyne.Size) {
		d.fit(size.Width)
		paint()
		face.Resize(size)
		for i, row := range rows {
			row.Move(fyne.NewPos(drawerSide, drawerPad+float32(i)*d.row()))
			row.Resize(fyne.NewSize(size.Width-2*drawerSide, d.row()))
		}
		if all := float32(len(d.all())); all > 0 {
			track := size.Height - 2*drawerPad
			thumb.Resize(fyne.NewSize(4, fyne.Max(16, track*float32(d.shown())/fyne.Max(all, float32(d.shown())))))
			part := float32(d.first) / float32(max(1, d.last()))
			thumb.Move(fyne.NewPos(size.Width-8, drawerPad+part*(track-thumb.Size().Height)))
		}
	}, paint, objects...)
}
