//go:build !windows

package platform

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// userID tells users of this computer apart.
type userID = int

// ownUser gives the user of this process.
func ownUser() (userID, error) { return os.Getuid(), nil }

// whoAsked gives the user who asked for the elevation.
func whoAsked() (userID, error) { return askerUID(os.Getenv, os.Geteuid()) }

// hasRights tells whether this process has administrator rights.
func hasRights() bool { return os.Geteuid() == 0 }

// listenChannel opens the private channel: a socket in a fresh folder of this user's. remove closes and removes both.
func listenChannel(ctx context.Context) (l net.Listener, address string, remove func(), err error) {
	dir, removeFolder, err := channelFolder()
	if err != nil {
		return nil, "", nil, fmt.Errorf("making the channel's folder: %w", err)
	}
	address = filepath.Join(dir, "channel")
	var config net.ListenConfig
	l, err = config.Listen(ctx, "unix", address)
	if err != nil {
		removeFolder()
		return nil, "", nil, fmt.Errorf("opening the channel: %w", err)
	}
	return l, address, func() {
		_ = l.Close()
		removeFolder()
	}, nil
}

// admits tells whether the other end of conn is the elevated side: it is root, or in a sandbox this user.
func (e elevation) admits(conn net.Conn) bool {
	uid, err := peerUID(conn)
	ours := e.sandbox && e.options.Root != "" && uid == os.Getuid()
	return err == nil && (uid == 0 || ours)
}
