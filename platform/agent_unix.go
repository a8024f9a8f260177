//go:build !windows

package platform

import (
	"errors"
	"io/fs"
	"os"
)

// Where the vendor's agent keeps its things on Linux and macOS, below the root.
const (
	agentFolder    = unixAgentFolder
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

// receivedEnding is how the name of the package ends that the elevated side received.
const receivedEnding = ".package"

// hasCertificate tells whether the agent's certificate was signed.
func hasCertificate(root, _ string) (bool, error) {
	cert, err := os.Stat(below(root, agentCert))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && cert.Size() > 0, err
}
