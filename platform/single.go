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
// first=false and should end; err is set when the first could not be told. dir must exist and belong to this user
// alone. What a crash left behind does not count.
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
	unlock, err := lockFile(filepath.Join(dir, "window.lock"))
	if errors.Is(err, ErrBusy) {
		return func() {}, false, dialSingle(address)
	}
	if err != nil {
		return nil, false, fmt.Errorf("looking for a running window: %w", err)
	}
	// The lock is ours, so whoever made a socket here is gone.
	if err := os.Remove(address); err != nil && !errors.Is(err, os.ErrNotExist) {
		unlock()
		return nil, false, fmt.Errorf("removing a stale socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
	if err != nil {
		unlock()
		return nil, false, fmt.Errorf("listening for other windows: %w", err)
	}
	stop := serveSingle(l, onSecond)
	return sync.OnceFunc(func() { stop(); unlock() }), true, nil
}

// dialSingle tells the window that runs to come forward. It holds the lock a moment before it listens.
func dialSingle(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("telling the running window: %w", err)
		}
	}
}

// serveSingle answers other starts until the result is called.
func serveSingle(l *net.UnixListener, onSecond func()) (stop func()) {
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
	return func() { _ = l.Close() }
}
