//go:build !darwin

package platform

import "context"

// ownSide gives what the elevated side does in this system's way.
func ownSide(s *session) systemSide { return s }

// tidy has nothing to remove: what a run that was killed leaves is a copy of the package, which the next one removes.
func (s *session) tidy(bool) error { return nil }

func (s *session) agentState(ctx context.Context) (AgentState, error) {
	return shallowState(ctx, s.root)
}

func (s *session) checkPackage(ctx context.Context, p *Package) error {
	return s.trusted.CheckPackage(ctx, p)
}

// awaitAccess waits for nothing: only macOS keeps something back from the agent.
func (s *session) awaitAccess(context.Context) error { return nil }

// suffix is how the file that receives the package ends.
func (s *session) suffix() string { return receivedEnding }
