package platform

import "io/fs"

// private takes any folder: the user's profile is closed to others by its own access list, which modes do not show.
func private(fs.FileInfo) bool { return true }
