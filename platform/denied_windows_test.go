//go:build pc

package platform

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// A policy denies every request of those without rights: it is said, and nobody waits. Needs PC_SACRIFICE.
func TestElevate_DeniedByPolicy(t *testing.T) {
	const path, name = `SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System`, "ConsentPromptBehaviorUser"
	person := newPerson(t)
	if person.password == "" {
		t.Fatal("this would change a policy of this computer; PC_SACRIFICE=1 says that it may")
	}
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	before, _, err := k.GetIntegerValue(name)
	if errors.Is(err, registry.ErrNotExist) {
		before, err = 3, nil // Windows' own
	}
	if err := errors.Join(err, k.SetDWordValue(name, 0)); err != nil { // 0: automatically deny
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(k.SetDWordValue(name, uint32(before)), k.Close()); err != nil {
			t.Error(err)
		}
	})
	_, out := person.start("ask-windows")
	said, err := out.ReadString('\n')
	if err != nil || !strings.HasPrefix(said, "refused: true") {
		t.Errorf("got %q, %v", said, err)
	}
	t.Log(said)
}
