package platform

import (
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

// peerUID gives the user at the other end of a unix socket: who connected, or who made the listening socket. The
// kernel noted it then; it cannot be forged. See LOCAL_PEERCRED in unix(4).
func peerUID(conn net.Conn) (uid int, err error) {
	err = peerControl(conn, func(fd int) error {
		cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
		if err == nil {
			uid = int(cred.Uid)
		}
		return err
	})
	return uid, err
}

// askerUID gives the user who asked for the elevation: sudo tells, osascript does not, and shows its dialog to the user
// at the console alone. What sudo's variable says is no more than a claim; dialAsker holds it against the channel.
func askerUID(getenv func(string) string, euid int) (int, error) {
	if euid != 0 {
		return euid, nil
	}
	if v := getenv("SUDO_UID"); v != "" {
		uid, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return 0, fmt.Errorf("reading SUDO_UID: %w", err)
		}
		return int(uid), nil
	}
	return consoleUser(), nil
}

// consoleUser gives the user who sits at the console, root when nobody does: the login window gives /dev/console to
// whoever signs in. See https://developer.apple.com/library/archive/qa/qa1133/
func consoleUser() int {
	var at unix.Stat_t
	if unix.Stat("/dev/console", &at) != nil {
		return 0
	}
	return int(at.Uid)
}

// The groups that /Applications and the folders of the system belong to. Whoever is in them is an administrator, and
// becomes root without us.
const (
	groupWheel = 0
	groupAdmin = 80
)

// harmlessGroup tells whether a group may write to the program.
func harmlessGroup(gid, _ int) bool { return gid == groupWheel || gid == groupAdmin }
