package platform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// linuxAttempts gives the ways of starting the elevated side that the consent allows.
func linuxAttempts(o Options, euid int) ([]attempt, error) {
	program := []string{o.Program, "elevated"}
	if euid == 0 || o.Root != "" {
		return []attempt{{path: o.Program, args: program[1:], env: []string{"PATH=" + safePath}, explain: explainOwn}}, nil
	}
	sudo := attempt{path: command("sudo"), args: append([]string{"--"}, program...), env: os.Environ(), tty: true, echo: os.Stderr, explain: explainSudo}
	pkexec := attempt{path: command("pkexec"), args: program, env: pkexecEnv(os.Environ()), tty: true, explain: explainPkexec}
	var attempts []attempt
	switch o.Consent {
	case ConsentTerminal:
		if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err != nil {
			return nil, ErrNoConsent // sudo would have nowhere to ask
		} else {
			_ = tty.Close()
		}
		attempts = []attempt{sudo}
	case ConsentSilent:
		sudo.args = append([]string{"-n"}, sudo.args...)
		sudo.tty, sudo.echo, sudo.explain = false, nil, explainSilent
		attempts = []attempt{sudo}
		if granted(o.Program) {
			pkexec.args = append([]string{"--disable-internal-agent"}, pkexec.args...)
			pkexec.tty = false
			attempts = append(attempts, pkexec)
		}
	default:
		attempts = []attempt{pkexec}
	}
	var there []attempt
	for _, a := range attempts {
		if a.path != "" {
			there = append(there, a)
		}
	}
	return there, nil
}

// pkexecEnv leaves out SHELL: pkexec refuses to start when it is not in /etc/shells, and needs none.
func pkexecEnv(env []string) []string {
	var kept []string
	for _, v := range env {
		if !strings.HasPrefix(v, "SHELL=") {
			kept = append(kept, v)
		}
	}
	return kept
}

// explainPkexec reads pkexec's exit code: 126 is a dialog that was dismissed. 127 is everything else, mostly that
// there is no agent to ask; a wrong password too, which only its untranslated message tells apart. See pkexec(1).
func explainPkexec(code int, stderr string) error {
	switch {
	case code == 126 || code == 127 && strings.Contains(stderr, "Not authorized"):
		return ErrDenied
	case code == 127:
		return ErrNoConsent
	default:
		return explainOwn(code, stderr)
	}
}

// pkexecAction is polkit's action for programs that have none of their own.
const pkexecAction = "org.freedesktop.policykit.exec"

// granted asks polkit whether pkexec would run program without asking anybody.
// https://www.freedesktop.org/software/polkit/docs/latest/eggdbus-interface-org.freedesktop.PolicyKit1.Authority.html
func granted(program string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	authority := conn.Object("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority")
	started, err := startTime(os.Getpid())
	if err != nil {
		return false
	}
	subject := struct {
		Kind    string
		Details map[string]dbus.Variant
	}{"unix-process", map[string]dbus.Variant{
		"pid": dbus.MakeVariant(uint32(os.Getpid())), "start-time": dbus.MakeVariant(started), "uid": dbus.MakeVariant(int32(os.Getuid())),
	}}
	var result struct {
		Authorized, Challenge bool
		Details               map[string]string
	}
	const noFlags = uint32(0) // not "allow user interaction"
	err = authority.CallWithContext(ctx, "org.freedesktop.PolicyKit1.Authority.CheckAuthorization", 0,
		subject, actionFor(ctx, authority, program), map[string]string{}, noFlags, "").Store(&result)
	return err == nil && result.Authorized
}

// actionFor gives the action that pkexec checks for program: one whose policy names its path, else the general one.
func actionFor(ctx context.Context, authority dbus.BusObject, program string) string {
	var actions []struct {
		ID, Description, Message, Vendor, VendorURL, Icon string
		Any, Inactive, Active                             uint32
		Annotations                                       map[string]string
	}
	err := authority.CallWithContext(ctx, "org.freedesktop.PolicyKit1.Authority.EnumerateActions", 0, "").Store(&actions)
	if err != nil {
		return pkexecAction
	}
	for _, a := range actions {
		if a.Annotations["org.freedesktop.policykit.exec.path"] == program {
			return a.ID
		}
	}
	return pkexecAction
}

// startTime reads when a process started, in clock ticks since boot: field 22 of proc_pid_stat(5).
func startTime(pid int) (uint64, error) {
	stat := readText(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(stat[max(0, strings.LastIndexByte(stat, ')')):])
	if len(fields) < 21 {
		return 0, errors.New("the process has no start time")
	}
	var t uint64
	_, err := fmt.Sscan(fields[20], &t)
	return t, err
}
