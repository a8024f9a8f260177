//go:build !windows

package platform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// mendLeftovers removes what identifies the device of an agent that is gone. An agent that is there keeps its own.
func (s *session) mendLeftovers(ctx context.Context) error {
	state, err := s.system.agentState(ctx)
	if err != nil {
		return fmt.Errorf("reading the agent's state: %w", err)
	}
	if state.Installed || state.Service.Running {
		s.log.Warn("an agent is there, so nothing of it is removed")
		return nil
	}
	for _, path := range AgentIdentity(runtime.GOOS) {
		if err := os.Remove(filepath.Join("/", s.root, path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing what an earlier agent left: %w", err)
		}
	}
	return nil
}

// mendProxy writes the agent's proxy file, whole or not at all. It may hold a password, so only root can read it.
func (s *session) mendProxy() error {
	text := []byte(s.trusted.AgentProxy.Reveal())
	if len(text) == 0 {
		return &JobError{JobUntrusted, PhaseMend, "no protected profile says what the agent's proxy file is to hold"}
	}
	path := filepath.Join("/", s.root, AgentProxyFile)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // /etc is for all to read; it is missing in a sandbox alone
		return err
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".jcagent-proxy-*")) // of a run that died here
	if err != nil {
		return err
	}
	for _, old := range left {
		if err := os.Remove(old); err != nil {
			return fmt.Errorf("removing what an earlier run left: %w", err)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".jcagent-proxy-") // 0600
	if err != nil {
		return fmt.Errorf("writing the agent's proxy file: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the agent's proxy file: %w", err), os.Remove(f.Name()))
	}
	return nil
}
