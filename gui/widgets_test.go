package gui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/steps"
)

// sheets are pages of widgets in the states that no preview shows.
func sheets(info Info) []Preview {
	sheet := func(name string, body func(*Wizard) (*page, fyne.Focusable)) Preview {
		return Preview{Name: "widgets-" + name, Build: func(win fyne.Window) *Wizard {
			own := withDialogs(info)
			own.OpenURL = func(string) {}
			w := New(win, own, func(f func()) { f() })
			p, focus := body(w)
			w.show(p)
			if focus != nil {
				win.Canvas().Focus(focus)
			}
			return w
		}}
	}
	return []Preview{sheet("rows", rowSheet), sheet("fields", fieldSheet), sheet("buttons", buttonSheet)}
}

// rowSheet has a row for each sign, with everything a row may have.
func rowSheet(w *Wizard) (*page, fyne.Focusable) {
	card := newCard()
	for i, s := range []sign{signTick, signInfo, signWarn, signCross, signBusy, signIdle, signGo} {
		r := newRow(newMark(s), "A row with the sign "+string(s), "")
		if i%2 == 1 {
			r.note.set("A note that says more about it.")
		}
		if i < 4 {
			r.badge.set("A badge", s)
			r.link(w.keys, "Do it", nil)
		}
		addRow(card, r.box)
	}
	counted := newRow(newNumber(strconv.Itoa(8)), "A row with a bar, and with a title that is so long that it needs another line", "3 of 4")
	counted.bar.set(0.75)
	counted.bar.Show()
	addRow(card, counted.box)
	return newPage(steps.Welcome, "Rows", "Everything that a row may have.", card), nil
}

// fieldSheet has ticks and fields, empty, filled and hidden.
func fieldSheet(w *Wizard) (*page, fyne.Focusable) {
	on, off := newTick(w.keys, "A tick that is on", "With a note.", nil), newTick(w.keys, "A tick that is off", "", nil)
	on.on = true
	choices, _ := newChoices(w.keys, []string{"The first of two", "The second"})
	filled := newField(w.keys, "A field with words")
	filled.put("words")
	hidden, show := newHidden(w.keys, "A hidden field with the focus")
	hidden.put("secret")
	p := newPage(steps.Welcome, "Ticks and fields", "In each of their states.",
		newCard(on, off), newCard(choices[0], choices[1]), labelled(filled), labelled(hidden, show))
	return p, hidden
}

// buttonSheet has buttons of each look: usable, pointed at, and not.
func buttonSheet(w *Wizard) (*page, fyne.Focusable) {
	body := newColumn(8)
	for _, l := range []look{primary, plain, link} {
		usable, pointed, not := newButton(w.keys, "Usable", l, nil), newButton(w.keys, "Pointed at", l, nil), newButton(w.keys, "Not usable", l, nil)
		pointed.hovered = true
		not.Disable()
		body.Add(container.New(flow{gap: 24, between: 8}, usable, pointed, not))
	}
	focused := newLink(w.keys, "A link with the focus", nil)
	body.Add(container.New(leading{}, focused))
	body.Add(newNotice(newText("A notice, with **what matters** in bold and a `command`.", 13, colorText)))
	body.Add(newNoticeLink(newText("A notice with something to do about it.", 13, colorText), newLink(w.keys, "Do it", nil)))
	p := newPage(steps.Welcome, "Buttons and notices", "In each of their states.", body)
	p.status.words = "What is going on, in a sentence that is too long to stand between the two buttons of this page."
	p.back, p.next = w.backButton(nil), newButton(w.keys, "The next thing", primary, nil)
	return p, focused
}
