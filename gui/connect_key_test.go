package gui

import (
	"context"
	"errors"
	"testing"

	"fyne.io/fyne/v2"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// parse stands for the engine's parser: a key is 40 characters.
func parse(s string) (steps.Key, *steps.Problem) {
	if len(s) != 40 {
		return steps.Key{}, &steps.Problem{Code: steps.CodeKeyMalformed, Summary: "That is not a connect key.", Hint: "Copy it again."}
	}
	return steps.Key{Value: platform.NewSecret(s)}, nil
}

const aKey = "0123456789abcdef0123456789abcdef01239f3a"

func connectKey(b *bench, q steps.KeyQuestion) <-chan reply[platform.Secret] {
	b.t.Helper()
	q.PortalURL, q.Hosts, q.Check = portal, []string{"kickstart.jumpcloud.com"}, parse
	return asks(b, func(ctx context.Context, ui steps.UI) (platform.Secret, error) { return ui.ConnectKey(ctx, q) })
}

func TestConnectKey_JudgedWhileTyped(t *testing.T) {
	b := newBench(t)
	r := connectKey(b, steps.KeyQuestion{})
	b.reads("Only use a key that you made yourself in your own User Portal.", "Sign in, passed")
	b.lacks("That is not a connect key.")
	b.press(fyne.KeyReturn)
	unanswered(b, r)
	b.typed("half a key")
	b.reads("That is not a connect key.", "Copy it again.")
	b.press(fyne.KeyReturn)
	unanswered(b, r)
	b.w.key.key.SetText("")
	b.typed(aKey)
	b.reads("This is a connect key for kickstart.jumpcloud.com, ending in 9f3a.", "Only use a key")
	b.lacks(aKey)
	b.press(fyne.KeyReturn)
	if k, err := answered(b, r); err != nil || k.Reveal() != aKey {
		t.Errorf("got %q, %v", k.Reveal(), err)
	}
	if left := b.w.key.key.Text; left != "" {
		t.Errorf("the field still holds %q", left)
	}
}

func TestConnectKey_ShowToggle(t *testing.T) {
	b := newBench(t)
	connectKey(b, steps.KeyQuestion{})
	if !b.w.key.key.Password {
		t.Fatal("the key is not hidden at first")
	}
	b.tap("Show: Key")
	if b.w.key.key.Password {
		t.Error("Show does not show")
	}
	b.tap("Hide: Key")
	if !b.w.key.key.Password {
		t.Error("Hide does not hide")
	}
}

func TestConnectKey_Clipboard(t *testing.T) {
	b := newBench(t)
	b.clipboard = aKey
	r := connectKey(b, steps.KeyQuestion{})
	b.w.Foreground()
	if b.w.key.key.Text != "" {
		t.Fatal("the clipboard was read though the portal was never opened from here")
	}
	b.tap("Open User Portal")
	if len(b.opened) != 1 || b.opened[0] != portal {
		t.Errorf("opened %q", b.opened)
	}
	b.clipboard = "a shopping list"
	b.w.Foreground()
	if b.w.key.key.Text != "" {
		t.Fatal("something that is no key was picked up")
	}
	b.clipboard = aKey
	b.w.Foreground()
	b.reads("Picked up from the clipboard.", "ending in 9f3a")
	unanswered(b, r)
	b.press(fyne.KeyReturn)
	if k, err := answered(b, r); err != nil || k.Reveal() != aKey {
		t.Errorf("got %v", err)
	}
}

func TestConnectKey_Retry(t *testing.T) {
	b := newBench(t)
	r := connectKey(b, steps.KeyQuestion{Opened: true, Retry: &steps.Problem{Summary: "JumpCloud refused the key.", Hint: "Make a new one."}})
	b.reads("JumpCloud refused the key.", "Make a new one.", "Your User Portal is open in the browser")
	b.press(fyne.KeyEscape)
	if _, err := answered(b, r); !errors.Is(err, steps.ErrBack) {
		t.Errorf("got %v", err)
	}
}
