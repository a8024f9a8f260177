package gui

import (
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/assets"
)

// railFoot is the bottom of the rail: whom to ask, the language, the report, what this is.
type railFoot struct {
	box      *fyne.Container
	lines    *footLines
	language *button // nil: there is only one
}

func newRailFoot(w *Wizard) *railFoot {
	f := &railFoot{lines: &footLines{}}
	f.box = container.New(f.lines)
	w.helpLinks(f.box)
	f.lines.own = len(f.box.Objects)
	if l, more := w.language(); more {
		f.language = newLink(w.keys, l.Name, w.showLanguages)
		f.language.sign, f.language.named = signMore, assets.Text("gui.rail.language", "Language", l.Name)
		f.box.Add(f.language)
	}
	if w.info.Report != nil {
		f.box.Add(newLink(w.keys, assets.Text("gui.rail.report"), w.showReport))
	}
	f.box.Add(newLink(w.keys, assets.Text("gui.rail.about"), w.showAbout))
	return f
}

// offer shows the choice of the language, or takes it away.
func (f *railFoot) offer(yes bool) {
	if f.language == nil || f.language.Visible() == yes {
		return
	}
	if yes {
		f.language.Show()
	} else {
		f.language.Hide()
	}
	f.box.Refresh()
}

// helpLinks adds whom to ask.
func (w *Wizard) helpLinks(foot *fyne.Container) {
	h := w.info.Help
	if h.Email == "" && h.Phone == "" && h.URL == "" {
		return
	}
	foot.Add(newText(assets.Text("gui.rail.help"), sizeNote, colorMuted))
	add := func(label, address string) {
		foot.Add(newLink(w.keys, label, func() { w.info.OpenURL(address) }))
	}
	if h.Email != "" {
		label := h.Email
		if (&button{label: label, look: link, small: true}).MinSize().Width > points(railWidth-2*railSide) {
			label = assets.Text("gui.rail.help-mail") // an address is not broken, and nothing is cut off
		}
		add(label, (&url.URL{Scheme: "mailto", Opaque: url.PathEscape(h.Email)}).String())
	}
	if h.Phone != "" {
		foot.Add(newText(h.Phone, sizeNote, colorText))
	}
	if h.URL != "" {
		add(assets.Text("gui.rail.help-page"), h.URL)
	}
}
