package steps

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/server-stub/stub"
)

// canary is an agent that tells when it was executed.
const canary = "#!/bin/sh\ntouch /var/tmp/canary\n"

// TestProve_Shelf has the user's side fetch what lies on the stub's poisoned shelf. Each is refused before anyone is
// asked for consent, in its own words, and removed.
func TestProve_Shelf(t *testing.T) {
	var tried, held atomic.Int64
	t.Cleanup(func() { fmt.Printf("proof publisher tried=%d held=%d\n", tried.Load(), held.Load()) })
	program := filepath.Join(t.TempDir(), "agent")
	if err := os.WriteFile(program, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	s, profile := demo(t)
	s.AgentProgram = program
	publisher, err := s.Publisher()
	if err != nil {
		t.Fatal(err)
	}
	profile.Linux = LinuxInstall{Install: platform.WayPackage, Oldest: "1.0",
		Publisher: Publisher{Key: string(publisher.PublicKey()), Fingerprint: publisher.Fingerprint(), Signature: ".asc"}}
	packages := func(poison stub.Poison) []stub.Fault {
		return []stub.Fault{
			{Point: stub.PointPackage, Poison: poison, Times: stub.Always}, {Point: stub.PointSignature, Poison: poison, Times: stub.Always},
		}
	}
	for _, c := range []struct {
		what   string
		faults []stub.Fault
		code   platform.JobCode
	}{
		{"unsigned", packages(stub.PoisonUnsigned), platform.JobUnsigned},
		{"signed by somebody else", packages(stub.PoisonOther), platform.JobOtherSigner},
		{"cut short", packages(stub.PoisonTruncated), platform.JobChanged},
		{"older", packages(stub.PoisonOlder), platform.JobOldPackage},
		{"swapped, with the true signature", packages(stub.PoisonOther)[:1], platform.JobChanged},
		{"the true one, with the signature of another", packages(stub.PoisonOther)[1:], platform.JobOtherSigner},
		{"a sign-in page", []stub.Fault{{Point: stub.PointPackage, Status: 200, Body: "<html>Welcome to the hotel</html>", Times: stub.Always}}, ""},
	} {
		tried.Add(1)
		ran := false
		ok := t.Run(c.what, func(t *testing.T) {
			ran = true
			for _, f := range c.faults {
				id, err := s.AddFault(f)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = s.ClearFaults(id) }()
			}
			computer := fake.Ubuntu2404()
			own := config(t, computer)
			own.Profile, own.Client = profile, profile.HTTPClient()
			ui := &scripted{}
			_, err := Run(t.Context(), own, ui)
			wantCode(t, err, CodeUntrusted, 50)
			key := "problem.job." + string(c.code)
			if c.code == "" {
				key = "problem.package.other"
			}
			if sentence := assets.Text(key, "Host", hostOf(profile.Endpoints.Packages)); !strings.Contains(ui.everything(t), sentence) {
				t.Errorf("%q is not said", sentence)
			}
			if len(computer.Jobs()) > 0 || slices.Contains(ui.told(), "phase consent running") {
				t.Error("somebody was asked for consent")
			}
			left, err := os.ReadDir(filepath.Join(own.StateDir, "downloads"))
			if err != nil && !errors.Is(err, fs.ErrNotExist) || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
		if ok && ran {
			held.Add(1)
		}
	}
	computer := fake.Ubuntu2404()
	right := config(t, computer)
	right.Profile, right.Client = profile, profile.HTTPClient()
	if _, err := Run(t.Context(), right, &scripted{}); err != nil || len(computer.Jobs()) != 1 {
		t.Errorf("the true package: %v", err)
	}
	if _, err := os.Stat(stub.CanaryPath); err == nil {
		t.Error("something of the shelf was executed")
	}
}
