// Package assets holds the bytes that the programs carry: translations, the profile's schema, page and mail
// templates, packaging files, the icon. It reads nothing else and knows no toolkit.
package assets

import "embed"

// Files are what every program carries, by their path below assets/.
//
//go:embed translations icon.png profile.schema.json
var Files embed.FS

// Stub are the stub server's pages, scripts and packaging files, by their path below assets/. The assistant does not
// name it, so that none of it is linked into the assistant.
//
//go:embed web kickstart.sh agentInstall.sh agent seed.schema.json report.schema.json
var Stub embed.FS

// Notices are the licences of everything that is linked into the programs.
//
//go:embed notices.txt
var Notices string
