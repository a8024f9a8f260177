package platform

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// This file finds out whether anybody can be asked for administrator rights.

// dialogProgram names the program of this user that shows polkit's dialog, "" when none is known to run. polkit itself
// tells nobody which agents have registered.
func (t tree) dialogProgram(uid int) string {
	for _, name := range t.names("/proc") {
		if _, err := strconv.Atoi(name); err != nil {
			continue
		}
		info, err := os.Stat(t.path(filepath.Join("/proc", name)))
		if err != nil || owner(info) != uid {
			continue
		}
		if comm := t.line(filepath.Join("/proc", name, "comm")); isDialogProgram(comm) {
			return printable(comm)
		}
	}
	return ""
}

// asking tells whether consent can be asked for in the way that it will be. granted asks polkit.
func (t tree) asking(o Options, euid int, tty bool, granted func() bool) Asking {
	a := Asking{Consent: o.Consent}
	if a.Consent == "" {
		a.Consent = ConsentDialog
	}
	answer := func(can Answer, why AskReason) Asking {
		a.Can, a.Why = can, why
		return a
	}
	switch {
	case euid == 0 || o.Root != "":
		return answer(Yes, AskRoot)
	case a.Consent == ConsentSilent && granted():
		return answer(Yes, AskGranted)
	case a.Consent == ConsentSilent:
		return answer(Unknown, AskSilent)
	case a.Consent == ConsentTerminal:
		return answer(t.terminalAsking(tty))
	}
	can, why, agent := t.dialogAsking(euid, tty)
	a.Agent = agent
	return answer(can, why)
}

// terminalAsking is for sudo.
func (t tree) terminalAsking(tty bool) (Answer, AskReason) {
	switch {
	case !t.has("sudo"):
		return No, AskNoSudo
	case !tty:
		return No, AskNoTTY
	}
	return Yes, AskTerminal
}

// dialogAsking is for pkexec, which has an agent of its own for terminals.
func (t tree) dialogAsking(euid int, tty bool) (can Answer, why AskReason, agent string) {
	switch {
	case !t.has("pkexec"):
		return No, AskNoPkexec, ""
	case !t.exists("/run/dbus/system_bus_socket"):
		return No, AskNoPolkit, ""
	}
	if agent := t.dialogProgram(euid); agent != "" {
		return Yes, AskAgent, agent
	}
	if tty {
		return Yes, AskTerminal, ""
	}
	return Unknown, AskNoAgent, ""
}

// hasTerminal tells whether this process has a terminal to ask in.
func hasTerminal() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	_ = tty.Close()
	return true
}
