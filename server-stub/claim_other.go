//go:build !linux && !windows

package main

import (
	"errors"
	"fmt"
	"runtime"
)

// machine is what uname -m would say.
func machine() string { return runtime.GOARCH }

// claim refuses: the agent's folders and service are those of Linux.
func claim(place) (release func(), err error) {
	return nil, fmt.Errorf("running the agent on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
