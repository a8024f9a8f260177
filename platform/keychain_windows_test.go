package platform

import (
	"testing"
	"time"
)

// The real Credential Manager keeps a key, gives it back, forgets it, and gives none that is too old.
func TestKeychain(t *testing.T) {
	var h Host
	addKeychain(&h)
	t.Cleanup(func() {
		if err := h.Forget(); err != nil {
			t.Error(err)
		}
	})
	for _, c := range []struct {
		key  string
		kept time.Time
		want string
	}{
		{"0123456789abcdef0123456789abcdef01234567", time.Now(), "0123456789abcdef0123456789abcdef01234567"},
		{"jcc_another", time.Now(), "jcc_another"},
		{"0123456789abcdef0123456789abcdef01234567", time.Now().Add(-keyLife), ""},
	} {
		if err := h.Remember(Remembered{Key: NewSecret(c.key), Kept: c.kept}); err != nil {
			t.Fatal(err)
		}
		r, err := h.Recall()
		if err != nil || r.Key.Reveal() != c.want {
			t.Errorf("%s: got %q, %v", c.key, r.Key.Reveal(), err)
		}
	}
	if err := h.Forget(); err != nil {
		t.Fatal(err)
	}
	if err := h.Forget(); err != nil {
		t.Errorf("forgetting what is not there: %v", err)
	}
	if r, err := h.Recall(); err != nil || !r.Key.Empty() {
		t.Errorf("after forgetting: %v", err)
	}
}
