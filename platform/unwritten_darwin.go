package platform

import (
	"context"
	"errors"
	"net"
	"time"
)

// This file holds what the two sides of elevated work need of an operating system and what is written for Linux
// alone so far. Host.Elevate is nil elsewhere and ServeElevated refuses at its first step, so nothing here does
// anything.

// child is a running attempt.
type child struct {
	ended  chan struct{}
	code   int
	stderr tail
}

func (c *child) kill()               {}
func (c *child) await(time.Duration) {}

func (s *session) keepAwake(context.Context) func() { return func() {} }
func (s *session) mend(context.Context) error       { return nil }
func (s *session) installFile(string) error         { return errors.ErrUnsupported }
func (s *session) startAgent(context.Context) error { return errors.ErrUnsupported }
func (s *session) runCommand(Phase, time.Duration, []byte, string, ...string) ([]string, error) {
	return nil, errors.ErrUnsupported
}

func (a attempt) launch(string) (*child, error)      { return nil, errors.ErrUnsupported }
func peerUID(net.Conn) (int, error)                  { return 0, errors.ErrUnsupported }
func askerUID(func(string) string, int) (int, error) { return 0, errors.ErrUnsupported }
func dialAsker(string, int) (net.Conn, error)        { return nil, errors.ErrUnsupported }
func checkProgram(string, int, bool) error           { return errors.ErrUnsupported }
func cleanProcess() error                            { return errors.ErrUnsupported }
func privateFolder(string) error                     { return errors.ErrUnsupported }
func shallowState(context.Context, string) (AgentState, error) {
	return AgentState{}, errors.ErrUnsupported
}
