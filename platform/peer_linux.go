package platform

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// peerUID gives the user at the other end of a unix socket: who connected, or who made the listening socket. The
// kernel noted it then; it cannot be forged. See SO_PEERCRED in unix(7).
func peerUID(conn net.Conn) (int, error) {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, errors.New("not a unix socket")
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) { cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil {
		return 0, err
	}
	if failed != nil {
		return 0, failed
	}
	return int(cred.Uid), nil
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

// dialAsker connects to the channel at address, which must be a socket in a folder that only asker can enter, with
// asker at its other end.
func dialAsker(address string, asker int) (net.Conn, error) {
	if !filepath.IsAbs(address) || filepath.Clean(address) != address {
		return nil, errors.New("the channel's address is not an absolute path")
	}
	folder, err := os.Lstat(filepath.Dir(address)) //nolint:gosec // its owner and mode are what is checked here
	if err != nil {
		return nil, fmt.Errorf("looking at the channel's folder: %w", err)
	}
	if !folder.IsDir() || folder.Mode().Perm()&0o077 != 0 || owner(folder) != asker {
		return nil, errors.New("the channel's folder is not the private one of the user who asked")
	}
	socket, err := os.Lstat(address) //nolint:gosec // as above
	if err != nil {
		return nil, fmt.Errorf("looking at the channel: %w", err)
	}
	if socket.Mode().Type() != fs.ModeSocket || owner(socket) != asker {
		return nil, errors.New("the channel is not a socket of the user who asked")
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: address, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("connecting to the channel: %w", err)
	}
	if uid, err := peerUID(conn); err != nil || uid != asker {
		_ = conn.Close()
		return nil, errors.New("the channel's other end is not the user who asked")
	}
	return conn, nil
}

// owner gives the user id that owns a file.
func owner(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Uid)
	}
	return -1
}

// checkProgram refuses a program that anyone but root and user could replace: it, and every folder above it, must
// belong to one of them and be writable by nobody else. A sticky folder such as /tmp counts as writable by others,
// since a name in it can be taken before the program gets there; only a sandbox allows it.
func checkProgram(path string, user int, sandbox bool) error {
	if !filepath.IsAbs(path) {
		return errors.New("the program's path is not absolute")
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("finding the program: %w", err)
	}
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Lstat(at)
		if err != nil {
			return fmt.Errorf("looking at the program: %w", err)
		}
		if o := owner(info); o != 0 && o != user {
			return fmt.Errorf("%s belongs to user %d", at, o)
		}
		mode := info.Mode()
		sticky := sandbox && mode&fs.ModeSticky != 0
		if mode.Perm()&0o002 != 0 && !sticky {
			return fmt.Errorf("%s can be written by everyone", at)
		}
		if mode.Perm()&0o020 != 0 && !sticky && !privateGroup(readText("/etc/passwd"), readText("/etc/group"), group(info), user) {
			return fmt.Errorf("%s can be written by a group", at)
		}
		if at == "/" {
			return nil
		}
	}
}

// group gives the group id of a file.
func group(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Gid)
	}
	return -1
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
