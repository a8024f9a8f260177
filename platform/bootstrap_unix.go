//go:build !windows

package platform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
)

// writeBootstrap puts the key where the agent looks for it at its first start: the vendor's contract. An agent that
// is registered keeps its identity and needs none.
func (s *session) writeBootstrap() error {
	var state AgentState
	if err := addDeep(&state, s.root); err != nil {
		return fmt.Errorf("reading the agent's state: %w", err)
	}
	if state.SystemKey != "" && state.Certificate {
		return nil
	}
	s.report(Report{Phase: PhaseBootstrap})
	if err := s.removeBrokenConf(); err != nil {
		return err
	}
	content, err := s.bootstrap()
	if err != nil {
		return err
	}
	folder := below(s.root, agentFolder)
	if err := privateFolder(folder); err != nil {
		return fmt.Errorf("making the agent's folder: %w", err)
	}
	if err := s.removeBootstrap(); err != nil {
		return err
	}
	// O_EXCL makes it ours, with its mode from the first byte on.
	f, err := os.OpenFile(below(s.root, agentBootstrap), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing the bootstrap file: %w", err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing the bootstrap file: %w", err), s.removeBootstrap())
	}
	return nil
}

// removeBrokenConf removes a configuration that the agent could not read, and would not go on from. The certificate,
// which makes this computer the device that it is, stays.
func (s *session) removeBrokenConf() error {
	path := below(s.root, agentConf)
	text, err := readEnd(path)
	if err != nil {
		return fmt.Errorf("reading the agent's configuration: %w", err)
	}
	if !exists(path) || json.Valid(text) || parseSystemKey(text) != "" || len(text) == maxAgentFile {
		return nil
	}
	s.log.Info("removing a configuration that cannot be read")
	return os.Remove(path)
}

// bootstrap gives the content of the bootstrap file: a tenant key's payload as it is, else the vendor's form with the
// port spelled out, as in https://github.com/TheJumpCloud/support/blob/master/scripts/macos/install_agent_and_serviceaccount.sh
func (s *session) bootstrap() ([]byte, error) {
	if tenantKey.MatchString(s.job.Key) {
		raw, err := checkPayload(s.job.Key, s.trusted)
		if err != nil {
			return nil, &JobError{JobUntrusted, PhaseBootstrap, err.Error()}
		}
		return raw, nil
	}
	return json.Marshal(payload{
		PublicKickstartURL: withPort(s.job.KickstartURL), PrivateKickstartURL: withPort(s.job.PrivateKickstartURL), ConnectKey: s.job.Key,
	})
}

// withPort gives a base URL that was checked with its port.
func withPort(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "https://" + host + ":" + port(u)
}

// removeBootstrap takes the key off the disk.
func (s *session) removeBootstrap() error {
	err := os.Remove(below(s.root, agentBootstrap))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the bootstrap file: %w", err)
	}
	return nil
}
