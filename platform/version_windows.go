package platform

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/host"
)

// systemVersion is the version of Windows.
func systemVersion(ctx context.Context) (string, error) {
	_, _, version, err := host.PlatformInformationWithContext(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the system's version: %w", err)
	}
	return version, nil
}
