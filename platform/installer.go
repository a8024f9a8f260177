package platform

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// This file reads what the Windows Installer says. It asks it nothing, so that it is tested everywhere.

// Why an install by the Windows Installer failed, where that asks something else of a person than any other failure.
const (
	JobInstallerBusy   JobCode = "installer-busy"   // 1618: another install runs
	JobInstallerPolicy JobCode = "installer-policy" // 1625, 1640, 1644: a policy forbids it
	JobInstallerStop   JobCode = "installer-stop"   // 1602: somebody stopped it
	JobInstallerBroken JobCode = "installer-broken" // 1601, 1612, 1613 and others: the installer itself does not work
	JobInstallerOther  JobCode = "installer-other"  // 1638: another version is there, which the package does not replace
)

// What the installer ends with: https://learn.microsoft.com/windows/win32/msi/error-codes
const (
	msiBusy            = 1618 // ERROR_INSTALL_ALREADY_RUNNING
	msiRestartBegun    = 1641 // ERROR_SUCCESS_REBOOT_INITIATED
	msiRestartRequired = 3010 // ERROR_SUCCESS_REBOOT_REQUIRED
)

// msiCodes are the codes that have a name of ours, with Microsoft's meaning. Any other is JobPackageFailed.
var msiCodes = map[uint32]struct {
	code    JobCode
	meaning string
}{
	112:  {JobDiskFull, "ERROR_DISK_FULL"},
	1601: {JobInstallerBroken, "ERROR_INSTALL_SERVICE_FAILURE: the Windows Installer service cannot be reached"},
	1602: {JobInstallerStop, "ERROR_INSTALL_USEREXIT: somebody stopped it"},
	1603: {JobPackageFailed, "ERROR_INSTALL_FAILURE: a fatal error"},
	1604: {JobInstallerBroken, "ERROR_INSTALL_SUSPEND: it is not complete"},
	1612: {JobInstallerBroken, "ERROR_INSTALL_SOURCE_ABSENT: the source of what is installed is not there"},
	1613: {JobInstallerBroken, "ERROR_INSTALL_PACKAGE_VERSION: the Windows Installer is too old"},
	1618: {JobInstallerBusy, "ERROR_INSTALL_ALREADY_RUNNING: another install runs"},
	1619: {JobNotPackage, "ERROR_INSTALL_PACKAGE_OPEN_FAILED: the package cannot be opened"},
	1620: {JobNotPackage, "ERROR_INSTALL_PACKAGE_INVALID: it is not a package"},
	1622: {JobPackageFailed, "ERROR_INSTALL_LOG_FAILURE: the log cannot be opened"},
	1625: {JobInstallerPolicy, "ERROR_INSTALL_PACKAGE_REJECTED: a policy forbids it"},
	1632: {JobInstallerBroken, "ERROR_INSTALL_TEMP_UNWRITABLE: the temporary folder cannot be written"},
	1633: {JobUnsupported, "ERROR_INSTALL_PLATFORM_UNSUPPORTED: the package is not for this processor"},
	1638: {JobInstallerOther, "ERROR_PRODUCT_VERSION: another version is installed"},
	1640: {JobInstallerPolicy, "ERROR_INSTALL_REMOTE_DISALLOWED: only whoever sits at the computer may install"},
	1643: {JobInstallerPolicy, "ERROR_PATCH_PACKAGE_REJECTED: a policy forbids it"},
	1644: {JobInstallerPolicy, "ERROR_INSTALL_TRANSFORM_REJECTED: a policy forbids it"},
}

// judgeInstaller tells how an install ended. restart tells that it is complete after the next start of Windows only;
// said are the last lines of the installer.
func judgeInstaller(code uint32, said []string) (restart bool, err error) {
	switch code {
	case 0:
		return false, nil
	case msiRestartRequired, msiRestartBegun:
		return true, nil
	}
	known := msiCodes[code]
	if known.code == "" {
		known.code, known.meaning = JobPackageFailed, "no meaning is known"
	}
	return false, &JobError{known.code, PhaseInstallPackage, fmt.Sprintf("the Windows Installer ended with %d, %s: %s", code, known.meaning, lastLines(said))}
}

// errKeyForm is a key that cannot be a part of the package's property.
var errKeyForm = errors.New("the key holds a quotation mark")

// installerProperties is what the package is given: the key, in the vendor's form, and that nothing starts Windows anew.
// https://github.com/TheJumpCloud/support/blob/master/scripts/windows/InstallWindowsAgent.ps1
func installerProperties(key string) (string, error) {
	if strings.Contains(key, `"`) {
		return "", errKeyForm
	}
	return `JCINSTALLERARGUMENTS="-k ` + key + `" REBOOT=ReallySuppress`, nil
}

// The kinds of messages, by the highest byte of their type: INSTALLMESSAGE in
// https://learn.microsoft.com/windows/win32/api/msi/nf-msi-msisetexternaluiw
const (
	msgFatalExit   = 0x00
	msgError       = 0x01
	msgWarning     = 0x02
	msgActionStart = 0x08
	msgActionData  = 0x09
	msgProgress    = 0x0a
)

// installerSays follows an install by the installer's own messages.
type installerSays struct {
	total, done int64 // in the installer's ticks
	step        int64 // ticks that one message about data is worth; 0 for none
	back        bool  // it is being undone
	planning    bool  // it only writes down what it will do; its ticks say nothing of the time that is left
	percent     int   // never goes back
}

// message takes one message and gives the line to show, empty for none.
func (i *installerSays) message(kind byte, text string) string {
	switch kind {
	case msgFatalExit, msgError, msgWarning:
		return printable(strings.Join(strings.Fields(text), " "))
	case msgActionStart:
		return printable(actionOf(text))
	case msgActionData:
		i.tick(i.step)
	case msgProgress:
		i.progress(progressFields(text))
	}
	return ""
}

// progressField is one numbered field of a message about progress: "1: 0 2: 1150 3: 0 4: 0".
var progressField = regexp.MustCompile(`([1-4]): ?(-?[0-9]+)`)

// progressFields reads the fields of a message; fields[0] is number 1.
func progressFields(text string) (fields [4]int64) {
	for _, m := range progressField.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseInt(m[2], 10, 64)
		if err == nil {
			fields[m[1][0]-'1'] = n
		}
	}
	return fields
}

// The kinds of messages about progress, by their first field:
// https://learn.microsoft.com/windows/win32/msi/parsing-windows-installer-messages
const (
	progressReset = iota // field 2: ticks in all; 3: 1 when it goes backward; 4: 1 when it is only planned
	progressStep         // field 2: ticks for each message about data, where field 3 is 1
	progressMove         // field 2: ticks that were done
	progressAdd          // field 2: ticks more in all
)

// progress takes a message about progress.
func (i *installerSays) progress(f [4]int64) {
	switch f[0] {
	case progressReset:
		i.total, i.done, i.step = max(0, f[1]), 0, 0
		i.back = i.back || f[2] == 1
		i.planning = f[3] == 1
	case progressStep:
		i.step = 0
		if f[2] == 1 {
			i.step = max(0, f[1])
		}
	case progressMove:
		i.tick(f[1])
	case progressAdd:
		i.total += max(0, f[1])
	}
}

// tick counts ticks that were done.
func (i *installerSays) tick(n int64) {
	if i.total <= 0 || n <= 0 {
		return
	}
	i.done = min(i.total, i.done+n)
	if !i.planning && !i.back {
		i.percent = max(i.percent, int(i.done*100/i.total))
	}
}

// actionStart is "Action 10:03:35: InstallFiles. Copying new files", the first word in the system's language.
var actionStart = regexp.MustCompile(`^\S+ \d{1,2}:\d{2}:\d{2}: ([A-Za-z0-9_.-]+)\. ?(.*)$`)

// actionOf gives what an action says of itself, in the system's language, or else its name.
func actionOf(text string) string {
	m := actionStart.FindStringSubmatch(strings.Join(strings.Fields(text), " "))
	switch {
	case m == nil:
		return ""
	case m[2] != "":
		return m[1] + ": " + m[2]
	}
	return m[1]
}

// isAgentName tells whether a program in the list of those that are installed, or a package, is the agent.
func isAgentName(name string) bool {
	return strings.Contains(strings.ToLower(name), "jumpcloud agent")
}

// serviceWord is a state of a service as the service manager names it, with the code that it ended with.
// https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-service_status_process
func serviceWord(state, exit uint32) string {
	words := []string{"", "stopped", "start-pending", "stop-pending", "running", "continue-pending", "pause-pending", "paused"}
	word := "unknown"
	if int(state) < len(words) && state > 0 {
		word = words[state]
	}
	if state == 1 && exit != 0 {
		return fmt.Sprintf("%s/%d", word, exit)
	}
	return word
}
