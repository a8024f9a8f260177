package gui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// planPage says what will be done, exactly, before anything is.
type planPage struct {
	*page
	rows []*row
}

// showPlan asks for the one yes.
func (w *Wizard) showPlan(plan steps.InstallPlan, a answer[steps.Choice]) *planPage {
	w.entered(steps.Plan)
	p := newPlanPage(w, plan)
	label, lead := "gui.plan.install", "gui.plan.lead"
	if plan.Upgrade {
		label, lead = "gui.plan.upgrade", "gui.plan.lead-upgrade"
	}
	p.lead.words = assets.Text(lead)
	p.next = newButton(w.keys, assets.Text(label), primary, func() {
		p.wait(assets.Text("gui.wait"))
		a(steps.Choice{}, nil)
	})
	p.back = w.backButton(func() { a(steps.Choice{}, steps.ErrBack) })
	w.show(p.page)
	return p
}

func newPlanPage(w *Wizard, plan steps.InstallPlan) *planPage {
	p := &planPage{page: newPage(steps.Plan, assets.Text("gui.plan.title"), "")}
	var rows []fyne.CanvasObject
	for i, line := range plan.Lines {
		r := newRow(newNumber(strconv.Itoa(i+1)), line.Title, line.Text)
		if len(line.Details) > 0 {
			r.detail.set("`" + strings.Join(line.Details, "\n") + "`")
			r.link(w.keys, assets.Text("gui.plan.show"), func() { p.toggle(r) })
		}
		p.rows, rows = append(p.rows, r), append(rows, r.box)
	}
	p.body.Objects = []fyne.CanvasObject{newCard(rows...)}
	if len(plan.Notes) > 0 {
		p.body.Add(newNotice(newText(strings.Join(plan.Notes, " "), 13, colorText)))
	}
	if plan.Source != "" {
		p.body.Add(newText(plan.Source, sizeNote, colorMuted))
	}
	return p
}

// toggle shows and hides the commands, files and hosts of a line.
func (p *planPage) toggle(r *row) {
	if r.detail.Visible() {
		r.detail.Hide()
		r.action.set(assets.Text("gui.plan.show"))
	} else {
		r.detail.Show()
		r.action.set(assets.Text("gui.plan.hide"))
	}
	p.relayout()
}
