//go:build pc

package platform

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows/registry"
)

// A policy denies every request of those without rights: it is said, and nobody waits. Needs PC_SACRIFICE.
func TestElevate_DeniedByPolicy(t *testing.T) {
	person := newAsker(t)
	consentOfUsers(t, 0) // automatically deny
	begun := time.Now()
	said := person.asks()
	refused := strings.Contains(said, "no: true") || strings.Contains(said, "nobody can be asked: true")
	if took := time.Since(begun); !refused || took > time.Minute { // a dialog that nobody answers takes two
		t.Errorf("got %q after %s", said, took)
	}
}

// Nobody answers Windows' dialog: it closes it after two minutes of its own, and that is a "No". Where the person has no
// desktop that anybody could see, none is opened. Needs PC_SACRIFICE.
func TestElevate_NoAnswer(t *testing.T) {
	person := newAsker(t)
	consentOfUsers(t, 3) // asks for an administrator's name and password, as Windows comes
	begun := time.Now()
	said := person.asks()
	want, least := "desktop: true, no: true, nobody can be asked: false", time.Minute
	if strings.HasPrefix(said, "desktop: false") {
		want, least = "desktop: false, no: false, nobody can be asked: true", 0
	}
	if took := time.Since(begun); !strings.HasPrefix(said, want) || took < least {
		t.Errorf("got %q after %s, want %s", said, took, want)
	}
}

// newAsker is a person without rights, a user of their own.
func newAsker(t *testing.T) *person {
	t.Helper()
	p := newPerson(t)
	if p.password == "" {
		t.Fatal("this would make a user and change a policy of this computer; PC_SACRIFICE=1 says that it may")
	}
	return p
}

// asks has the person's program have Windows ask, and gives what it says of it.
func (p *person) asks() string {
	p.t.Helper()
	_, out := p.start("ask-windows")
	said, err := out.ReadString('\n')
	if err != nil {
		p.t.Fatal(said, err)
	}
	p.t.Log(said)
	return said
}

// consentOfUsers says, until the test is over, how Windows asks those without rights:
// https://learn.microsoft.com/windows/security/application-security/application-control/user-account-control/settings-and-configuration
func consentOfUsers(t *testing.T, how uint32) {
	t.Helper()
	const path, name = `SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System`, "ConsentPromptBehaviorUser"
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	before, _, err := k.GetIntegerValue(name)
	if errors.Is(err, registry.ErrNotExist) {
		before, err = 3, nil // Windows' own
	}
	if err := errors.Join(err, k.SetDWordValue(name, how)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(k.SetDWordValue(name, uint32(before)), k.Close()); err != nil {
			t.Error(err)
		}
	})
}
