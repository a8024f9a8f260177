//go:build !linux

package platform

// inBackground does nothing where the system itself prefers the window that a person works with, as Windows and macOS
// do: https://learn.microsoft.com/windows/win32/procthread/priority-boosts
func inBackground() {}
