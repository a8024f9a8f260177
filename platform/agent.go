package platform

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// maxAgentFile bounds what is read of the agent's files, in bytes. The log is read from its end.
const maxAgentFile = 256 << 10

// addDeep reads what only an administrator can: the agent's folder is 0700. A file that is not there yet leaves its
// fields empty.
func addDeep(s *AgentState, root string) error {
	s.Deep = true
	conf, err := readEnd(below(root, agentConf))
	if err != nil {
		return err
	}
	s.SystemKey = parseSystemKey(conf)
	if s.Certificate, err = hasCertificate(root, s.SystemKey); err != nil {
		return err
	}
	users, err := readEnd(below(root, agentUsers))
	if err != nil {
		return err
	}
	s.ManagedUsers = parseManagedUsers(users)
	log, err := readEnd(below(root, agentLog))
	if err != nil {
		return err
	}
	s.LastContact, s.ContactLost = parseContact(string(log), time.Local)
	return nil
}

// below gives the place of a path in a sandbox; root is empty where there is none.
func below(root, path string) string {
	if root == "" {
		return path
	}
	return filepath.Join(root, path)
}

// readEnd reads the last maxAgentFile bytes of a file; a file that does not exist is empty.
func readEnd(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(-maxAgentFile, io.SeekEnd); err != nil {
		// Seeking before the start fails: the file is shorter, and is read whole.
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(io.LimitReader(f, maxAgentFile))
}
