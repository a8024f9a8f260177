package platform

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
)

// TestNoKeychain: without a session bus there is no keychain, and no bus is started for it.
func TestNoKeychain(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	for range 2 {
		h := New(Options{})
		if h.Remember != nil || h.Recall != nil || h.Forget != nil {
			t.Error("there is a keychain")
		}
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	}
}

// TestKeychainInTime: a keyring that does not answer holds nothing up.
func TestKeychainInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		if err := inTime(func() error { <-hang; return nil }); !errors.Is(err, errKeychain) {
			t.Errorf("%v", err)
		}
		close(hang)
		refused := errors.New("refused")
		if err := inTime(func() error { return refused }); !errors.Is(err, refused) {
			t.Errorf("%v", err)
		}
	})
}
