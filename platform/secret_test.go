package platform_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
)

// TestSecretPrintsNowhere tries every way in which a program prints a value by accident.
func TestSecretPrintsNowhere(t *testing.T) {
	const plain = "b4c0ffee"
	type inner struct{ Key, key platform.Secret }
	s := platform.NewSecret(plain)
	nested := struct {
		Inner   inner
		Pointer *inner
		List    []platform.Secret
		Map     map[string]platform.Secret
		hidden  platform.Secret
	}{inner{s, s}, &inner{s, s}, []platform.Secret{s}, map[string]platform.Secret{"k": s}, s}

	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%p", "%08b", "% x", "%#x", "%e", "%c", "%U"} {
		for _, value := range []any{s, &s, nested, &nested} {
			printed = append(printed, fmt.Sprintf(verb, value))
		}
	}
	for _, value := range []any{s, &s, nested, platform.Job{Key: s}, platform.Remembered{Key: s}} {
		b, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", value)
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", value, slog.Group("g", "v", value))
		printed = append(printed, string(b), log.String(), fmt.Errorf("wrapping: %v", value).Error(), fmt.Sprint(value), fmt.Sprintln(value))
	}
	text, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	printed = append(printed, string(text))
	for _, p := range printed {
		for _, form := range []string{plain, hex.EncodeToString([]byte(plain)), strings.ToUpper(hex.EncodeToString([]byte(plain))), "98 52"} {
			if strings.Contains(p, form) {
				t.Errorf("printed the secret: %s", p)
			}
		}
	}
	if nested.hidden.Reveal() != plain {
		t.Error("Reveal does not give the bytes")
	}
}

func TestSecretWipe(t *testing.T) {
	s := platform.NewSecret("once")
	other := s
	if s.Empty() || other.Reveal() != "once" {
		t.Fatal("a fresh secret is empty")
	}
	s.Wipe()
	s.Wipe()
	if !s.Empty() || other.Reveal() != "" {
		t.Error("a copy survived Wipe")
	}
	var zero platform.Secret
	zero.Wipe()
	if !zero.Empty() || zero.Reveal() != "" {
		t.Error("the zero value is not empty")
	}
}
