//go:build darwin && !cgo

package platform

import "context"

// verifyUser asks dscl, which is what a program without cgo can reach of OpenDirectory.
func verifyUser(ctx context.Context, name string, password Secret) error {
	return askDscl(ctx, toolDscl, name, password)
}
