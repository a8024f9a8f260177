//go:build cgo

package platform

import (
	"errors"
	"fmt"
	"time"

	"github.com/keybase/go-keychain"
)

// addKeychain fills the keychain funcs of h with the login keychain. The item is for this device alone and readable
// only while it is unlocked.
func addKeychain(h *Host) {
	h.Remember = func(r Remembered) error {
		if err := forgetKey(); err != nil {
			return err
		}
		plain, err := pack(r)
		if err != nil {
			return fmt.Errorf("packing the key: %w", err)
		}
		item := keychain.NewGenericPassword(keychainService, keychainAccount, "Enrollment assistant", plain, "")
		item.SetSynchronizable(keychain.SynchronizableNo)
		item.SetAccessible(keychain.AccessibleWhenUnlockedThisDeviceOnly)
		if err := keychain.AddItem(item); err != nil {
			return fmt.Errorf("adding to the keychain: %w", err)
		}
		return nil
	}
	h.Recall = func() (Remembered, error) {
		plain, err := keychain.GetGenericPassword(keychainService, keychainAccount, "", "")
		if err != nil {
			return Remembered{}, fmt.Errorf("reading the keychain: %w", err)
		}
		r := unpack(plain, time.Now())
		if r.Key.Empty() && len(plain) > 0 {
			return r, forgetKey()
		}
		return r, nil
	}
	h.Forget = forgetKey
}

// forgetKey removes the item; that there is none is no error.
func forgetKey() error {
	err := keychain.DeleteGenericPasswordItem(keychainService, keychainAccount)
	if err != nil && !errors.Is(err, keychain.ErrorItemNotFound) {
		return fmt.Errorf("deleting from the keychain: %w", err)
	}
	return nil
}
