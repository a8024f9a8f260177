package platform

import (
	"testing"
	"time"
)

func TestUnpack(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what string
		kept time.Time
		want bool
	}{
		{"fresh", now, true},
		{"nearly an hour old", now.Add(-59 * time.Minute), true},
		{"an hour old", now.Add(-time.Hour), false},
		{"from a clock that was ahead", now.Add(10 * time.Minute), false},
	} {
		b, err := pack(Remembered{Key: NewSecret(bareKey), Kept: c.kept})
		if err != nil {
			t.Fatal(err)
		}
		r := unpack(b, now)
		if got := r.Key.Reveal() == bareKey && r.Kept.Equal(c.kept); got != c.want {
			t.Errorf("%s: %t", c.what, got)
		}
		if !c.want && (!r.Key.Empty() || !r.Kept.IsZero()) {
			t.Errorf("%s: something is left: %+v", c.what, r)
		}
	}
	for _, text := range []string{"", "null", "{}", "[secret]", `{"key":""}`} {
		if r := unpack([]byte(text), now); !r.Key.Empty() {
			t.Errorf("%q gives a key", text)
		}
	}
}
