package platform

import (
	"context"
	"errors"
	"time"
)

// What belongs to the script way, and to a bootstrap file, is not for Windows: the package gets the key as a property.

func (s *session) runCommand(Phase, time.Duration, []byte, string, ...string) ([]string, error) {
	return nil, errors.ErrUnsupported
}
func (s *session) writeBootstrap() error  { return nil }
func (s *session) removeBootstrap() error { return nil }

// awaitCommand has nothing to do: Windows Installer does one install at a time, and is waited for.
func (s *session) awaitCommand(context.Context) error { return nil }

// undo has nothing to do: Windows Installer takes back what it could not finish.
// https://learn.microsoft.com/windows/win32/msi/rollback-installation
func (s *session) undo(_ context.Context, _ AgentState, failed error) error { return failed }
