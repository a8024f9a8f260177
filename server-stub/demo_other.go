//go:build !linux

package main

import (
	"errors"
	"fmt"
	"runtime"
)

func demoMain([]string) error {
	return fmt.Errorf("running the demo on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
