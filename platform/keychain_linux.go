package platform

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	godbus "github.com/godbus/dbus/v5"
	"github.com/keybase/go-keychain/secretservice"
)

// keychainWait bounds every call: a keyring may be about to ask the person for its password, and an enrollment does
// not stand still for that.
const keychainWait = 5 * time.Second

// secretService keeps the connect key in the desktop's keyring.
type secretService struct {
	once    sync.Once
	service *secretservice.SecretService
	err     error
}

// addKeychain fills the keychain funcs of h where the session has a secret service.
func addKeychain(h *Host) {
	if !secretServiceThere() {
		return
	}
	s := &secretService{}
	h.Remember = func(r Remembered) error { return inTime(func() error { return s.remember(r) }) }
	h.Recall = func() (Remembered, error) {
		found := make(chan Remembered, 1)
		err := inTime(func() error {
			r, err := s.recall()
			found <- r
			return err
		})
		if err != nil {
			return Remembered{}, err
		}
		return <-found, nil
	}
	h.Forget = func() error { return inTime(s.forget) }
}

// secretServiceThere asks the session bus, without starting anything, whether a secret service runs or could.
func secretServiceThere() bool {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" && !exists(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")) {
		return false // godbus would start a bus of its own
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	conn, err := godbus.ConnectSessionBus(godbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	for _, method := range []string{"ListNames", "ListActivatableNames"} {
		var names []string
		err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus."+method, 0).Store(&names)
		if err == nil && slices.Contains(names, secretservice.SecretServiceInterface) {
			return true
		}
	}
	return false
}

// inTime calls f and gives up on it after keychainWait.
func inTime(f func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(keychainWait):
		return errKeychain
	}
}

// attributes find our one item again.
var attributes = map[string]string{"service": keychainService, "account": keychainAccount}

// open gives a session with the keyring, whose secrets travel encrypted over the bus, and never one that is locked:
// using that would put up a dialog.
func (s *secretService) open() (*secretservice.SecretService, *secretservice.Session, error) {
	s.once.Do(func() { s.service, s.err = secretservice.NewService() })
	if s.err != nil {
		return nil, nil, fmt.Errorf("connecting to the keyring: %w", s.err)
	}
	session, err := s.service.OpenSession(secretservice.AuthenticationDHAES)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the keyring: %w", err)
	}
	locked, err := s.service.Obj(secretservice.DefaultCollection).GetProperty("org.freedesktop.Secret.Collection.Locked")
	if err != nil {
		s.service.CloseSession(session)
		return nil, nil, fmt.Errorf("asking whether the keyring is locked: %w", err)
	}
	if is, ok := locked.Value().(bool); !ok || is {
		s.service.CloseSession(session)
		return nil, nil, errKeychain
	}
	return s.service, session, nil
}

// remember stores r in place of what was stored before.
func (s *secretService) remember(r Remembered) error {
	service, session, err := s.open()
	if err != nil {
		return err
	}
	defer service.CloseSession(session)
	plain, err := pack(r)
	if err != nil {
		return fmt.Errorf("packing the key: %w", err)
	}
	secret, err := session.NewSecret(plain)
	if err != nil {
		return fmt.Errorf("encrypting the key: %w", err)
	}
	properties := secretservice.NewSecretProperties("Connect key of the enrollment assistant", attributes)
	_, err = service.CreateItem(secretservice.DefaultCollection, properties, secret, secretservice.ReplaceBehaviorReplace)
	return err
}

// recall gives what is stored; what is too old is removed.
func (s *secretService) recall() (Remembered, error) {
	service, session, err := s.open()
	if err != nil {
		return Remembered{}, err
	}
	defer service.CloseSession(session)
	items, err := service.SearchCollection(secretservice.DefaultCollection, attributes)
	if err != nil || len(items) == 0 {
		return Remembered{}, err
	}
	plain, err := service.GetSecret(items[0], *session)
	if err != nil {
		return Remembered{}, err
	}
	r := unpack(plain, time.Now())
	if r.Key.Empty() {
		return r, service.DeleteItem(items[0])
	}
	return r, nil
}

// forget removes what is stored.
func (s *secretService) forget() error {
	service, session, err := s.open()
	if err != nil {
		return err
	}
	defer service.CloseSession(session)
	items, err := service.SearchCollection(secretservice.DefaultCollection, attributes)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := service.DeleteItem(item); err != nil {
			return err
		}
	}
	return nil
}
