package gui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// requirementsPage shows each check as it comes in: what was found, why it matters, what to do.
type requirementsPage struct {
	*page
	w      *Wizard
	rows   map[string]*row
	order  []string
	levels map[string]steps.Level
	fixed  map[string]bool // the checks that the install puts right
	list   *fyne.Container
	more   *row                 // stands for what is in order and has no room
	open   bool                 // all of it is shown
	opened map[string]bool      // the checks whose address was opened
	answer answer[steps.Choice] // nil while nobody asks
}

// checked remembers a check; they start at the first page, unseen.
func (w *Wizard) checked(c steps.Check) {
	i := slices.IndexFunc(w.checks, func(old steps.Check) bool { return old.ID == c.ID })
	if i < 0 {
		w.checks = append(w.checks, c)
	} else {
		w.checks[i] = c
	}
	if w.live != nil && w.current == w.live.page {
		w.live.put(c)
	}
}

func newRequirementsPage(w *Wizard) *requirementsPage {
	p := &requirementsPage{w: w, rows: map[string]*row{}, levels: map[string]steps.Level{}, fixed: map[string]bool{}, opened: map[string]bool{}}
	p.list = newCard()
	p.more = newRow(newMark(signTick), "", "")
	p.page = newPage(steps.Requirements, assets.Text("gui.requirements.title"), "", p.list)
	p.next = newButton(w.keys, assets.Text("gui.continue"), primary, func() { p.reply(steps.Choice{}, nil) })
	p.back = w.backButton(func() { p.reply(steps.Choice{}, steps.ErrBack) })
	p.next.Disable()
	p.back.Disable()
	for _, c := range w.checks {
		p.put(c)
	}
	p.summarize()
	return p
}

// askRequirements lets the person go on, or check again.
func (w *Wizard) askRequirements(checks []steps.Check, a answer[steps.Choice]) {
	if w.live == nil || w.current != w.live.page {
		w.entered(steps.Requirements)
	}
	p := w.live
	w.checks = checks
	for _, c := range checks {
		p.put(c)
	}
	p.sort()
	p.answer = a
	p.back.Enable()
	p.summarize()
	p.focus = nil
	for _, c := range slices.Backward(checks) {
		if c.Level == steps.LevelBlock {
			p.focus = p.rows[c.ID].action // the work is at the first thing that blocks
		}
	}
	f := w.win.Canvas().Focused()
	o, ok := f.(fyne.CanvasObject)
	if !ok || !o.Visible() || f == fyne.Focusable(p.next) || f == fyne.Focusable(p.back) {
		w.focus()
	}
}

func (p *requirementsPage) reply(c steps.Choice, err error) {
	a := p.answer
	if a == nil {
		return
	}
	p.answer = nil
	p.next.Disable()
	p.back.Disable()
	a(c, err)
}

// put shows a check in its row, or in a new one.
func (p *requirementsPage) put(c steps.Check) {
	r, ok := p.rows[c.ID]
	if !ok {
		r = newRow(newMark(signBusy), c.Title, "")
		p.rows[c.ID], p.order = r, append(p.order, c.ID)
		addRow(p.list, r.box)
	}
	p.levels[c.ID], p.fixed[c.ID] = c.Level, c.Fix != ""
	s, word := levelSign(c.Level)
	if c.Fix != "" {
		word = assets.Text("gui.level.fix")
	}
	r.mark.set(s)
	r.badge.set(word, s)
	r.title.set(c.Title)
	r.note.set(c.Text)
	if strings.Contains(c.Title+c.Text, c.Detail) {
		c.Detail = "" // said already
	}
	r.detail.set(c.Detail)
	p.action(r, c)
	p.summarize()
}

// action is what can be done about a check: look again where that may help, else read the details.
func (p *requirementsPage) action(r *row, c steps.Check) {
	switch {
	case c.Level == steps.LevelBlock || c.Level == steps.LevelWarn:
		r.detail.set(strings.ReplaceAll(c.Detail, "\n", " · ")) // in view at once, so it takes few lines
		r.detail.Show()
		if c.Open != "" && !p.opened[c.ID] {
			r.link(p.w.keys, assets.Text("gui.requirements.open"), func() {
				if p.answer != nil {
					p.opened[c.ID] = true
					p.reply(steps.Choice{Check: c.ID, Open: true}, nil)
				}
			})
			return
		}
		r.link(p.w.keys, assets.Text("gui.again"), func() {
			if p.answer != nil {
				p.put(steps.Check{ID: c.ID, Level: steps.LevelLooking, Title: c.Title})
				p.reply(steps.Choice{Again: true, Check: c.ID}, nil)
			}
		})
	case c.Detail != "":
		p.toggle(r)
	default:
		r.unlink()
	}
}

// toggle shows and hides the details of a row.
func (p *requirementsPage) toggle(r *row) {
	r.detail.Hide()
	r.link(p.w.keys, assets.Text("gui.details.show"), nil)
	r.action.do = func() {
		if r.detail.Visible() {
			r.detail.Hide()
			r.action.set(assets.Text("gui.details.show"))
		} else {
			r.detail.Show()
			r.action.set(assets.Text("gui.details.hide"))
		}
		p.relayout()
	}
}

// weight is the order of levels: what needs the person first.
var weight = map[steps.Level]int{steps.LevelBlock: 0, steps.LevelWarn: 1, steps.LevelLooking: 2, steps.LevelInfo: 3, steps.LevelOK: 4}

// shownRows is how many rows of a title alone fit a page, besides the one that stands for what is left out. A row that
// needs the person takes the room of two.
const shownRows = 7

// sort puts first what needs the person, and leaves out what is in order where there is much of it. Rows stay where
// they are while results come in.
func (p *requirementsPage) sort() {
	slices.SortStableFunc(p.order, func(a, b string) int { return weight[p.levels[a]] - weight[p.levels[b]] })
	var rows []fyne.CanvasObject
	used, left := 0, 0
	for i, id := range p.order {
		switch {
		case p.levels[id] != steps.LevelOK:
			used += 2
		case used < shownRows || left == 0 && i == len(p.order)-1: // one alone takes no more room than what stands for it
			used++
		default:
			left++
			if !p.open {
				continue
			}
		}
		rows = append(rows, p.rows[id].box)
	}
	if left > 0 {
		label := assets.Text("gui.plan.show")
		if p.open {
			label = assets.Text("gui.plan.hide")
		}
		p.more.title.set(assets.Text("gui.requirements.more", "Count", left))
		p.more.link(p.w.keys, label, func() {
			p.open = !p.open
			p.sort()
			p.relayout()
		})
		rows = append(rows, p.more.box)
	}
	p.list.Objects[1] = newCard(rows...).Objects[1]
}

// levelSign is a level as a sign and, where the person has to know it, a word.
func levelSign(l steps.Level) (sign, string) {
	switch l {
	case steps.LevelOK:
		return signTick, ""
	case steps.LevelInfo:
		return signInfo, ""
	case steps.LevelWarn:
		return signWarn, assets.Text("gui.level.warn")
	case steps.LevelBlock:
		return signCross, assets.Text("gui.level.block")
	}
	return signBusy, ""
}

// summarize says in one sentence where it stands, and lets the person go on when nothing blocks.
func (p *requirementsPage) summarize() {
	count, fixes := map[steps.Level]int{}, 0
	for id, l := range p.levels {
		if p.fixed[id] {
			fixes++
		} else {
			count[l]++
		}
	}
	lead := assets.Text("gui.requirements.ready")
	switch {
	case count[steps.LevelBlock] > 0:
		lead = assets.Text("gui.requirements.block", "Count", count[steps.LevelBlock])
	case count[steps.LevelLooking] > 0 || len(p.levels) == 0:
		lead = assets.Text("gui.requirements.looking")
	case count[steps.LevelWarn] > 0:
		lead = assets.Text("gui.requirements.warn", "Count", count[steps.LevelWarn])
	case fixes > 0:
		lead = assets.Text("gui.requirements.fix", "Count", fixes)
	}
	p.lead.set(lead)
	p.next.enable(p.answer != nil && count[steps.LevelBlock]+count[steps.LevelLooking] == 0)
	p.relayout()
}
