//go:build !windows

package steps

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"example.com/enrollment-assistant/assets"
)

// rootOnly is the owner of everything that only an administrator can write.
const rootOnly = 0

// unprotected tells why the open file at path, which holds no symbolic link, is not a protected source: it, or a
// folder above it, can be written by somebody else than root. Empty when it is protected. A folder that others may
// write is refused even with the sticky bit: a name in it that is free today is anybody's tomorrow. Access control
// lists of Linux show in the group's bits.
func unprotected(f *os.File, path string) string {
	info, err := f.Stat()
	if err != nil || !onlyRoot(info) {
		return assets.Text("note.profile.writable", "Path", path)
	}
	return unprotectedFolder(path)
}

// unprotectedUnopened is unprotected before the file is opened. Who may not write here cannot change what it says.
func unprotectedUnopened(path string) string {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || !onlyRoot(info) {
		return assets.Text("note.profile.writable", "Path", path)
	}
	return unprotectedFolder(path)
}

// unprotectedFolder tells it of the folders above path.
func unprotectedFolder(path string) string {
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		info, err := os.Lstat(folder)
		if err != nil || !info.IsDir() || !onlyRoot(info) {
			return assets.Text("note.profile.writable", "Path", folder)
		}
		if folder == filepath.Dir(folder) {
			return ""
		}
	}
}

// onlyRoot tells by owner and mode.
func onlyRoot(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == rootOnly && info.Mode().Perm()&0o022 == 0
}
