//go:build !windows

package platform

// readMSI reads nothing: only Windows can.
func readMSI(string) (packageInfo, error) { return packageInfo{}, nil }
