package platform

import (
	"context"
	"os"
)

// A command of a run that was killed is not waited for here: macOS' installer does one install at a time.
func (s *session) noteCommand(int) (ended func())     { return func() {} }
func (s *session) awaitCommand(context.Context) error { return nil }

// lastingPipe gives a pipe. That macOS' installer ends when its reader is gone is not known.
func lastingPipe() (r, w *os.File, err error) { return os.Pipe() }

// roomFor leaves a pipe as it is: no script is run on a Mac.
func roomFor(*os.File, int) error { return nil }

// undo leaves to macOS' installer what it could not finish: a package has no way back there.
func (s *session) undo(_ context.Context, _ AgentState, failed error) error { return failed }
