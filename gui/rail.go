package gui

import (
	"net/url"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// railWidth is the width of the rail, in logical pixels.
const railWidth = 236

// stop is one word of the rail. "Finish" stands for two steps.
type stop struct {
	word  string // key of the translation
	steps []steps.Step
}

// stops gives the rail's words in order. A Mac asks for a password before the review.
func stops(mac bool) []stop {
	list := []stop{
		{"welcome", []steps.Step{steps.Welcome}},
		{"login", []steps.Step{steps.Login}},
		{"connect-key", []steps.Step{steps.ConnectKey}},
		{"requirements", []steps.Step{steps.Requirements}},
	}
	if mac {
		list = append(list, stop{"secure-token", []steps.Step{steps.SecureToken}})
	}
	return append(list,
		stop{"plan", []steps.Step{steps.Plan}},
		stop{"install", []steps.Step{steps.Install}},
		stop{"finish", []steps.Step{steps.Online, steps.Done}},
	)
}

// rail is the left side of the window.
type rail struct {
	box   *fyne.Container
	stops []stop
	items []*railItem
}

func newRail(w *Wizard) *rail {
	r := &rail{stops: stops(w.info.Mac)}
	var items []fyne.CanvasObject
	for _, s := range r.stops {
		i := &railItem{word: assets.Text("gui.rail." + s.word), state: ahead}
		i.ExtendBaseWidget(i)
		r.items = append(r.items, i)
		items = append(items, i)
	}
	name := w.info.Organization
	if name == "" {
		name = assets.Text("app.name")
	}
	title := newText(name, sizeBody, colorText)
	title.bold = true
	head := container.New(railHead{}, newLogo(w.info.Logo, name), title)
	foot := newColumn(2)
	w.helpLinks(foot)
	about := newLink(w.keys, assets.Text("gui.rail.about"), w.showAbout)
	foot.Add(newInset(14, -5, 0, 0, container.New(leading{}, about)))
	r.box = container.New(stacked{}, shade(colorRail, "", 0),
		container.New(railLayout{}, head, newColumn(18, items...), foot, shade(colorLine, "", 0)))
	return r
}

// helpLinks adds whom to ask.
func (w *Wizard) helpLinks(foot *fyne.Container) {
	h := w.info.Help
	if h.Email == "" && h.Phone == "" && h.URL == "" {
		return
	}
	foot.Add(newText(assets.Text("gui.rail.help"), sizeNote, colorMuted))
	add := func(label, address string) {
		foot.Add(newInset(0, -5, 0, 0, container.New(leading{}, newLink(w.keys, label, func() { w.info.OpenURL(address) }))))
	}
	if h.Email != "" {
		add(h.Email, (&url.URL{Scheme: "mailto", Opaque: url.PathEscape(h.Email)}).String())
	}
	if h.Phone != "" {
		foot.Add(newText(h.Phone, sizeNote, colorText))
	}
	if h.URL != "" {
		add(assets.Text("gui.rail.help-page"), h.URL)
	}
}

// enter marks where the enrollment stands. unproved are steps that were passed and left nothing to show for it: after
// a sign-in in the browser nobody here knows whether anyone signed in, and a green tick stands for a proof.
func (r *rail) enter(s steps.Step, unproved ...steps.Step) {
	at := slices.IndexFunc(r.stops, func(st stop) bool { return slices.Contains(st.steps, s) })
	for i, st := range r.stops {
		switch {
		case i > at:
			r.items[i].set(ahead)
		case i == at:
			r.items[i].set(here)
		case slices.ContainsFunc(unproved, func(u steps.Step) bool { return slices.Contains(st.steps, u) }):
			r.items[i].set(passed)
		default:
			r.items[i].set(behind)
		}
	}
}

// railHead is the logo with the name at its right.
type railHead struct{}

// Layout implements fyne.Layout.
func (railHead) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSquareSize(32))
	w := size.Width - 42
	h := heightOf(o[1], w)
	o[1].Move(fyne.NewPos(42, fyne.Max(0, (32-h)/2)))
	o[1].Resize(fyne.NewSize(w, h))
}

func (railHead) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return fyne.Max(32, heightOf(o[1], width-42))
}

// MinSize implements fyne.Layout.
func (railHead) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(32) }

// leading keeps an object at its own width, at the left.
type leading struct{}

// Layout implements fyne.Layout.
func (leading) Layout(o []fyne.CanvasObject, size fyne.Size) {
	m := o[0].MinSize()
	o[0].Resize(fyne.NewSize(fyne.Min(m.Width, size.Width), m.Height))
}

// MinSize implements fyne.Layout.
func (leading) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// railLayout puts the head and the steps at the top, the help at the bottom, a line at the right.
type railLayout struct{}

// Layout implements fyne.Layout.
func (railLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	const side = 22
	w := size.Width - 2*side
	head := heightOf(o[0], w)
	o[0].Move(fyne.NewPos(side, 28))
	o[0].Resize(fyne.NewSize(w, head))
	o[1].Move(fyne.NewPos(side, 28+head+39))
	o[1].Resize(fyne.NewSize(w, heightOf(o[1], w)))
	foot := heightOf(o[2], w)
	o[2].Move(fyne.NewPos(side, size.Height-foot-26))
	o[2].Resize(fyne.NewSize(w, foot))
	o[3].Move(fyne.NewPos(size.Width-1, 0))
	o[3].Resize(fyne.NewSize(1, size.Height))
}

// MinSize implements fyne.Layout.
func (railLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(railWidth, 0) }
