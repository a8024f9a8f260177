// Command dismiss plays a desktop whose user presses Cancel in the dialog that asks for an administrator's password.
// It is the polkit agent of the session that it runs in, and runs the program that it is given.
//
// https://www.freedesktop.org/software/polkit/docs/latest/eggdbus-interface-org.freedesktop.PolicyKit1.AuthenticationAgent.html
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/godbus/dbus/v5"
)

const agentPath = "/org/freedesktop/PolicyKit1/AuthenticationAgent"

// subject is whom an agent answers for: (sa{sv}).
type subject struct {
	Kind    string
	Details map[string]dbus.Variant
}

// identity is who may be asked: (sa{sv}).
type identity struct {
	Kind    string
	Details map[string]dbus.Variant
}

// agent is the dialog.
type agent struct{}

// BeginAuthentication is the dialog being shown; its error is what a press on Cancel gives.
func (agent) BeginAuthentication(_, _, _ string, _ map[string]string, _ string, _ []identity) *dbus.Error {
	return dbus.NewError("org.freedesktop.PolicyKit1.Error.Cancelled", []any{"dismissed"})
}

// CancelAuthentication closes the dialog.
func (agent) CancelAuthentication(string) *dbus.Error { return nil }

func main() {
	if err := run(os.Args[1:]); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			os.Exit(exit.ExitCode())
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(125)
	}
}

// run becomes the session's agent, then runs the program.
func run(program []string) error {
	bus, err := dbus.ConnectSystemBus()
	if err != nil {
		return err
	}
	defer bus.Close()
	if err := bus.Export(agent{}, agentPath, "org.freedesktop.PolicyKit1.AuthenticationAgent"); err != nil {
		return err
	}
	session := subject{"unix-session", map[string]dbus.Variant{"session-id": dbus.MakeVariant(os.Getenv("XDG_SESSION_ID"))}}
	polkit := bus.Object("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority")
	call := polkit.Call("org.freedesktop.PolicyKit1.Authority.RegisterAuthenticationAgent", 0, session, "C.UTF-8", agentPath)
	if call.Err != nil {
		return fmt.Errorf("becoming the session's agent: %w", call.Err)
	}
	cmd := exec.Command(program[0], program[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
