package main

import (
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"example.com/enrollment-assistant/platform"
)

// totpCode gives the six digits that an authenticator app shows at a time, for a base32 secret: RFC 6238 with its
// defaults, SHA-1 and 30 seconds.
func totpCode(secret platform.Secret, at time.Time) (platform.Secret, error) {
	code, err := totp.GenerateCode(strings.ReplaceAll(secret.Reveal(), " ", ""), at) // apps show it in groups
	if err != nil {
		return platform.Secret{}, errors.New("reading the TOTP secret: not base32") // the library's error may quote it
	}
	return platform.NewSecret(code), nil
}
