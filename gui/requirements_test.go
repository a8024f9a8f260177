package gui

import (
	"fmt"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// manyChecks are as many as a Linux computer has; the first ones need the person.
func manyChecks(first ...steps.Check) []steps.Check {
	for i := len(first); i < 21; i++ {
		first = append(first, steps.Check{ID: fmt.Sprint("fine", i), Level: steps.LevelOK, Title: fmt.Sprint("Fine thing ", i)})
	}
	return first
}

// What is in order and has no room stands behind one row, which shows it and hides it again.
func TestRequirements_LeavesOutWhatIsInOrder(t *testing.T) {
	b := newBench(t)
	clock := steps.Check{ID: "clock", Level: steps.LevelWarn, Title: "The clock is 7 minutes ahead", Text: "It is set during install."}
	r := confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: manyChecks(clock)})
	b.reads("The clock is 7 minutes ahead", "Fine thing 1", "Fine thing 5", "15 more things are as they should be")
	b.lacks("Fine thing 6", "Fine thing 20")
	b.tap("Show all")
	b.reads("The clock is 7 minutes ahead", "Fine thing 6", "Fine thing 20")
	b.tap("Show less")
	b.lacks("Fine thing 6", "Fine thing 20")
	b.tap("Check again")
	if c, err := answered(b, r); err != nil || c != (steps.Choice{Again: true, Check: "clock"}) {
		t.Errorf("%+v, %v", c, err)
	}
}

// Few are shown all, and nothing that needs the person is ever left out.
func TestRequirements_ShowsWhatMatters(t *testing.T) {
	b := newBench(t)
	confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: manyChecks()[:8]})
	b.reads("Fine thing 7")
	b.lacks("as they should be")
	b = newBench(t)
	var wrong []steps.Check
	for i := range 12 {
		wrong = append(wrong, steps.Check{ID: fmt.Sprint("wrong", i), Level: steps.LevelInfo, Title: fmt.Sprint("Wrong thing ", i)})
	}
	confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: manyChecks(wrong...)})
	b.reads("Wrong thing 0", "Wrong thing 11", "9 more things are as they should be")
	b.lacks("Fine thing")
}

// A network's sign-in page is shown first; after that the check can be made again.
func TestRequirements_OpensSignInPage(t *testing.T) {
	b := newBench(t)
	hosts := steps.Check{
		ID: steps.CheckHosts, Level: steps.LevelBlock, Title: "console.jumpcloud.com cannot be reached", Text: "Something other answers.",
		Code: steps.CodeUnreachable, Open: "http://console.jumpcloud.com/",
	}
	q := steps.Confirmation{Step: steps.Requirements, Checks: manyChecks(hosts)}
	r := confirm(b, q)
	b.tap("Open its sign-in page")
	if c, err := answered(b, r); err != nil || c != (steps.Choice{Check: steps.CheckHosts, Open: true}) {
		t.Errorf("%+v, %v", c, err)
	}
	r = confirm(b, q)
	b.lacks("Open its sign-in page")
	b.tap("Check again")
	if c, err := answered(b, r); err != nil || c != (steps.Choice{Again: true, Check: steps.CheckHosts}) {
		t.Errorf("%+v, %v", c, err)
	}
}

// What the install puts right is no warning: it says so, and the page does.
func TestRequirements_SaysWhatIsPutRight(t *testing.T) {
	b := newBench(t)
	clock := steps.Check{ID: "clock", Level: steps.LevelWarn, Title: "The clock is 7 minutes ahead", Text: "It is set.", Fix: platform.FixClock}
	confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: manyChecks(clock)})
	b.reads("You can go on. One thing is put right during install.", "Will be fixed")
	b.lacks("Can go on", "Look at one thing")
	b = newBench(t)
	disk := steps.Check{ID: "disk", Level: steps.LevelWarn, Title: "Little space", Text: "Empty the bin."}
	confirm(b, steps.Confirmation{Step: steps.Requirements, Checks: manyChecks(clock, disk)})
	b.reads("You can go on. Look at one thing first.", "Will be fixed", "Can go on")
}
