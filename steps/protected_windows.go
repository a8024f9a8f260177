package steps

import (
	"os"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// unprotected tells why the open file at path is not a protected source: it, or a folder above it, can be changed by
// somebody who is no administrator. Empty when it is protected.
func unprotected(f *os.File, path string) string {
	if err := platform.CheckOnlyAdministrators(path, f); err != nil {
		return assets.Text("note.profile.changeable", "Path", path)
	}
	return ""
}

// unprotectedUnopened is the same before the file is opened. Who may not write here cannot change what it says.
func unprotectedUnopened(path string) string { return unprotected(nil, path) }
