//go:build qa

package platform

// Sandbox tells whether this is a test build, which may install below a folder instead of into the system.
const Sandbox = true

// sandboxVariable is the environment variable by which the stub's script learns of the folder.
var sandboxVariable = "STUB_ROOT"
