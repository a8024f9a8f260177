package steps

import (
	"os"

	"example.com/enrollment-assistant/assets"
)

// unprotected says that no source is: who may write a file is in its access control list, which is not read yet, and
// what is not known is not trusted.
func unprotected(*os.File, string) string { return assets.Text("note.profile.windows") }

// unprotectedUnopened is the same before the file is opened.
func unprotectedUnopened(string) string { return assets.Text("note.profile.windows") }
