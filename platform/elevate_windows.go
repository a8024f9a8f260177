package platform

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/windows"
)

// userID tells users of this computer apart: it is a security identifier, as text.
type userID = string

// ownUser gives the user of this process.
func ownUser() (userID, error) { return tokenUser(windows.GetCurrentProcessToken()) }

// hasRights tells whether this process has administrator rights: its token is that of an administrator, and not the
// reduced one that an administrator works with. https://learn.microsoft.com/windows/win32/secauthz/access-tokens
func hasRights() bool {
	administrators, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return false
	}
	in, err := windows.Token(0).IsMember(administrators) // true only where the group is switched on
	return err == nil && in
}

// listenChannel opens the private channel: a named pipe, which this user and administrators may open, and nobody over
// the network. It fails where a pipe of that name is there already.
// https://learn.microsoft.com/windows/win32/ipc/named-pipe-security-and-access-rights
func listenChannel(context.Context) (l net.Listener, address string, remove func(), err error) {
	me, err := ownUser()
	if err != nil {
		return nil, "", nil, fmt.Errorf("finding out who this is: %w", err)
	}
	address = pipePrefix + rand.Text()
	pipe, err := listenPipe(address, pipeAccess(me))
	if err != nil {
		return nil, "", nil, fmt.Errorf("opening the channel: %w", err)
	}
	return pipe, address, func() { _ = pipe.Close() }, nil
}

// admits tells whether the other end of conn is the elevated side: the very process that was started. One that is known
// to have no administrator rights is refused; a process without rights may not always ask that of one that has them.
func (e elevation) admits(conn net.Conn) bool {
	pipe, ok := conn.(*pipeConn)
	if !ok {
		return false
	}
	var pid uint32
	if err := windows.GetNamedPipeClientProcessId(pipe.handle, &pid); err != nil {
		return false
	}
	e.starting.mu.Lock()
	child := e.starting.child
	e.starting.mu.Unlock()
	return child != nil && child.is(pid)
}

// errOtherEnd is a channel whose other end is not the process that asked.
var errOtherEnd = errors.New("the channel's other end is not the process that asked")

// dialAsker connects to the channel at address. What listens there must be the process that asked for this one, and
// belong to asker.
func dialAsker(address string, asker userID) (net.Conn, error) {
	if !isPipe(address) {
		return nil, errors.New("the channel's address is not one")
	}
	conn, err := dialPipe(address)
	if err != nil {
		return nil, fmt.Errorf("connecting to the channel: %w", err)
	}
	if err := checkAsker(conn, asker); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// checkAsker refuses another end than the process that asked.
func checkAsker(conn *pipeConn, asker userID) error {
	var pid uint32
	if err := windows.GetNamedPipeServerProcessId(conn.handle, &pid); err != nil {
		return fmt.Errorf("asking who listens: %w", err)
	}
	parent, err := parentProcess()
	if err != nil {
		return err
	}
	if pid != parent {
		return errOtherEnd
	}
	if user, err := processUser(pid); err != nil || user != asker {
		return errOtherEnd
	}
	return nil
}

// whoAsked gives the user of the process that asked: Windows makes it the parent of what it starts for it with other
// rights, also where somebody else's name and password were typed.
func whoAsked() (userID, error) {
	parent, err := parentProcess()
	if err != nil {
		return "", err
	}
	return processUser(parent)
}

// parentProcess gives the number of the process that started this one. It must be older: else that one has ended, and
// another was given its number.
func parentProcess() (uint32, error) {
	pid := uint32(os.Getppid())
	theirs, err := startedAt(pid)
	if err != nil {
		return 0, fmt.Errorf("looking at the process that asked: %w", err)
	}
	ours, err := startedAt(uint32(os.Getpid()))
	if err != nil {
		return 0, err
	}
	if theirs > ours {
		return 0, errors.New("the process that asked has ended")
	}
	return pid, nil
}
