//go:build !darwin

package platform

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/host"
	"github.com/shirou/gopsutil/v3/mem"
)

// measureSystem adds what every system tells in its own way.
func measureSystem(ctx context.Context, f *Facts) (err error) {
	if f.Arch, err = host.KernelArch(); err != nil {
		return fmt.Errorf("reading the processor's kind: %w", err)
	}
	memory, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return fmt.Errorf("measuring the memory: %w", err)
	}
	f.Memory = memory.Total
	return nil
}
