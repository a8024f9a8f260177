package gui

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// paperBench is a bench with a report that comes when the test sends it, and where texts are saved.
type paperBench struct {
	*bench
	send   func(string, error)
	saved  []string
	copied []string
	refuse error
}

func newPaperBench(t *testing.T) *paperBench {
	p := &paperBench{}
	p.bench = newBench(t, func(i *Info) {
		i.Report = func(got func(string, error)) { p.send = got }
		i.Save = func(k Kind, text string, saved func(string, error)) {
			p.saved = append(p.saved, string(k)+": "+text)
			saved("/home/nora/Downloads/report.txt", p.refuse)
		}
		i.SetClipboard = func(s string) { p.copied = append(p.copied, s) }
		i.Receipt = func(d steps.Device) string { return "Computer: " + d.Hostname }
	})
	return p
}

// dialogWords is what can be read in the dialog.
func (b *bench) dialogWords() string {
	b.t.Helper()
	if b.w.dialog == nil {
		b.t.Fatal("no dialog is open")
	}
	var words []string
	for _, s := range collectMac(b.w.dialog.overlay, fyne.Position{}) {
		words = append(words, s.label)
	}
	return strings.Join(words, "\n")
}

func TestReport_ShownThenSaved(t *testing.T) {
	b := newPaperBench(t)
	r := connectKey(b.bench, steps.KeyQuestion{})
	b.typed(aKey[:10])
	before := b.win.Canvas().Focused()
	b.tap("Save a report")
	if !strings.Contains(b.dialogWords(), "Collecting it") || !strings.Contains(b.dialogWords(), "It holds no key and no password") {
		t.Errorf("at first it says %s", b.dialogWords())
	}
	b.press(fyne.KeyReturn) // nothing is there to save yet
	b.send("line of the report", nil)
	b.drain()
	if !strings.Contains(b.dialogWords(), "line of the report") || len(b.saved) != 0 {
		t.Errorf("saved %q, the dialog says %s", b.saved, b.dialogWords())
	}
	b.refuse = errors.New("disk full")
	b.press(fyne.KeyReturn)
	b.drain()
	if !strings.Contains(b.dialogWords(), "disk full") {
		t.Errorf("after a refusal it says %s", b.dialogWords())
	}
	b.refuse = nil
	b.press(fyne.KeyReturn)
	b.drain()
	b.press(fyne.KeyReturn) // saved is saved
	if want := "report: line of the report"; len(b.saved) != 2 || b.saved[1] != want {
		t.Errorf("saved %q", b.saved)
	}
	if !strings.Contains(b.dialogWords(), "/home/nora/Downloads/report.txt") {
		t.Errorf("the dialog does not say where: %s", b.dialogWords())
	}
	b.w.dialog.others[1].press()
	if len(b.copied) != 1 || b.copied[0] != "line of the report" {
		t.Errorf("copied %q", b.copied)
	}
	b.press(fyne.KeyEscape)
	if b.w.dialog != nil || b.w.key.key.Text != aKey[:10] || b.win.Canvas().Focused() == before {
		t.Errorf("the page is not as it was: %q", b.w.key.key.Text)
	}
	if b.focused() != "Save a report" {
		t.Errorf("the focus is on %q", b.focused())
	}
	unanswered(b.bench, r)
}

func TestReport_WhileInstallingAndWhenItFails(t *testing.T) {
	b := newPaperBench(t)
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	b.tap("Save a report")
	b.event(phase(platform.PhaseRunScript, "Run the script", steps.PhaseRunning, 0, 0))
	b.send("", errors.New("no log"))
	b.drain()
	if !strings.Contains(b.dialogWords(), "no log") {
		t.Errorf("it says %s", b.dialogWords())
	}
	r := problem(b.bench, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed.", Retry: true})
	b.press(fyne.KeyEscape) // closes the dialog, and answers nothing
	unanswered(b.bench, r)
	if b.focused() != "Try again" {
		t.Errorf("the focus is on %q", b.focused())
	}
	b.reads("The script failed.")
	b.send("too late", nil) // the dialog is gone
	b.drain()
	b.tap("Save a report")
	if b.stops != 0 {
		t.Error("the run was stopped")
	}
}

func TestReader_ScrollsByKeyboard(t *testing.T) {
	b := newPaperBench(t)
	login(b.bench, steps.LoginQuestion{PortalURL: portal})
	b.tap("Save a report")
	b.send(strings.Repeat("a line with a `mark` and ** stars\n", 200), nil)
	b.drain()
	r := b.win.Canvas().Focused().(*reader)
	y := r.scroll.Offset.Y
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyPageDown, fyne.KeyEnd} {
		b.press(key)
		if r.scroll.Offset.Y <= y {
			t.Errorf("%s: %v after %v", key, r.scroll.Offset.Y, y)
		}
		y = r.scroll.Offset.Y
	}
	for _, key := range []fyne.KeyName{fyne.KeyUp, fyne.KeyPageUp, fyne.KeyHome} {
		b.press(key)
		if r.scroll.Offset.Y >= y {
			t.Errorf("%s: %v after %v", key, r.scroll.Offset.Y, y)
		}
		y = r.scroll.Offset.Y
	}
	if y != 0 {
		t.Errorf("Home stands at %v", y)
	}
}

func TestReceipt_OnTheLastPage(t *testing.T) {
	b := newPaperBench(t)
	confirm(b.bench, steps.Confirmation{Step: steps.Done, Device: device(nil)})
	b.tap("Receipt for the help desk")
	if !strings.Contains(b.dialogWords(), "Computer: "+device(nil).Hostname) {
		t.Errorf("it says %s", b.dialogWords())
	}
	b.press(fyne.KeyReturn)
	b.drain()
	if len(b.saved) != 1 || !strings.HasPrefix(b.saved[0], "receipt: ") {
		t.Errorf("saved %q", b.saved)
	}
}

func TestClose_AsksOnlyWhereSomethingTypedIsLost(t *testing.T) {
	b := newBench(t)
	confirm(b, steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Organization: "Acme Corporation"}})
	b.tap("This is a work computer")
	b.w.Close()
	if b.quits != 1 || b.w.dialog != nil {
		t.Errorf("the first page asks; quits %d", b.quits)
	}
	connectKey(b, steps.KeyQuestion{})
	b.typed("x")
	b.w.Close()
	if b.quits != 1 || b.w.dialog == nil {
		t.Fatal("a typed key is lost without a question")
	}
	b.press(fyne.KeyReturn)
	if b.quits != 1 || b.w.key.key.Text != "x" {
		t.Fatal("Enter did not keep it")
	}
	b.w.Close()
	b.w.dialog.others[0].press()
	if b.quits != 2 || b.stops != 2 {
		t.Errorf("quits %d, stops %d", b.quits, b.stops)
	}
	confirm(b, steps.Confirmation{Step: steps.Done, Device: device(nil)})
	b.w.Close()
	if b.quits != 3 {
		t.Error("the last page asks")
	}
}
