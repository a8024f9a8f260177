//go:build !windows

package platform

import "io/fs"

// private tells whether a folder is open to its owner alone.
func private(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }
