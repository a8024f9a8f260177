// Package assets holds the bytes that the programs carry: translations, the profile's schema, page and mail
// templates, packaging files, the icon. It reads nothing else and knows no toolkit.
package assets

import "embed"

// Files are the embedded files, by their path below assets/.
//
//go:embed translations icon.png profile.schema.json web kickstart.sh agentInstall.sh agent
var Files embed.FS

// Notices are the licences of everything that is linked into the programs.
//
//go:embed notices.txt
var Notices string
