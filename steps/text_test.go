package steps

import (
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// there tells whether a sentence exists.
func there(key string) bool {
	return !strings.HasPrefix(assets.Text(key, "Count", 2), "["+key)
}

// Keys that are put together have their sentences; those that are written out are looked for by the test of assets.
func TestTexts_PutTogether(t *testing.T) {
	var keys []string
	for _, why := range []keyError{keyEmpty, keyBlank, keyLength, keyCharacters, keyPayload, keyNoHeader, keyTwo, keyAddress, keyTooLong} {
		keys = append(keys, "problem.key."+string(why), "problem.key."+string(why)+".hint")
	}
	for job := range jobCodes {
		if job != platform.JobKeyRefused { // said with the key's age
			keys = append(keys, "problem.job."+string(job), "problem.job."+string(job)+".hint")
		}
	}
	for _, r := range []Refusal{RefusedPassword, RefusedFactor, RefusedCode, RefusedLocked, RefusedOff, RefusedSession, RefusedBusy, RefusedDown,
		RefusedOther, RefusedAnswer} {
		keys = append(keys, "problem.sign-in."+string(r))
	}
	for _, r := range []Refusal{RefusedOff, RefusedBusy, RefusedDown, RefusedOther, RefusedAnswer} {
		keys = append(keys, "problem.sign-in."+string(r)+".hint")
	}
	for _, f := range []platform.Failure{
		platform.FailConnect, platform.FailTimeout, platform.FailProxy, platform.FailCertificate, platform.FailTLS, platform.FailHTTP, "expired",
	} {
		keys = append(keys, "check.hosts."+string(f)+".text")
	}
	for _, p := range append(phasesOf(platform.WayPackage, "darwin"), append(phasesOf(platform.WayScript, "linux"), PhaseDownload)...) {
		keys = append(keys, "phase."+string(p))
	}
	for _, id := range allChecks {
		keys = append(keys, "check."+id+".looking")
	}
	for _, id := range []string{
		CheckSystem, CheckArchitecture, CheckContainer, CheckRights, CheckDisk, CheckMemory, CheckClock, CheckNames, CheckHosts, CheckProxy,
		CheckInspection, CheckAgent, CheckLeftovers, CheckUser, CheckHostname,
	} {
		keys = append(keys, "check."+id+".unseen")
	}
	for _, why := range []platform.AskReason{platform.AskNoSudo, platform.AskNoTTY, platform.AskNoPkexec, platform.AskNoPolkit, platform.AskNoAgent, platform.AskSilent} {
		keys = append(keys, "check.consent."+string(why), "check.consent."+string(why)+".text")
	}
	for _, why := range []platform.AskReason{platform.AskRoot, platform.AskAgent, platform.AskTerminal, platform.AskGranted} {
		keys = append(keys, "check.consent."+string(why))
	}
	for _, why := range []platform.RestartReason{platform.RestartRequired, platform.RestartKernel, platform.RestartUpdate} {
		keys = append(keys, "check.restart."+string(why)+".text")
	}
	for _, f := range platform.Fixes() {
		keys = append(keys, "plan.fix."+string(f), "plan.fix."+string(f)+".text")
	}
	keys = append(keys, "phase.mend")
	for _, form := range []string{"off", "least"} {
		keys = append(keys, "check.clock."+form+".ahead", "check.clock."+form+".behind")
	}
	for _, id := range []string{LeftFullDiskAccess, LeftServiceAccount} {
		keys = append(keys, "note.left."+id, "note.left."+id+".text")
	}
	for _, n := range []string{"refused", "timeout", "nobody"} {
		keys = append(keys, "problem.consent."+n, "problem.consent."+n+".hint")
	}
	for _, n := range []string{"other", "missing", "disk"} {
		keys = append(keys, "problem.package."+n+".hint")
	}
	keys = append(keys, "problem.not-online.hint", "problem.not-bound.hint", "problem.job.busy.hint", "problem.job.unwritten", "problem.job.unwritten.hint")
	for _, key := range keys {
		if !there(key) {
			t.Errorf("no sentence for %q", key)
		}
	}
}

// Every code has an exit code of its own.
func TestExitCodes(t *testing.T) {
	seen := map[int]Code{}
	for code, n := range exitCodes {
		if other, twice := seen[n]; twice || n == 0 || n > 255 {
			t.Errorf("%s and %s end with %d", code, other, n)
		}
		seen[n] = code
		if got := ExitCode(&Problem{Code: code}); got != n {
			t.Errorf("%s ends with %d", code, got)
		}
	}
	if ExitCode(nil) != 0 || ExitCode(ErrQuit) != 1 {
		t.Error("nil and an unknown error")
	}
}
