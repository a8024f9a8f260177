package gui

import "example.com/enrollment-assistant/steps"

// event shows what an enrollment reports.
func (w *Wizard) event(e steps.Event) {
	switch e.Kind {
	case steps.KindStep:
		w.entered(e.Step)
	case steps.KindCheck:
		w.checked(*e.Check)
	case steps.KindPhase:
		w.installPage().phase(*e.Phase)
	case steps.KindOutput:
		w.installPage().output(e.Text)
	case steps.KindNote:
		w.noted(e.Text)
	case steps.KindVerdict:
		w.resultPage().verdict(*e.Verdict)
		w.proved(*e.Verdict)
	}
}

// entered is for the steps that show something before, or without, a question.
func (w *Wizard) entered(s steps.Step) {
	w.step = s
	w.mark()
	switch s {
	case steps.Requirements:
		w.live = newRequirementsPage(w)
		w.show(w.live.page)
	case steps.Install:
		w.install, w.result, w.told = nil, nil, map[steps.VerdictName]bool{}
		w.show(w.installPage().page)
	case steps.Online:
		w.show(w.resultPage().page)
	}
}

// noted shows a sentence: now, or, where the page is over, on the next one.
func (w *Wizard) noted(sentence string) {
	if w.step == steps.Install && w.install != nil {
		w.install.output(sentence)
	}
	if w.current.over {
		w.note = sentence
		return
	}
	w.current.say(sentence)
}
