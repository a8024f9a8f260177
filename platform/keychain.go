package platform

import (
	"encoding/json"
	"errors"
	"time"
)

// The names under which the connect key lies in the system's keychain.
const (
	keychainService = "enrollment-assistant"
	keychainAccount = "connect-key"
)

// keyLife is how long a connect key is kept: a user's key works for up to one hour.
const keyLife = time.Hour

// errKeychain is a keychain that did not answer in time, or is locked and would ask the person.
var errKeychain = errors.New("the keychain is locked or does not answer")

// keptKey is how a Remembered lies in the keychain; a type of its own, since a Secret does not marshal.
type keptKey struct {
	Key  string    `json:"key"`
	Kept time.Time `json:"kept"`
}

// pack gives the bytes to store.
func pack(r Remembered) ([]byte, error) {
	return json.Marshal(keptKey{Key: r.Key.Reveal(), Kept: r.Kept})
}

// unpack reads what was stored; what is too old, or not ours, is the zero value.
func unpack(b []byte, now time.Time) Remembered {
	var k keptKey
	if json.Unmarshal(b, &k) != nil || k.Key == "" {
		return Remembered{}
	}
	if age := now.Sub(k.Kept); age >= keyLife || age < -time.Minute {
		return Remembered{}
	}
	return Remembered{Key: NewSecret(k.Key), Kept: k.Kept}
}
