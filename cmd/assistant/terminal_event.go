package main

import (
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// Event implements steps.UI: each event is a line, or nothing where a line says no more than the one before.
func (t *terminal) Event(e steps.Event) {
	switch e.Kind {
	case steps.KindStep:
		t.enter(e.Step)
	case steps.KindCheck:
		t.keepCheck(*e.Check)
	case steps.KindPhase:
		t.tellPhase(*e.Phase)
	case steps.KindOutput:
		t.print("  | " + strings.TrimRight(e.Text, "\r\n"))
	case steps.KindNote:
		t.print(e.Text)
	case steps.KindVerdict:
		t.print(verdictText(*e.Verdict))
	case steps.KindProblem, steps.KindFinished:
		// The question Problem, and the last lines of the command, say the same at more length.
	}
}

// enter prints a step's heading. Checks that ran before their step are told when it begins.
func (t *terminal) enter(step steps.Step) {
	t.mu.Lock()
	again := t.step == step
	t.step = step
	var known []steps.Check
	if step == steps.Requirements {
		for _, id := range t.order {
			known = append(known, t.checks[id])
		}
	}
	t.mu.Unlock()
	if !again {
		t.print("\n" + assets.Text("cli.step."+string(step)))
	}
	for _, c := range known {
		t.tellCheck(c)
	}
}

// keepCheck notes a check's result, and tells it when its step is there.
func (t *terminal) keepCheck(c steps.Check) {
	t.mu.Lock()
	if _, known := t.checks[c.ID]; !known {
		t.order = append(t.order, c.ID)
	}
	t.checks[c.ID] = c
	now := t.step == steps.Requirements
	t.mu.Unlock()
	if now {
		t.tellCheck(c)
	}
}

// tellCheck prints a check that has a result which was not printed yet.
func (t *terminal) tellCheck(c steps.Check) {
	t.mu.Lock()
	same := t.told[c.ID] == c.Level
	if c.Level != steps.LevelLooking {
		t.told[c.ID] = c.Level
	}
	t.mu.Unlock()
	if !same && c.Level != steps.LevelLooking {
		t.print(checkText(c))
	}
}

// forgetChecks makes every result worth telling again.
func (t *terminal) forgetChecks() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.told)
}

// tellPhase prints when a phase begins, ends, and each tenth of what it counts.
func (t *terminal) tellPhase(p steps.Progress) {
	t.mu.Lock()
	before := t.phase
	t.phase = p
	var tenths int64
	if p.Total > 0 {
		tenths = p.Done * 10 / p.Total
	} else if p.Percent > 0 {
		tenths = int64(p.Percent) / 10
	}
	moved := tenths > t.tenths && before.Phase == p.Phase
	t.tenths = tenths
	t.mu.Unlock()
	switch {
	case p.State == steps.PhaseWaiting:
	case before.Phase != p.Phase || before.State != p.State:
		t.print(assets.Text("cli.phase."+string(p.State), "Title", p.Title))
	case moved:
		t.print(assets.Text("cli.phase.percent", "Percent", tenths*10))
	}
}
