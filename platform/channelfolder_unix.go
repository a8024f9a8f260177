//go:build !windows

package platform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// channelPrefix begins the name of a channel's folder.
const channelPrefix = "enrollment-"

// channelFolder makes the fresh folder of a channel, 0700, and removes those that a crash left behind. A socket's path
// is at most 107 bytes long (unix(7)), so a long TMPDIR is not used.
func channelFolder() (dir string, remove func(), err error) {
	for _, parent := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir(), "/tmp"} {
		if parent == "" || len(parent) > 60 {
			continue
		}
		sweepChannels(parent)
		if dir, remove, err = makeChannelFolder(parent); err == nil {
			return dir, remove, nil
		}
	}
	return "", nil, err
}

// makeChannelFolder makes a folder that is locked as long as this process uses it: a lock ends with its process. One that
// somebody swept before it was locked is made anew.
func makeChannelFolder(parent string) (dir string, remove func(), err error) {
	for range 10 {
		if dir, err = os.MkdirTemp(parent, channelPrefix); err != nil {
			return "", nil, err
		}
		unlock, locked := lockFile(filepath.Join(dir, "lock"))
		if locked == nil {
			if _, err = os.Lstat(filepath.Join(dir, "lock")); err == nil { //nolint:gosec // the folder that was just made
				return dir, func() { _ = os.RemoveAll(dir); unlock() }, nil //nolint:gosec // as above
			}
			unlock()
			continue
		}
		if err = locked; !errors.Is(err, ErrBusy) && !errors.Is(err, fs.ErrNotExist) {
			return "", nil, errors.Join(err, os.RemoveAll(dir)) //nolint:gosec // as above
		}
	}
	return "", nil, err
}

// sweepChannels removes this user's folders that no process has locked.
func sweepChannels(parent string) {
	dirs, err := filepath.Glob(filepath.Join(parent, channelPrefix+"*"))
	if err != nil {
		return // only of a parent whose name is a pattern
	}
	for _, dir := range dirs {
		// Another user's cannot be removed, and cannot be taken for a link in its place.
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() || !private(info) || !own(info) { //nolint:gosec // this user's runtime folder
			continue
		}
		unlock, err := lockFile(filepath.Join(dir, "lock"))
		if err != nil {
			continue
		}
		_ = os.RemoveAll(dir) //nolint:gosec // as above; what is left of it is tried again at the next start
		unlock()
	}
}
