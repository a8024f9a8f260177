package gui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"example.com/enrollment-assistant/steps"
)

// Ctrl and plus make text larger, with the focus in a field too; what was typed stays.
func TestZoom_ByKeyboard(t *testing.T) {
	b := newBench(t)
	r := connectKey(b, steps.KeyQuestion{})
	b.typed("jcc_abc")
	high := b.w.current.title.Size().Height
	key := func(n fyne.KeyName, m fyne.KeyModifier) {
		b.win.Canvas().Focused().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: n, Modifier: m})
	}
	key(fyne.KeyPlus, fyne.KeyModifierAlt)
	if got := zoom(); got != 1 {
		t.Fatalf("text is %v times as large", got)
	}
	key(fyne.KeyPlus, fyne.KeyModifierShortcutDefault)
	key(fyne.KeyEqual, fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift)
	if got := b.w.current.title.Size().Height / high; zoom() != 1.5 || got != 1.5 {
		t.Errorf("text is %v times as large, the title %v times as high", zoom(), got)
	}
	for range 9 {
		key(fyne.KeyEqual, fyne.KeyModifierShortcutDefault)
	}
	if got := zoom(); got != 2 || !b.w.rail.folded {
		t.Errorf("text is %v times as large, the rail is folded: %v", got, b.w.rail.folded)
	}
	b.reads("Step 3 of 7: Connect key", "7 characters, hidden")
	key(fyne.KeyMinus, fyne.KeyModifierShortcutDefault)
	if got := zoom(); got != 1.75 {
		t.Errorf("text is %v times as large", got)
	}
	key(fyne.Key0, fyne.KeyModifierShortcutDefault)
	if got := b.w.current.title.Size().Height / high; zoom() != 1 || got != 1 || b.w.rail.folded {
		t.Errorf("text is %v times as large, the title %v times as high, the rail is folded: %v", zoom(), got, b.w.rail.folded)
	}
	unanswered(b, r)
}
