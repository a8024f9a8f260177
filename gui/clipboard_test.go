package gui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// copying is a bench whose clipboard can be changed; how often it was looked at is counted.
func copying(t *testing.T, mac bool) (b *bench, looks *int) {
	looks = new(int)
	b = newBench(t, func(i *Info) {
		i.Mac = mac
		i.Clipboard = func() string { *looks++; return b.clipboard }
		i.SetClipboard = func(s string) { b.clipboard = s }
	})
	return b, looks
}

// useKey goes on with what the clipboard holds and lets the computer come online.
func useKey(b *bench, take func()) <-chan reply[platform.Secret] {
	r := connectKey(b, steps.KeyQuestion{Opened: true})
	take()
	b.w.focus()
	b.press(fyne.KeyReturn)
	return r
}

// online is an install up to where JumpCloud answers. That is often told before the page of the install goes: late.
func online(b *bench, late bool) {
	b.event(steps.Event{Kind: steps.KindStep, Step: steps.Install})
	if !late {
		b.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	}
	d := device(nil)
	b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &d.Installed})
	if b.clipboard == "" {
		b.t.Error("the clipboard was cleared before JumpCloud answered")
	}
	b.event(steps.Event{Kind: steps.KindVerdict, Step: steps.Online, Verdict: &steps.Verdict{Name: steps.IsOnline, Known: true, Yes: true}})
	if late {
		b.event(steps.Event{Kind: steps.KindStep, Step: steps.Online})
	}
}

func TestClipboard_ClearedOnceOnline(t *testing.T) {
	const said = "The clipboard still held the key."
	typedIn := func(b *bench) func() { return func() { b.typed(aKey) } }
	pickedUp := func(b *bench) func() { return b.w.Foreground }
	pasted := func(b *bench) func() {
		return func() {
			b.w.key.key.TypedShortcut(&fyne.ShortcutPaste{Clipboard: fyne.CurrentApp().Clipboard()})
		}
	}
	for name, c := range map[string]struct {
		take    func(*bench) func()
		later   string // what the clipboard holds when the computer is online
		cleared bool
		late    bool // the page of the install is still there then
	}{
		"picked up":      {take: pickedUp, later: aKey, cleared: true},
		"as it goes":     {take: pickedUp, later: aKey, cleared: true, late: true},
		"something else": {take: pickedUp, later: "a shopping list"},
		"another key":    {take: pickedUp, later: strings.Repeat("b", 40)},
		"pasted":         {take: pasted, later: aKey, cleared: true},
		"typed":          {take: typedIn, later: aKey},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := copying(t, false)
			b.clipboard = aKey
			fyne.CurrentApp().Clipboard().SetContent(aKey)
			r := useKey(b, c.take(b))
			if k, err := answered(b, r); err != nil || k.Reveal() != aKey {
				t.Fatalf("got %v", err)
			}
			b.clipboard = c.later
			online(b, c.late)
			if c.cleared != (b.clipboard == "") || !c.cleared && b.clipboard != c.later {
				t.Errorf("the clipboard holds %q", b.clipboard)
			}
			if c.cleared != strings.Contains(b.words(), said) {
				t.Errorf("the page says %s", b.words())
			}
		})
	}
}

func TestMac_PastesInsteadOfLooking(t *testing.T) {
	b, looks := copying(t, true)
	b.clipboard = aKey
	r := connectKey(b, steps.KeyQuestion{Opened: true})
	b.w.Foreground()
	if *looks != 0 || b.w.key.key.Text != "" {
		t.Fatalf("the clipboard was looked at %d times", *looks)
	}
	b.reads("come back and press \"Paste\"")
	b.clipboard = ""
	b.tap("Paste")
	b.reads("There is no text on the clipboard.")
	b.clipboard = strings.Repeat("x", clipboardMost+1)
	b.tap("Paste")
	b.reads("too long")
	b.clipboard = aKey + "\n"
	b.tap("Paste")
	b.reads("ending in 9f3a")
	b.press(fyne.KeyReturn)
	if k, err := answered(b, r); err != nil || k.Reveal() != aKey {
		t.Fatalf("got %v", err)
	}
	online(b, false)
	if b.clipboard != "" {
		t.Errorf("the clipboard holds %q", b.clipboard)
	}
	other, _ := copying(t, false)
	connectKey(other, steps.KeyQuestion{Opened: true})
	other.lacks("Paste")
}
