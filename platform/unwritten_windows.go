package platform

import (
	"context"
	"errors"
	"time"
)

// This file holds what the two sides of elevated work need of an operating system and what is written for Linux
// alone so far. Host.Elevate is nil elsewhere and ServeElevated refuses at its first step, so nothing here does
// anything.

func (s *session) keepAwake(context.Context) func() { return func() {} }
func (s *session) mend(context.Context) error       { return nil }
func (s *session) installFile(string) error         { return errors.ErrUnsupported }
func (s *session) startAgent(context.Context) error { return errors.ErrUnsupported }
func (s *session) runCommand(Phase, time.Duration, []byte, string, ...string) ([]string, error) {
	return nil, errors.ErrUnsupported
}

func cleanProcess() error        { return errors.ErrUnsupported }
func privateFolder(string) error { return errors.ErrUnsupported }
func shallowState(context.Context, string) (AgentState, error) {
	return AgentState{}, errors.ErrUnsupported
}
