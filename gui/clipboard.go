package gui

import (
	"crypto/sha256"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// usedKey is a key that came out of the clipboard and was used: a hash of it, and what reads a key out of a text.
type usedKey struct {
	hash  [sha256.Size]byte
	check func(string) (steps.Key, *steps.Problem)
}

// hashOf is the hash of the key in a text, which may be the whole command.
func (u usedKey) hashOf(text string) (hash [sha256.Size]byte, ok bool) {
	k, problem := u.check(strings.TrimSpace(text))
	if problem != nil {
		return hash, false
	}
	defer k.Value.Wipe()
	return sha256.Sum256([]byte(k.Value.Reveal())), true
}

// remember keeps in mind which key was taken out of the clipboard.
func (w *Wizard) remember(text string, check func(string) (steps.Key, *steps.Problem)) {
	w.used = usedKey{check: check}
	w.used.hash, _ = w.used.hashOf(text)
}

// clearKey empties the clipboard when it still holds the key that was used. A key of which nothing is to be had any more
// may else be pasted somewhere by mistake. Whatever else the clipboard holds is left alone.
func (w *Wizard) clearKey() {
	used := w.used
	w.used = usedKey{}
	if used.check == nil || w.info.Clipboard == nil || w.info.SetClipboard == nil {
		return
	}
	copied := w.info.Clipboard()
	if copied == "" || len(copied) > clipboardMost {
		return
	}
	if hash, ok := used.hashOf(copied); ok && hash == used.hash {
		w.info.SetClipboard("")
		w.noted(assets.Text("gui.connect-key.cleared"))
		if w.install != nil && w.current == w.install.page {
			w.note = assets.Text("gui.connect-key.cleared") // that page is about to go
		}
	}
}
