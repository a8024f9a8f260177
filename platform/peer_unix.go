//go:build !windows

package platform

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

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
		if mode.Perm()&0o020 != 0 && !sticky && !harmlessGroup(group(info), user) {
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

// peerControl runs a question about the other end of a unix socket on its descriptor.
func peerControl(conn net.Conn, ask func(fd int) error) error {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.New("not a unix socket")
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = ask(int(fd)) }); err != nil {
		return err
	}
	return failed
}
