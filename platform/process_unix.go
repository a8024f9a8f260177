//go:build !windows

package platform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// cleanProcess forgets what came from the user's side with the elevation.
func cleanProcess() error {
	os.Clearenv()
	if err := os.Setenv("PATH", safePath); err != nil {
		return err
	}
	syscall.Umask(0o022) // what the vendor's programs expect
	return os.Chdir("/")
}

// privateFolder makes a folder that only this process's user can enter, or makes sure that the one there is.
func privateFolder(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // the folders above are the system's, for all to read
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() || owner(info) != os.Geteuid() {
		return fmt.Errorf("%s is not a folder of user %d", path, os.Geteuid())
	}
	if info.Mode().Perm() != 0o700 {
		return os.Chmod(path, 0o700) //nolint:gosec // a folder needs the x
	}
	return nil
}
