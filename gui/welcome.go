package gui

import (
	"net/url"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// welcomePage says who manages this computer and asks the two things that must be so before an install.
type welcomePage struct {
	*page
	work, asked *tick
	regions     []*tick
	region      func() int
}

// showWelcome asks for the start, or says why this computer cannot be enrolled.
func (w *Wizard) showWelcome(q steps.WelcomeQuestion, a answer[steps.Choice]) {
	w.entered(steps.Welcome)
	if q.Blocked != nil {
		w.showBlocked(*q.Blocked, a)
		return
	}
	p := newWelcomePage(w, q)
	p.next = newButton(w.keys, assets.Text("gui.welcome.start"), primary, func() {
		if !p.work.on || !p.asked.on {
			p.say(assets.Text("gui.welcome.both"))
			return
		}
		c := steps.Choice{}
		if len(q.Regions) > 0 {
			c.Region = q.Regions[p.region()]
		}
		p.wait(assets.Text("gui.wait"))
		a(c, nil)
	})
	w.show(p.page)
}

func newWelcomePage(w *Wizard, q steps.WelcomeQuestion) *welcomePage {
	p := &welcomePage{}
	said := func(key string) string {
		if q.Organization == "" {
			return assets.Text(key + "-anyone")
		}
		return assets.Text(key, "Organization", q.Organization)
	}
	quiet := func() {
		if p.status.words != "" {
			p.say("")
		}
	}
	p.work = newTick(w.keys, said("gui.welcome.work"), assets.Text("gui.welcome.work-note"), quiet)
	p.asked = newTick(w.keys, said("gui.welcome.asked"), assets.Text("gui.welcome.asked-note"), quiet)
	lead := said("gui.welcome.lead")
	if q.Text != "" {
		lead = q.Text
	}
	body := []fyne.CanvasObject{newCard(p.work, p.asked)}
	if len(q.Regions) > 0 {
		var titles []string
		for _, r := range q.Regions {
			titles = append(titles, regionTitle(r))
		}
		p.regions, p.region = newChoices(w.keys, titles)
		rows := make([]fyne.CanvasObject, len(p.regions))
		for i, t := range p.regions {
			rows[i] = t
		}
		body = append(body, newColumn(8, newText(assets.Text("gui.welcome.region"), sizeBody, colorMuted), newCard(rows...)))
	}
	body = append(body, newNotice(newText(said("gui.welcome.need"), 13, colorText)))
	p.page = newPage(steps.Welcome, assets.Text("gui.welcome.title"), lead, body...)
	p.focus = p.work
	return p
}

// regionTitle names a region and the address by which a person recognizes it.
func regionTitle(r platform.Region) string {
	title := assets.Text("gui.welcome.region-" + string(r))
	e, ok := platform.EndpointsOf(r)
	if !ok {
		return title
	}
	return title + " · " + hostOf(e.Console)
}

// hostOf is the host of a URL, as people say it; the whole text where there is none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

// showBlocked says what no key can mend.
func (w *Wizard) showBlocked(problem steps.Problem, a answer[steps.Choice]) {
	r := newRow(newMark(signCross), problem.Summary, problem.Hint)
	r.badge.set(assets.Text("gui.level.block"), signCross)
	if problem.Link != "" {
		r.link(w.keys, assets.Text("gui.problem.link"), func() { w.info.OpenURL(problem.Link) })
	}
	body := []fyne.CanvasObject{newCard(r.box)}
	if w.info.Help.Email != "" {
		body = append(body, newNotice(newText(assets.Text("gui.blocked.help", "Email", w.info.Help.Email), 13, colorText)))
	}
	p := newPage(steps.Welcome, assets.Text("gui.blocked.title"), assets.Text("gui.problem.unchanged"), body...)
	p.next = newButton(w.keys, assets.Text("gui.again"), primary, func() {
		p.wait(assets.Text("gui.requirements.looking"))
		a(steps.Choice{Again: true}, nil)
	})
	p.back = newButton(w.keys, assets.Text("gui.close"), plain, func() { a(steps.Choice{}, steps.ErrQuit) })
	p.escape = func() {} // there is nothing to go back to, and closing is not going back
	w.show(p)
}
