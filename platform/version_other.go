//go:build !linux

package platform

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/host"
)

// systemVersion is the version of macOS or Windows. On Linux gopsutil would start lsb_release for it, which takes longer
// than all else that is asked, and os-release says more.
func systemVersion(ctx context.Context) (string, error) {
	_, _, version, err := host.PlatformInformationWithContext(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the system's version: %w", err)
	}
	return version, nil
}
