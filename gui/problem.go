package gui

import (
	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// problemPage says what happened and what to do; the code stands small.
type problemPage struct {
	*page
	row  *row
	quit *button
}

// showProblem asks what to do about it: nil means try again.
func (w *Wizard) showProblem(problem steps.Problem, a func(error)) {
	p := &problemPage{row: newRow(newMark(signCross), problem.Summary, problem.Hint)}
	p.row.detail.set(assets.Text("gui.problem.code", "Code", problem.Code))
	p.row.detail.Show()
	if problem.Link != "" {
		p.row.link(w.keys, assets.Text("gui.problem.link"), func() { w.info.OpenURL(problem.Link) })
	}
	body := []fyne.CanvasObject{newCard(p.row.box)}
	if w.info.Help.Email != "" {
		body = append(body, newNotice(newText(assets.Text("gui.problem.help", "Email", w.info.Help.Email), 13, colorText)))
	}
	if link := w.newSendLink(); link != nil {
		body = append(body, link)
	}
	title, lead := "gui.problem.title", "gui.problem.unchanged"
	if problem.Code == steps.CodeCanceled {
		title = "gui.problem.stopped"
	}
	if w.install != nil && w.install.begun() {
		lead = "gui.problem.kept"
	}
	w.stopping = false
	finish := func(err error) func() {
		return func() {
			p.wait(assets.Text("gui.wait"))
			a(err)
		}
	}
	if problem.Retry {
		p.quit = newLink(w.keys, assets.Text("gui.problem.quit"), finish(steps.ErrQuit))
		body = append(body, newTrailing(p.quit))
	}
	p.page = newPage(problem.Step, assets.Text(title), assets.Text(lead), body...)
	p.name = "problem"
	p.back = w.backButton(finish(steps.ErrBack))
	if problem.Retry {
		p.next = newButton(w.keys, assets.Text("gui.problem.retry"), primary, finish(nil))
	} else {
		p.next = newButton(w.keys, assets.Text("gui.close"), primary, finish(steps.ErrQuit))
	}
	w.show(p.page)
}
