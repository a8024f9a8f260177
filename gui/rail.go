package gui

import (
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
	box    *fyne.Container
	stops  []stop
	items  []*railItem
	list   *fyne.Container
	foot   *railFoot
	at     *text // where the enrollment stands, in words
	folded bool  // a band above the page instead of a rail beside it
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
	r.foot = newRailFoot(w)
	r.list = newColumn(18, items...)
	r.at = newText("", sizeBody, colorMuted)
	r.box = container.New(stacked{}, shade(colorRail, "", 0),
		container.New(&railLayout{r}, head, r.list, r.at, r.foot.box, shade(colorLine, "", 0)))
	return r
}

// enter marks where the enrollment stands. unproved are steps that were passed and left nothing to show for it: after
// a sign-in in the browser nobody here knows whether anyone signed in, and a green tick stands for a proof.
func (r *rail) enter(s steps.Step, unproved ...steps.Step) {
	at := slices.IndexFunc(r.stops, func(st stop) bool { return slices.Contains(st.steps, s) })
	r.at.set(assets.Text("gui.rail.at", "Number", at+1, "Count", len(r.stops), "Step", r.items[at].word))
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
