package platform

import (
	"fmt"
	"log/slog"
)

// hidden is what every printing of a Secret gives.
const hidden = "[secret]"

// Secret holds bytes that must never reach a log, an error, JSON or a command line: a connect key, a password, a
// TOTP code. Every way of printing it gives "[secret]"; only Reveal gives the bytes. It holds a pointer to a pointer
// because fmt cannot call methods on the unexported fields of a struct it prints: it would print bytes stored in
// place, and follows one pointer when the verb is wrong for it, as %s is; of two it prints the address.
//
// The zero value is an empty secret. Copies share the bytes, so one Wipe empties all of them. It is not safe to call
// Wipe while another goroutine calls Reveal.
type Secret struct{ v **[]byte }

// NewSecret keeps a copy of s.
func NewSecret(s string) Secret {
	b := []byte(s)
	p := &b
	return Secret{v: &p}
}

// Reveal gives the bytes as a string, to be used where the secret is consumed and nowhere else.
func (s Secret) Reveal() string {
	if s.v == nil {
		return ""
	}
	return string(**s.v)
}

// Empty tells whether there is nothing in it.
func (s Secret) Empty() bool { return s.v == nil || len(**s.v) == 0 }

// Wipe overwrites the bytes and empties the secret and all its copies.
func (s Secret) Wipe() {
	if s.v == nil {
		return
	}
	clear(**s.v)
	**s.v = nil
}

// String implements fmt.Stringer.
func (s Secret) String() string { return hidden }

// GoString implements fmt.GoStringer, for %#v.
func (s Secret) GoString() string { return hidden }

// Format implements fmt.Formatter, so that %x and %d show nothing either.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON implements json.Marshaler.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }
