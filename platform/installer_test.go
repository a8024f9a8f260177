package platform

import (
	"errors"
	"slices"
	"testing"
)

// The messages are in the form of https://learn.microsoft.com/windows/win32/msi/parsing-windows-installer-messages; the
// first install plans, with ticks that say nothing, and then does.
func TestInstallerSays(t *testing.T) {
	type said struct {
		kind byte
		text string
	}
	for name, c := range map[string]struct {
		messages []said
		lines    []string
		percents []int // after each message about progress or data
	}{
		"an install": {
			messages: []said{
				{msgProgress, "1: 0 2: 200 3: 0 4: 1 "}, {msgProgress, "1: 2 2: 200 "},
				{msgActionStart, "Action 10:03:35: InstallFiles. Copying new files"},
				{msgProgress, "1: 0 2: 1000 3: 0 4: 0 "}, {msgProgress, "1: 1 2: 100 3: 1 "},
				{msgActionData, "1: jumpcloud-agent.exe 6: 100 9: C:\\Program Files\\JumpCloud\\"},
				{msgProgress, "1: 2 2: 400 3: 0 "}, {msgProgress, "1: 3 2: 1000 "}, {msgProgress, "1: 2 2: 5000 "},
			},
			lines: []string{"InstallFiles: Copying new files"}, percents: []int{0, 0, 0, 0, 10, 50, 50, 100},
		},
		"in another language": {
			messages: []said{{msgActionStart, "Aktion 9:03:35: StartServices. Dienste werden gestartet"}, {msgActionStart, "Aktion 19:03:35: CustomAction_1. "}},
			lines:    []string{"StartServices: Dienste werden gestartet", "CustomAction_1"},
		},
		"undone": {
			messages: []said{{msgProgress, "1: 0 2: 100 3: 0 4: 0 "}, {msgProgress, "1: 2 2: 60 "}, {msgError, "Error 1920.\r\nService failed to start. \r\n"}, {msgProgress, "1: 0 2: 100 3: 1 4: 0 "}, {msgProgress, "1: 2 2: 90 "}},
			lines:    []string{"Error 1920. Service failed to start."}, percents: []int{0, 60, 60, 60},
		},
		"nonsense": {
			messages: []said{{msgProgress, ""}, {msgProgress, "1: 2 2: 99999999999999999999 "}, {msgProgress, "1: 0 2: -5 "}, {msgProgress, "1: 2 2: 5 "}, {msgActionStart, "Action"}},
			percents: []int{0, 0, 0, 0},
		},
	} {
		var i installerSays
		var lines []string
		var percents []int
		for _, m := range c.messages {
			if line := i.message(m.kind, m.text); line != "" {
				lines = append(lines, line)
			}
			if m.kind == msgProgress || m.kind == msgActionData {
				percents = append(percents, i.percent)
			}
		}
		if !slices.Equal(lines, c.lines) || !slices.Equal(percents, c.percents) {
			t.Errorf("%s: %q %v", name, lines, percents)
		}
	}
}

func TestJudgeInstaller(t *testing.T) {
	for code, want := range map[uint32]JobCode{
		0: "", 3010: "", 1641: "", 1601: JobInstallerBroken, 1602: JobInstallerStop, 1603: JobPackageFailed, 1612: JobInstallerBroken,
		1618: JobInstallerBusy, 1619: JobNotPackage, 1620: JobNotPackage, 1625: JobInstallerPolicy, 1633: JobUnsupported, 1638: JobInstallerOther,
		112: JobDiskFull, 1: JobPackageFailed,
	} {
		restart, err := judgeInstaller(code, []string{"what it said"})
		var failed *JobError
		if errors.As(err, &failed); (err != nil) != (want != "") || failed != nil && failed.Code != want {
			t.Errorf("%d: %v", code, err)
		}
		if restart != (code == 3010 || code == 1641) {
			t.Errorf("%d: restart %v", code, restart)
		}
	}
}

func TestInstallerProperties(t *testing.T) {
	got, err := installerProperties("0123456789abcdef0123456789abcdef01234567")
	if want := `JCINSTALLERARGUMENTS="-k 0123456789abcdef0123456789abcdef01234567" REBOOT=ReallySuppress`; got != want || err != nil {
		t.Errorf("%s %v", got, err)
	}
	if got, err := installerProperties(`x" EVIL="1`); err == nil {
		t.Errorf("a key with a quotation mark: %s", got)
	}
}

func TestServiceWord(t *testing.T) {
	for want, in := range map[string][2]uint32{"running": {4, 0}, "stopped": {1, 0}, "stopped/1067": {1, 1067}, "start-pending": {2, 0}, "unknown": {99, 0}} {
		if got := serviceWord(in[0], in[1]); got != want {
			t.Errorf("%v: %s", in, got)
		}
	}
}
