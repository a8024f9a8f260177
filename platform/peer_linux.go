package platform

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// peerUID gives the user at the other end of a unix socket: who connected, or who made the listening socket. The
// kernel noted it then; it cannot be forged. See SO_PEERCRED in unix(7).
func peerUID(conn net.Conn) (uid int, err error) {
	err = peerControl(conn, func(fd int) error {
		cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err == nil {
			uid = int(cred.Uid)
		}
		return err
	})
	return uid, err
}

// askerUID gives the user who asked for the elevation, as pkexec and sudo tell. Neither lets the user set the other's
// variable, as both clear the environment. Without one of them root itself asked, or nobody was elevated.
func askerUID(getenv func(string) string, euid int) (int, error) {
	for _, name := range []string{"PKEXEC_UID", "SUDO_UID"} {
		if v := getenv(name); v != "" && euid == 0 {
			uid, err := strconv.ParseUint(v, 10, 31)
			if err != nil {
				return 0, fmt.Errorf("reading %s: %w", name, err)
			}
			return int(uid), nil
		}
	}
	return euid, nil
}

// harmlessGroup tells whether a group may write to the program: there is nobody in it but root and user.
func harmlessGroup(gid, user int) bool {
	return privateGroup(readText("/etc/passwd"), readText("/etc/group"), gid, user)
}

// privateGroup tells whether a group has nobody in it but root and user, as the group that many systems make for each
// account, and whose members may write by their umask.
func privateGroup(passwd, groups string, gid, user int) bool {
	allowed := []string{"root"}
	for _, a := range parsePasswd(passwd) {
		if a.uid == user {
			allowed = append(allowed, a.name)
		} else if a.gid == gid && a.uid != 0 {
			return false
		}
	}
	for _, g := range parseGroup(groups) {
		if g.gid != gid {
			continue
		}
		return !slices.ContainsFunc(g.members, func(m string) bool { return !slices.Contains(allowed, strings.TrimSpace(m)) })
	}
	// A group that is not in the file is a directory service's, whose members are unknown.
	return false
}
