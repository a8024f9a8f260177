package platform

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// maxSocketPath is how long the path of a unix socket may be on every system: sun_path has 104 bytes on macOS, 108 on
// Linux and Windows.
const maxSocketPath = 100

// Single makes sure that one window runs per user. The first caller gets first=true and release, and onSecond is
// called, on a goroutine of its own, each time another start calls Single with the same dir; that start gets
// first=false and should end. dir must exist and belong to this user alone. A socket that a crash left behind is
// taken over.
func Single(dir string, onSecond func()) (release func(), first bool, err error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, false, fmt.Errorf("looking for a running window: %w", err)
	}
	if !info.IsDir() || !private(info) {
		return nil, false, errors.New("looking for a running window: the state folder is open to others")
	}
	address := filepath.Join(dir, "window.sock")
	if len(address) > maxSocketPath {
		return nil, false, errors.New("looking for a running window: the state folder's path is too long")
	}
	// Of two starts at once one may find the other's socket before it listens; the second round finds it listening.
	for range 3 {
		l, listening := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
		if listening == nil {
			return serveSingle(l, onSecond), true, nil
		}
		err = listening
		conn, dialing := dialSingle(address)
		if dialing == nil {
			return func() {}, false, conn.Close()
		}
		if stale, removing := removeStale(dir, address); removing != nil {
			return nil, false, fmt.Errorf("removing a stale socket: %w", removing)
		} else if !stale {
			break
		}
	}
	return nil, false, fmt.Errorf("listening for other windows: %w", err)
}

// dialSingle connects to a window that runs.
func dialSingle(address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var d net.Dialer
	return d.DialContext(ctx, "unix", address)
}

// removeStale removes a socket that nobody listens on. Removing is exclusive, or of two starts the slower would
// remove the quicker one's new socket.
func removeStale(dir, address string) (bool, error) {
	claim := filepath.Join(dir, "window.claim")
	if info, err := os.Stat(claim); err == nil && time.Since(info.ModTime()) > 10*time.Second {
		_ = os.Remove(claim) // left by a crash
	}
	f, err := os.OpenFile(claim, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return true, nil // another start is at it
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(claim) }()
	_ = f.Close()
	if conn, err := dialSingle(address); err == nil {
		return true, conn.Close()
	}
	if err := os.Remove(address); err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return true, nil
}

// serveSingle answers other starts until the result is called.
func serveSingle(l *net.UnixListener, onSecond func()) (release func()) {
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
			go onSecond()
		}
	}()
	return sync.OnceFunc(func() { _ = l.Close() })
}
