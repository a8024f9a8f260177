package gui

import (
	"slices"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// language is the one that is shown, and whether there is another one to choose.
func (w *Wizard) language() (l assets.Language, more bool) {
	i := slices.IndexFunc(w.info.Languages, func(l assets.Language) bool { return l.Tag == w.info.Language })
	if i < 0 {
		return assets.Language{}, false
	}
	return w.info.Languages[i], len(w.info.Languages) > 1
}

// languageOffered tells whether the language may be changed now. From the install on nothing can be asked again.
func (w *Wizard) languageOffered() bool {
	return !w.installing() && (w.current == nil || w.current.name != "problem")
}

// installing tells whether the install has begun.
func (w *Wizard) installing() bool {
	return slices.Index(steps.All, w.step) >= slices.Index(steps.All, steps.Install)
}

// showLanguages lets the person choose the language. Each is written as its speakers write it.
func (w *Wizard) showLanguages() {
	d := w.newDialog("language", assets.Text("gui.language.title"), assets.Text("gui.close"))
	rows := make([]fyne.CanvasObject, len(w.info.Languages))
	for i, l := range w.info.Languages {
		t := newTick(w.keys, l.Name, "", func() {
			d.close()
			w.speak(l.Tag)
		})
		t.round, t.on, t.picks = true, l.Tag == w.info.Language, true
		rows[i] = t
		if t.on {
			d.focus = t
		}
	}
	d.body.Add(newCard(rows...))
	d.show()
}

// speak changes the language: the rail at once, the page by asking its question again. What was typed is kept.
func (w *Wizard) speak(tag string) {
	if tag == w.info.Language || !w.languageOffered() {
		return
	}
	w.info.SetLanguage(tag)
	w.info.Language = tag
	w.newRail()
	w.live = nil // its sentences are in the language before
	w.stale = true
	w.focus() // what had it is not there any more
	w.reask()
}

// reask has the open question asked once more where its sentences are in another language than the one chosen. Where
// none is open, it is called when the next one is.
func (w *Wizard) reask() {
	if !w.stale || w.again == nil || !w.languageOffered() {
		return
	}
	w.stale = false
	w.draft = w.current.draft()
	w.again()
}

// draft is what was entered on a page, for when the page is shown again in another language.
type draft struct {
	page  string
	words []string
	ticks []bool
}

// fields gives what can be filled in on the page, in order.
func (p *page) fields() (fields []*field, ticks []*tick) {
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *fyne.Container:
			for _, one := range o.Objects {
				walk(one)
			}
		case *field:
			fields = append(fields, o)
		case *tick:
			ticks = append(ticks, o)
		}
	}
	walk(p.body)
	return fields, ticks
}

// filled tells whether something typed would be lost with the page.
func (p *page) filled() bool {
	fields, _ := p.fields()
	return slices.ContainsFunc(fields, func(f *field) bool { return f.Text != "" })
}

// draft takes what was entered out of the page.
func (p *page) draft() *draft {
	d := &draft{page: p.name}
	fields, ticks := p.fields()
	for _, f := range fields {
		d.words = append(d.words, f.take())
	}
	for _, t := range ticks {
		d.ticks = append(d.ticks, t.on)
	}
	return d
}

// fields tells whether the page was one of this step and had fields to fill in.
func (d *draft) fields(s steps.Step) bool { return d != nil && d.page == string(s) && len(d.words) > 0 }

// put enters it again, where the page asks for as much as it did.
func (d *draft) put(p *page) {
	fields, ticks := p.fields()
	if d.page != p.name || len(fields) != len(d.words) || len(ticks) != len(d.ticks) {
		return
	}
	for i, f := range fields {
		if d.words[i] != "" {
			f.put(d.words[i])
		}
	}
	for i, t := range ticks {
		t.on = d.ticks[i]
	}
}
