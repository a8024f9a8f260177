package main

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 names SHA-1 for the codes that authenticator apps show
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/enrollment-assistant/platform"
)

// totpCode gives the six digits that an authenticator app shows at a time, for a base32 secret: RFC 6238 with its
// defaults, SHA-1 and 30 seconds.
func totpCode(secret platform.Secret, at time.Time) (platform.Secret, error) {
	text := strings.ToUpper(strings.NewReplacer(" ", "", "=", "").Replace(secret.Reveal()))
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return platform.Secret{}, errors.New("reading the TOTP secret: not base32")
	}
	defer clear(key)
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30) // a hash takes everything
	sum := mac.Sum(nil)
	at4 := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at4:at4+4]) & 0x7fffffff
	return platform.NewSecret(fmt.Sprintf("%06d", n%1_000_000)), nil
}
