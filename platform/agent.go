package platform

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Where the vendor's agent keeps its things on Linux and macOS, below the root.
const (
	agentFolder    = "/opt/jc"
	agentBinary    = agentFolder + "/bin/jumpcloud-agent"
	agentConf      = agentFolder + "/jcagent.conf"
	agentCert      = agentFolder + "/client.crt"
	agentBootstrap = agentFolder + "/agentBootstrap.json"
	agentUsers     = agentFolder + "/managedUsers.json"
	agentVersion   = agentFolder + "/version.txt"
	agentLog       = "/var/log/jcagent.log"
	agentPID       = "/var/run/jcagent.pid"
	agentService   = "jcagent"
)

// maxAgentFile bounds what is read of the agent's files, in bytes. The log is read from its end.
const maxAgentFile = 256 << 10

// addDeep reads what only an administrator can: the agent's folder is 0700. A file that is not there yet leaves its
// fields empty.
func addDeep(s *AgentState, root string) error {
	s.Deep = true
	conf, err := readEnd(filepath.Join(root, agentConf))
	if err != nil {
		return err
	}
	s.SystemKey = parseSystemKey(conf)
	cert, err := os.Stat(filepath.Join(root, agentCert))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.Certificate = err == nil && cert.Size() > 0
	users, err := readEnd(filepath.Join(root, agentUsers))
	if err != nil {
		return err
	}
	s.ManagedUsers = parseManagedUsers(users)
	log, err := readEnd(filepath.Join(root, agentLog))
	if err != nil {
		return err
	}
	s.LastContact, s.ContactLost = parseContact(string(log), time.Local)
	return nil
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
