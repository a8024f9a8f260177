package gui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/steps"
)

// sendBench is a bench whose profile says where failed runs are told.
type sendBench struct {
	*bench
	sent   []string
	refuse *steps.Problem
	fails  error
}

func newSendBench(t *testing.T) *sendBench {
	p := &sendBench{}
	p.bench = newBench(t, func(i *Info) {
		i.SendTo, i.SerialNumber = "it.acme.example", true
		i.Compose = func(add steps.Extras, got func(string, error)) {
			got(fmt.Sprintf("log %t serial %t", add.Log, add.SerialNumber), p.fails)
		}
		i.Send = func(text string, sent func(*steps.Problem)) {
			p.sent = append(p.sent, text)
			sent(p.refuse)
		}
	})
	return p
}

// flip presses one of the dialog's ticks.
func (b *sendBench) flip(n int) {
	b.t.Helper()
	for _, o := range b.w.dialog.body.Objects {
		if t, ok := o.(*tick); ok {
			if n == 0 {
				t.flip()
				return
			}
			n--
		}
	}
	b.t.Fatal("there is no such tick")
}

// What is shown is what is sent, after Send was pressed, and once.
func TestSend_ShownThenSent(t *testing.T) {
	b := newSendBench(t)
	r := problem(b.bench, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed.", Retry: true})
	b.tap("Tell your IT team")
	b.drain()
	words := b.dialogWords()
	if !strings.Contains(words, "log false serial false") || !strings.Contains(words, "it.acme.example") || len(b.sent) != 0 {
		t.Errorf("sent %q, the dialog says %s", b.sent, words)
	}
	d := b.w.dialog
	b.flip(0)
	b.drain()
	if !strings.Contains(b.dialogWords(), "log true serial false") || len(b.sent) != 0 {
		t.Errorf("sent %q, the dialog says %s", b.sent, b.dialogWords())
	}
	b.refuse = &steps.Problem{Summary: "The server said no", Hint: "Try later."}
	d.next.press()
	b.drain()
	if !strings.Contains(b.dialogWords(), "The server said no. Try later.") {
		t.Errorf("after a refusal it says %s", b.dialogWords())
	}
	b.refuse = nil
	d.next.press()
	b.drain()
	b.flip(1) // too late
	b.drain()
	d.next.press()
	if len(b.sent) != 2 || b.sent[1] != "log true serial false" || !strings.Contains(b.dialogWords(), "Sent to it.acme.example") {
		t.Errorf("sent %q, the dialog says %s", b.sent, b.dialogWords())
	}
	b.press(fyne.KeyEscape)
	unanswered(b.bench, r)
}

// What could not be made cannot be sent; where no profile says where to, nothing is offered.
func TestSend_NotOffered(t *testing.T) {
	b := newSendBench(t)
	b.fails = errors.New("no report")
	problem(b.bench, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed."})
	b.tap("Tell your IT team")
	b.drain()
	b.w.dialog.next.press()
	if len(b.sent) != 0 || !strings.Contains(b.dialogWords(), "no report") {
		t.Errorf("sent %q, the dialog says %s", b.sent, b.dialogWords())
	}
	plain := newBench(t)
	problem(plain, steps.Problem{Code: steps.CodeInstallFailed, Step: steps.Install, Summary: "The script failed."})
	if plain.w.newSendLink() != nil {
		t.Error("it is offered without an address")
	}
}
