//go:build !qa

package platform

// Sandbox tells whether this is a test build, which may install below a folder instead of into the system. This is a
// release build: it refuses a Job with a Root, and Options.Root is ignored.
const Sandbox = false

// sandboxVariable has no name here, so that a release build does not even hold it; tests give it one.
var sandboxVariable string
