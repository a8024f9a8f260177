package platform

import (
	"errors"
	"time"
)

// What belongs to the script way, and to a bootstrap file, is not for Windows: the package gets the key as a property.

func (s *session) runCommand(Phase, time.Duration, []byte, string, ...string) ([]string, error) {
	return nil, errors.ErrUnsupported
}
func (s *session) writeBootstrap() error  { return nil }
func (s *session) removeBootstrap() error { return nil }
