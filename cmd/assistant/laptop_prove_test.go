//go:build laptop

package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
)

// TestProve_Laptop is what befalls laptops while they are enrolled, each case on a machine of its own with a service of
// its own: the release build in /usr/bin, a profile that only root can change, an ordinary user, and whoever else comes
// by. Only cases that came to their end count as held.
func TestProve_Laptop(t *testing.T) {
	cases := []laptopPart{ // the longest first
		{"unplugged before the agent registers", unpluggedAtRegistration},
		{"unplugged in the middle of the download", unpluggedInDownload},
		{"consent in a session", inSession},
		{"Debian 11, script", func(t *testing.T, l *lab) { scriptWay(t, l, l.debian(t, "bullseye")) }},
		{"Debian 11, package", func(t *testing.T, l *lab) { packageWay(t, l, l.debian(t, "bullseye")) }},
		{"Debian 12, script", func(t *testing.T, l *lab) { scriptWay(t, l, l.debian(t, "bookworm")) }},
		{"Debian 12, package", func(t *testing.T, l *lab) { packageWay(t, l, l.debian(t, "bookworm")) }},
		{"consent refused, mistyped, given", consentAtLast},
		{"stopped before the consent", stoppedBeforeConsent},
		{"stopped in the middle of the download", stoppedInDownload},
		{"stopped while the vendor's script runs", stoppedInScript},
		{"upgraded on both ways", upgraded},
		{"traced, script", func(t *testing.T, l *lab) { traced(t, l, "script") }},
		{"traced, package", func(t *testing.T, l *lab) { traced(t, l, "package") }},
		{"an agent that is broken, three times", repaired},
		{"wrong clock", wrongClock},
		{"key that expired", expiredKey},
		{"full disk, script", func(t *testing.T, l *lab) { fullDisk(t, l, "script") }},
		{"full disk, package", func(t *testing.T, l *lab) { fullDisk(t, l, "package") }},
		{"full home", fullHome},
		{"agent that crashes", crashingAgent},
		{"agent that never comes", missingAgent},
		{"device that an admin deletes", deletedDevice},
	}
	var held atomic.Int64
	t.Cleanup(func() { fmt.Printf("proof laptop tried=%d held=%d\n", len(cases), held.Load()) })
	if os.Geteuid() != 0 {
		t.Log("booting a machine needs root: none of this was run")
		return
	}
	newLab(t).play(t, cases, func() { held.Add(1) })
}
